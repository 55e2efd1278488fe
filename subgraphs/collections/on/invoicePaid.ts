import { reaction } from '../../domain';
import { invoicePaid } from '../../invoices/events';
import { closeWhenSettled } from '../commands/closeWhenSettled';

/** Nothing may be left to collect: the case closes in the same transaction. */
export const onInvoicePaid = reaction(invoicePaid, (work, { data }) => closeWhenSettled(work, data));
