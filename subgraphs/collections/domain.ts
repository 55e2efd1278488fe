import { CollectionCase } from '../../entities/collections/CollectionCase';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { advanceCollectionCase } from './commands/advanceCollectionCase';
import { closeCollectionCase } from './commands/closeCollectionCase';
import { openCollectionCase } from './commands/openCollectionCase';
import { caseAdvanced, caseClosed, caseOpened } from './events';
import { NEIGHBOURS } from './neighbours';
import { onInvoiceCredited } from './on/invoiceCredited';
import { onInvoicePaid } from './on/invoicePaid';
import { onInvoiceVoided } from './on/invoiceVoided';
import { CollectionCaseResolver, CustomerCasesResolver } from './resolver';

export const collections: Domain = {
  name: 'collections',
  resolvers: [CollectionCaseResolver, CustomerCasesResolver],
  orphanedTypes: NEIGHBOURS,
  references: {
    CollectionCase: ({ id }, context) => byId(CollectionCase, context, id),
    Customer: ({ id }) => ({ id }),
  },
  commands: [openCollectionCase, advanceCollectionCase, closeCollectionCase],
  events: [caseOpened, caseAdvanced, caseClosed],
  reactions: [onInvoicePaid, onInvoiceVoided, onInvoiceCredited],
};
