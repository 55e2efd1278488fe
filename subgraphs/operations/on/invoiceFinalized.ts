import { reaction } from '../../domain';
import { invoiceFinalized } from '../../invoices/events';
import { finalizePostings } from '../commands/finalizePostings';

/** The other backends get an invoice as it is in the end. */
export const onInvoiceFinalized = reaction(invoiceFinalized, (work, { resource, data }) => finalizePostings(work, { id: resource.id, number: data.number, taxes: data.taxes, by: data.by }));
