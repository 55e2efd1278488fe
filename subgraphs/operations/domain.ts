import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { assignException } from './commands/assignException';
import { resolveException } from './commands/resolveException';
import { retryPosting } from './commands/retryPosting';
import { settlePostings } from './commands/settlePostings';
import { exceptionAssigned, exceptionRaised, exceptionResolved, postingPosted, postingRejected, postingRetried } from './events';
import { NEIGHBOURS, STUBS } from './neighbours';
import { onPaymentChanged } from './on/paymentChanged';
import { onPaymentUnmatched } from './on/paymentUnmatched';
import { onStatementConflict } from './on/statementConflict';
import {
  ChangeResolver, CustomerStatusResolver, ExceptionResolver, OperationsResolver, PostingResolver, SYNC_RESOLVERS, SyncStatusResolver,
} from './resolver';

export const operations: Domain = {
  name: 'operations',
  resolvers: [
    OperationsResolver, ChangeResolver, PostingResolver, ExceptionResolver, SyncStatusResolver, CustomerStatusResolver, ...SYNC_RESOLVERS,
  ],
  orphanedTypes: NEIGHBOURS,
  references: {
    Posting: ({ id }, context) => byId(Posting, context, id),
    ExceptionItem: ({ id }, context) => byId(ExceptionItem, context, id),
    ...Object.fromEntries(Object.keys(STUBS).map((name) => [name, ({ id }: { id: string }) => ({ id })])),
  },
  commands: [retryPosting, assignException, resolveException, settlePostings],
  events: [postingPosted, postingRejected, postingRetried, exceptionRaised, exceptionAssigned, exceptionResolved],
  reactions: [onPaymentUnmatched, onPaymentChanged, onStatementConflict],
};
