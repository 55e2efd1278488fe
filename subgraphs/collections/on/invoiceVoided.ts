import { reaction } from '../../domain';
import { invoiceVoided } from '../../invoices/events';
import { closeWhenSettled } from '../commands/closeWhenSettled';

/** Nothing may be left to collect: the case closes in the same transaction. */
export const onInvoiceVoided = reaction(invoiceVoided, (work, { data }) => closeWhenSettled(work, data));
