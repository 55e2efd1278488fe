import { Contract } from '../../../entities/contracts/Contract';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { BilledItem } from '../../../entities/invoices/BilledItem';
import { Invoice } from '../../../entities/invoices/Invoice';
import { Refusal } from '../../../entities/refusal';
import type { Work } from '../../work';
import type { InvoiceLineInput, RebillInvoiceInput } from '../api';
import { billContracts } from './billContracts';
import { issueInvoice } from './issueInvoice';
import { voidInvoice } from './voidInvoice';

/**
 * Voids an invoice that nobody has paid or credited, and issues another one in its place that names it: with other lines, with its own at today's taxes, or, where the billing run made
 * it, with what its contracts owe now. Refuses LINES_BY_CONTRACT, NOTHING_TO_REBILL, and what `voidInvoice` and `issueInvoice` refuse.
 */
export async function rebillInvoice(work: Work, { invoiceId, reason, lines, expectedVersion }: RebillInvoiceInput): Promise<Invoice> {
  const original = await work.read(Invoice, parseId(invoiceId, 'inv', 'input.invoiceId'), 'input.invoiceId');
  const contractIds = [...new Set((await work.find(BilledItem, { documentId: original.id })).map((item) => item.contractId))].sort();
  if (contractIds.length > 0 && lines) throw new Refusal('LINES_BY_CONTRACT', 'The billing run made this invoice: amend its contract, and its lines follow.', 'input.lines');
  const contracts: Contract[] = [];
  for (const id of contractIds) contracts.push(await work.lock(Contract, id));
  await voidInvoice(work, { invoiceId, reason, ...(expectedVersion !== undefined && { expectedVersion }) });
  const invoice = contracts.length > 0 ? await billAnew(work, contracts, original) : await issueAnew(work, original, lines);
  return Object.assign(invoice, { rebillsId: original.id });
}

async function billAnew(work: Work, contracts: readonly Contract[], { number, legalEntityId, customerId }: Invoice): Promise<Invoice> {
  const { timeZone } = await work.read(LegalEntity, legalEntityId);
  const { billings, failures } = await billContracts(work, contracts, work.today(timeZone));
  if (failures[0]) throw failures[0].refusal;
  const invoices = billings.flatMap((billing) => billing.invoices).filter((one) => one.legalEntityId === legalEntityId);
  const invoice = invoices.find((one) => one.customerId === customerId) ?? invoices[0];
  if (!invoice) throw new Refusal('NOTHING_TO_REBILL', `Nothing is owed any more of what ${number} billed; void it.`, 'input.invoiceId');
  return invoice;
}

async function issueAnew(work: Work, { reference, customerId, legalEntityId, contractId, lineItems }: Invoice, lines: InvoiceLineInput[] | undefined): Promise<Invoice> {
  const same = lineItems.map(({ productId, description, quantity, unitPriceMinor, currency }) => ({ productId, description, quantity, unitPrice: { amountMinor: unitPriceMinor, currency } }));
  return Object.assign(await issueInvoice(work, { reference: `${reference}/rebill`, customerId: lineItems[0]?.customerId ?? customerId, legalEntityId, lines: lines ?? same }), { contractId });
}
