import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { CreditMemo } from '../../../entities/invoices/CreditMemo';
import { checkFinal, Invoice } from '../../../entities/invoices/Invoice';
import { formatDecimal } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { readQuantity, readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { CreditInvoiceInput, CreditLineInput } from '../api';
import { creditedByLine, type LineCredit, priceCredits } from '../rules';
import { INVOICE_MOVES } from '../states';
import { addCreditMemo } from './addCreditMemo';
import { checkOpen } from './checkOpen';
import { numberDocument } from './numberDocument';

/** Takes back units of invoice lines, never more than is still open. The same memo again is answered as it is. */
export async function creditInvoice(work: Work, input: CreditInvoiceInput): Promise<CreditMemo> {
  const reference = readText(input.reference, 'input.reference');
  const reason = readText(input.reason, 'input.reason');
  const id = work.id('crn', { system: 'billing', type: 'creditMemo', key: reference });
  const invoice = await work.lock(Invoice, parseId(input.invoiceId, 'inv', 'input.invoiceId'));
  const existing = await work.peek(CreditMemo, id);
  if (existing) return sameMemo(existing, input);
  await work.lock(Invoice, invoice.id, input.expectedVersion); // only now: the memo itself made the version grow
  move(INVOICE_MOVES, invoice.state, 'credit');
  checkFinal(invoice, 'input.invoiceId');
  const earlier = await work.find(CreditMemo, { invoiceId: invoice.id });
  const totals = priceCredits(creditsOf(invoice, earlier, input.lines), invoice.currency);
  if (totals.totalMinor > invoice.openMinor) {
    throw new Refusal('CREDIT_EXCEEDS_OPEN', `Only ${invoice.open.amount} ${invoice.currency} is open; refund what was paid beyond it.`, 'input.lines');
  }
  const entity = await work.read(LegalEntity, invoice.legalEntityId);
  const creditDate = input.creditDate ?? work.today(entity.timeZone);
  if (creditDate < invoice.invoiceDate) {
    throw new Refusal('PERIOD_BEFORE_FIRST', `A credit of ${creditDate} is before its invoice of ${invoice.invoiceDate}.`, 'input.creditDate');
  }
  const number = await numberDocument(work, { prefix: 'CRN', entity, day: creditDate }, id);
  await checkOpen(work, { entity, day: creditDate, path: 'input.creditDate' });
  return addCreditMemo(work, { id, number, reference, reason, creditDate, invoice, entity, totals });
}

/** Units to credit, line by line. Refuses LINE_UNKNOWN, LINES_MISSING, CREDIT_EXCEEDS_LINE. */
function creditsOf(invoice: Invoice, earlier: CreditMemo[], lines: CreditLineInput[]): LineCredit[] {
  if (lines.length === 0) throw new Refusal('LINES_MISSING', 'Name at least one line to credit.', 'input.lines');
  const taken = creditedByLine(earlier);
  return lines.map((wanted, index) => {
    const path = `input.lines.${index}`;
    const line = invoice.lineItems.find((candidate) => candidate.lineId === wanted.lineId);
    if (!line) throw new Refusal('LINE_UNKNOWN', `Invoice ${invoice.number} has no line ${wanted.lineId}.`, `${path}.lineId`);
    const quantity = readQuantity(wanted.quantity, `${path}.quantity`);
    const unitPriceMinor = BigInt(line.unitPriceMinor);
    const beforeMinor = taken.get(line.lineId) ?? 0n;
    const netMinor = quantity * unitPriceMinor;
    if (beforeMinor + netMinor > BigInt(line.netMinor)) {
      const left = formatDecimal(BigInt(line.netMinor) - beforeMinor, invoice.currency);
      throw new Refusal('CREDIT_EXCEEDS_LINE', `Line ${line.lineId} has ${left} ${invoice.currency} before tax left to credit.`, `${path}.quantity`);
    }
    taken.set(line.lineId, beforeMinor + netMinor);
    return { line, beforeMinor, netMinor, quantity, unitPriceMinor };
  });
}

function sameMemo(existing: CreditMemo, input: CreditInvoiceInput): CreditMemo {
  const { invoiceId, creditDate } = input;
  const lines = existing.lineItems.map(({ ofLineId, quantity }) => `${quantity} of ${ofLineId}`);
  const same = existing.invoiceId === invoiceId && existing.reason === readText(input.reason, 'input.reason') && existing.creditDate === (creditDate ?? existing.creditDate)
    && JSON.stringify(lines) === JSON.stringify(input.lines.map(({ lineId, quantity }) => `${quantity} of ${lineId}`));
  if (same) return existing;
  throw new Refusal('DOCUMENT_DIFFERS', `Credit memo ${existing.number} has this reference, with other content.`, 'input.reference');
}
