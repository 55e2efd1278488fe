import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { BilledItem } from '../../../entities/invoices/BilledItem';
import { checkFinal, Invoice, type InvoiceState, SettlementState } from '../../../entities/invoices/Invoice';
import { Refusal } from '../../../entities/refusal';
import { readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { VoidInvoiceInput } from '../api';
import { invoiceVoided } from '../events';
import { voidDocument } from '../rules';
import { INVOICE_MOVES, SETTLEMENT_MOVES } from '../states';
import { checkOpen } from './checkOpen';
import { dueToday } from './dueToday';

/** Reverses an invoice nobody has paid or credited: billing and ERP get a reversal that names it, never a deletion. */
export async function voidInvoice(work: Work, input: VoidInvoiceInput): Promise<Invoice> {
  const invoice = await work.lock(Invoice, parseId(input.invoiceId, 'inv', 'input.invoiceId'), input.expectedVersion);
  const reason = readText(input.reason, 'input.reason');
  const state = move<InvoiceState>(INVOICE_MOVES, invoice.state, 'void');
  checkFinal(invoice, 'input.invoiceId');
  if (invoice.openMinor !== invoice.totalMinor || invoice.settlement !== SettlementState.UNPAID) {
    throw new Refusal('INVOICE_SETTLED', `Invoice ${invoice.number} is paid or credited in part; unapply the cash first, or credit the rest.`, 'input.invoiceId');
  }
  invoice.state = state;
  Object.assign(invoice, { openMinor: 0n, settlement: move<SettlementState>(SETTLEMENT_MOVES, invoice.settlement, 'void') });
  work.change(invoice);
  const { id, number, customerId, legalEntityId, currency } = invoice;
  const reversalId = work.id('crn', { system: 'evenkeel', type: 'invoiceVoid', key: id });
  const totalMinor = invoice.totalMinor.toString();
  work.tell(invoiceVoided(invoice, { number, customerId, legalEntityId, currency, totalMinor, openMinor: '0', reason }));
  const customer = await work.read(Customer, customerId);
  const entity = await work.read(LegalEntity, legalEntityId);
  const today = work.today(entity.timeZone);
  const day = today < invoice.invoiceDate ? invoice.invoiceDate : today;
  await work.takeNumber(`CRN|${entity.id}|${day.slice(0, 4)}`, 0); // it takes no number, but a close waits for whoever has the series
  await checkOpen(work, { entity, day, path: 'input.invoiceId' });
  await unbill(work, invoice, { reversalId, day });
  work.post({
    kind: 'invoiceVoid',
    externalId: reversalId,
    version: 1,
    resourceId: id,
    laneOf: customerId,
    legalEntity: { code: entity.code, currency: entity.currency },
    body: voidDocument(invoice, { customerName: customer.name, day, reason }),
    after: [],
    undoes: { kind: 'invoice', externalId: id, version: 1 },
  });
  return invoice;
}

/** What the invoice billed of contracts is billed no more: the billing run may charge it anew. */
async function unbill(work: Work, invoice: Invoice, { reversalId, day }: { reversalId: string; day: string }): Promise<void> {
  const billed = await work.find(BilledItem, { documentId: invoice.id });
  for (const item of billed) work.add(Object.assign(new BilledItem(), item, { documentId: reversalId, documentDate: day, amountMinor: -item.amountMinor }));
  for (const contractId of new Set(billed.map((item) => item.contractId))) await dueToday(work, contractId);
}
