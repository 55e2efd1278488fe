import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { approvePostingDate } from './commands/approvePostingDate';
import { assignException } from './commands/assignException';
import { proposePostingDate } from './commands/proposePostingDate';
import { releasePostings } from './commands/releasePostings';
import { replayPostings } from './commands/replayPostings';
import { resolveException } from './commands/resolveException';
import { retryPosting } from './commands/retryPosting';
import { settlePostings } from './commands/settlePostings';
import { supersedePostings } from './commands/supersedePostings';
import {
  exceptionAssigned, exceptionRaised, exceptionResolved, postingDateProposed, postingPosted, postingRedated, postingRejected, postingReposted,
  postingRetried, postingSuperseded, replayStarted,
} from './events';
import { NEIGHBOURS, STUBS } from './neighbours';
import { onBillingFailed } from './on/billingFailed';
import { onBillingRecovered } from './on/billingRecovered';
import { onCreditMemoFinalized } from './on/creditMemoFinalized';
import { onInvoiceFinalized } from './on/invoiceFinalized';
import { onPaymentChanged } from './on/paymentChanged';
import { onPaymentUnmatched } from './on/paymentUnmatched';
import { onStatementConflict } from './on/statementConflict';
import { onUsageChanged } from './on/usageChanged';
import {
  ChangeResolver, CustomerStatusResolver, ExceptionResolver, OperationsResolver, POSTING_RESOLVERS, PostingResolver, SYNC_RESOLVERS, SyncStatusResolver,
} from './resolver';

export const operations: Domain = {
  name: 'operations',
  resolvers: [
    OperationsResolver, ChangeResolver, PostingResolver, ExceptionResolver, SyncStatusResolver, CustomerStatusResolver, ...SYNC_RESOLVERS, ...POSTING_RESOLVERS,
  ],
  orphanedTypes: NEIGHBOURS,
  references: {
    Posting: ({ id }, context) => byId(Posting, context, id),
    ExceptionItem: ({ id }, context) => byId(ExceptionItem, context, id),
    ...Object.fromEntries(Object.keys(STUBS).map((name) => [name, ({ id }: { id: string }) => ({ id })])),
  },
  commands: [retryPosting, replayPostings, proposePostingDate, approvePostingDate, assignException, resolveException, settlePostings, releasePostings],
  events: [
    postingPosted, postingRejected, postingRetried, postingSuperseded, postingReposted, replayStarted, postingDateProposed, postingRedated, exceptionRaised, exceptionAssigned,
    exceptionResolved,
  ],
  reactions: [onPaymentUnmatched, onPaymentChanged, onStatementConflict, onBillingFailed, onBillingRecovered, onUsageChanged, onInvoiceFinalized, onCreditMemoFinalized],
  queued: supersedePostings,
};
