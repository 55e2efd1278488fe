import { CreditMemo } from '../../../entities/invoices/CreditMemo';
import { Invoice } from '../../../entities/invoices/Invoice';
import type { Backend } from '../../../sync/documents';
import type { Work } from '../../work';
import { creditMemoFinalized, invoiceFinalized } from '../events';
import { withTaxes } from '../rules';

/** What an authority said of a document that it has in its books now. */
export interface Finality {
  id: string;
  by: Backend;
  /** Null if it gave none. */
  number: string | null;
  taxes: Readonly<Record<string, string>> | null;
}

/** Makes final what was provisional of an invoice or a credit memo: the next version, told. What its authority did not give stays provisional. */
export function finalizeDocument(work: Work, finality: Finality): Promise<void> {
  return finality.id.startsWith('crn_') ? finalizeMemo(work, finality) : finalizeInvoice(work, finality);
}

async function finalizeInvoice(work: Work, { id, by, number, taxes }: Finality): Promise<void> {
  const invoice = await work.lock(Invoice, id);
  const left = invoice.provisional.filter((part) => (part === 'NUMBER' ? number === null : taxes === null));
  if (left.length === invoice.provisional.length) return;
  const formerNumber = invoice.number;
  if (invoice.provisional.includes('NUMBER') && number !== null) invoice.number = number;
  if (invoice.provisional.includes('TAX') && taxes !== null) retax(invoice, taxes);
  invoice.provisional = left;
  work.change(invoice);
  const { customerId, legalEntityId, currency, lineItems } = invoice;
  const [totalMinor, openMinor, taxMinor] = [invoice.totalMinor, invoice.openMinor, invoice.taxMinor].map(String) as [string, string, string];
  const taxesNow = Object.fromEntries(lineItems.map((line) => [line.lineId, line.taxMinor]));
  work.tell(invoiceFinalized(invoice, { number: invoice.number, customerId, legalEntityId, currency, totalMinor, openMinor, formerNumber, by, taxMinor, taxes: taxesNow }));
}

/** Nobody has paid, credited or voided it yet, for its total was not certain. */
function retax(invoice: Invoice, taxes: Readonly<Record<string, string>>): void {
  if (invoice.openMinor !== invoice.totalMinor) throw new Error(`${invoice.id} was settled before its tax was final`);
  Object.assign(invoice, withTaxes(invoice, taxes));
  invoice.openMinor = invoice.totalMinor;
}

async function finalizeMemo(work: Work, { id, by, number }: Finality): Promise<void> {
  const memo = await work.lock(CreditMemo, id);
  if (number === null || !memo.provisional.includes('NUMBER')) return;
  const { number: formerNumber, invoiceId, customerId } = memo;
  Object.assign(memo, { number, provisional: [] });
  work.change(memo);
  work.tell(creditMemoFinalized(memo, { formerNumber, number, by, invoiceId, customerId }));
}
