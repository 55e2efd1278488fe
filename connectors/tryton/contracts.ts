import type { ContractCheckDocument, PostingDocument } from '../../sync/documents';
import type { Posted } from '../connector';
import { partyOf } from './customers';
import { ErpRejection } from './faults';
import type { Work } from './invoices';
import { revenueAccount } from './map';
import { periodOf, standard } from './periods';
import { date } from './values';

/**
 * Whether the company would take what a contract will bring: its customer is known, each line has a revenue account, and the day from
 * which invoices may come is in an open period or after the last one. Nothing is written, so asking again answers for now.
 */
export async function checkContract(work: Work, document: PostingDocument): Promise<Posted> {
  const { customerId, lines, invoicesFrom } = document.body as ContractCheckDocument;
  const { calls, books } = work;
  const party = await partyOf(calls, customerId);
  for (const line of lines) revenueAccount(books, line.revenueAccount);
  if (invoicesFrom !== null) await checkPeriod(work, invoicesFrom);
  return { outcome: 'POSTED', reference: `party.party,${party.id}` };
}

async function checkPeriod({ calls }: Work, day: string): Promise<void> {
  const period = await calls.first('account.period', periodOf(calls, day), ['id', 'state']);
  if (period?.state === 'open') return;
  const later = period ?? (await calls.first('account.period', [...standard(calls), ['start_date', '>', date(day)]]));
  if (later) throw new ErpRejection('ERP_START_CLOSED', `Tryton's period of ${day}, the first day of invoices, is closed or was never opened.`);
}
