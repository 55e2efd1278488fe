import { reaction } from '../../domain';
import { invoiceCredited } from '../../invoices/events';
import { closeWhenSettled } from '../commands/closeWhenSettled';

/** Nothing may be left to collect: the case closes in the same transaction. */
export const onInvoiceCredited = reaction(invoiceCredited, (work, { data }) => closeWhenSettled(work, data));
