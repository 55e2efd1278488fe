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
 * it, with what its contract owes now. Refuses LINES_BY_CONTRACT, NOTHING_TO_REBILL, and what `voidInvoice` and `issueInvoice` refuse.
 */
export async function rebillInvoice(work: Work, { invoiceId, reason, lines, expectedVersion }: RebillInvoiceInput): Promise<Invoice> {
  const original = await work.read(Invoice, parseId(invoiceId, 'inv', 'input.invoiceId'), 'input.invoiceId');
  const [billed] = await work.find(BilledItem, { documentId: original.id }, { limit: 1 });
  if (billed && lines) throw new Refusal('LINES_BY_CONTRACT', 'The billing run made this invoice: amend its contract, and its lines follow.', 'input.lines');
  const contract = billed ? await work.lock(Contract, billed.contractId) : undefined;
  await voidInvoice(work, { invoiceId, reason, ...(expectedVersion !== undefined && { expectedVersion }) });
  const invoice = contract ? await billAnew(work, contract, original) : await issueAnew(work, original, lines);
  return Object.assign(invoice, { rebillsId: original.id, contractId: original.contractId });
}

async function billAnew(work: Work, contract: Contract, { number, legalEntityId }: Invoice): Promise<Invoice> {
  const { timeZone } = await work.read(LegalEntity, legalEntityId);
  const { billings, failures } = await billContracts(work, [contract], work.today(timeZone));
  if (failures[0]) throw failures[0].refusal;
  const invoice = billings[0]!.invoices.find((one) => one.legalEntityId === legalEntityId);
  if (!invoice) throw new Refusal('NOTHING_TO_REBILL', `Contract ${contract.number} owes nothing of what ${number} billed; void it.`, 'input.invoiceId');
  return invoice;
}

function issueAnew(work: Work, { reference, customerId, legalEntityId, lineItems }: Invoice, lines: InvoiceLineInput[] | undefined): Promise<Invoice> {
  const same = lineItems.map(({ productId, description, quantity, unitPriceMinor, currency }) => ({ productId, description, quantity, unitPrice: { amountMinor: unitPriceMinor, currency } }));
  return issueInvoice(work, { reference: `${reference}/rebill`, customerId, legalEntityId, lines: lines ?? same });
}
