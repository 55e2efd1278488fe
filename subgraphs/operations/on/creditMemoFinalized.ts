import { reaction } from '../../domain';
import { creditMemoFinalized } from '../../invoices/events';
import { finalizePostings } from '../commands/finalizePostings';

/** The other backends get a credit memo with its number. */
export const onCreditMemoFinalized = reaction(creditMemoFinalized, (work, { resource, data }) => finalizePostings(work, { id: resource.id, number: data.number, taxes: null, by: data.by }));
