import { Contract, ContractState } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Product } from '../../../entities/customers/Product';
import { parseId } from '../../../entities/ids';
import { Invoice } from '../../../entities/invoices/Invoice';
import { type DraftLine, priceLines } from '../../../entities/invoices/pricing';
import { Refusal } from '../../../entities/refusal';
import { readPositive, readQuantity, readText } from '../../input';
import { payerOf } from '../../payers';
import { taxedBooksOf } from '../../taxes';
import type { Work } from '../../work';
import type { InvoiceLineInput, IssueInvoiceInput } from '../api';
import { dueDateOf } from '../rules';
import { addInvoice } from './addInvoice';
import { checkOpen } from './checkOpen';
import { numberDocument } from './numberDocument';

const LINES_MAX = 1_000;

/** Issues an invoice under the next number of its legal entity and posts it. The same document again is answered as it is. */
export async function issueInvoice(work: Work, input: IssueInvoiceInput): Promise<Invoice> {
  const reference = readText(input.reference, 'input.reference');
  const id = work.id('inv', { system: 'billing', type: 'invoice', key: reference });
  const existing = await work.peek(Invoice, id);
  if (existing) return sameInvoice(existing, input);
  const { contract, customer, payer, entity } = await readParties(work, input);
  const invoiceDate = input.invoiceDate ?? work.today(entity.timeZone);
  const dueDate = input.dueDate ?? dueDateOf(payer, invoiceDate);
  checkDates(entity, invoiceDate, dueDate);
  const currency = contract?.currency ?? input.lines?.[0]?.unitPrice.currency ?? entity.currency;
  const lines = input.lines ? await readLines(work, input.lines, currency) : await contractLines(work, contract);
  const drafts = await draftsOf(work, lines, { customer, entity, on: invoiceDate });
  if (drafts.length === 0 || drafts.length > LINES_MAX) throw new Refusal('LINES_MISSING', `An invoice has 1 to ${LINES_MAX} lines.`, 'input.lines');
  const totals = priceLines(payer === customer ? drafts : drafts.map((draft) => ({ ...draft, customerId: customer.id })), currency);
  const number = await numberDocument(work, { prefix: 'INV', entity, day: invoiceDate }, id);
  await checkOpen(work, { entity, day: invoiceDate, path: 'input.invoiceDate' }); // under the number's lock, which a close waits for
  return addInvoice(work, { id, number, reference, customer: payer, entity, contractId: contract?.id ?? null, invoiceDate, dueDate, currency, totals });
}

interface Parties {
  contract: Contract | undefined;
  /** Who buys. */
  customer: Customer;
  /** Who owes it. */
  payer: Customer;
  entity: LegalEntity;
}

async function readParties(work: Work, input: IssueInvoiceInput): Promise<Parties> {
  const contract = input.contractId ? await work.read(Contract, parseId(input.contractId, 'con', 'input.contractId'), 'input.contractId') : undefined;
  if (contract && contract.state !== ContractState.ACTIVE) {
    throw new Refusal('CONTRACT_CANCELLED', `Contract ${contract.number} is ${contract.state.toLowerCase()}.`, 'input.contractId');
  }
  if (contract?.billingFrom && !input.lines) {
    throw new Refusal('BILLED_BY_RUN', `The billing run bills contract ${contract.number}; say the lines of what is charged besides.`, 'input.contractId');
  }
  for (const [field, code] of [['customerId', 'CUSTOMER_MISMATCH'], ['legalEntityId', 'LEGAL_ENTITY_MISMATCH']] as const) {
    if (contract && input[field] && input[field] !== contract[field]) throw new Refusal(code, `Contract ${contract.number} has another.`, `input.${field}`);
  }
  const customerId = contract?.customerId ?? input.customerId;
  const legalEntityId = contract?.legalEntityId ?? input.legalEntityId;
  if (!customerId || !legalEntityId) {
    throw new Refusal('PARTIES_MISSING', 'Give a contract, or a customer and a legal entity.', 'input.contractId');
  }
  const customer = await work.read(Customer, parseId(customerId, 'cus', 'input.customerId'), 'input.customerId');
  const entity = await work.read(LegalEntity, parseId(legalEntityId, 'ent', 'input.legalEntityId'), 'input.legalEntityId');
  return { contract, customer, payer: await payerOf(work, customer), entity };
}

function checkDates(entity: LegalEntity, invoiceDate: string, dueDate: string): void {
  if (invoiceDate < entity.booksFrom) {
    throw new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.invoiceDate');
  }
  if (dueDate < invoiceDate) throw new Refusal('DUE_BEFORE_ISSUE', `Due on ${dueDate}, before the invoice of ${invoiceDate}.`, 'input.dueDate');
}

type Asked = Pick<DraftLine, 'description' | 'quantity' | 'unitPriceMinor'> & { product: Product };

async function readLines(work: Work, lines: InvoiceLineInput[], currency: string): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const [index, line] of lines.entries()) {
    const path = `input.lines.${index}`;
    const product = await work.read(Product, parseId(line.productId, 'prd', `${path}.productId`), `${path}.productId`);
    const price = readPositive(line.unitPrice, `${path}.unitPrice`);
    if (price.currency !== currency) throw new Refusal('CURRENCY_MISMATCH', `The invoice is in ${currency}.`, `${path}.unitPrice.currency`);
    const description = line.description ? readText(line.description, `${path}.description`) : product.name;
    asked.push({ product, description, quantity: readQuantity(line.quantity, `${path}.quantity`), unitPriceMinor: price.minor });
  }
  return asked;
}

async function contractLines(work: Work, contract: Contract | undefined): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const line of contract?.lines ?? []) {
    const product = await work.read(Product, line.productId);
    asked.push({ product, description: product.name, quantity: BigInt(line.quantity), unitPriceMinor: BigInt(line.unitPriceMinor) });
  }
  return asked;
}

/** Lines with the account and the tax that the legal entity's books have for them. All of it is revenue with the invoice: nothing says over which time it would be earned. */
async function draftsOf(work: Work, lines: readonly Asked[], { customer, entity, on }: { customer: Customer; entity: LegalEntity; on: string }): Promise<DraftLine[]> {
  const books = await taxedBooksOf(work.sql, { tenantId: work.tenantId, legalEntityIds: [entity.id], products: lines.map(({ product }) => product), customer, on });
  return lines.map(({ product, ...line }) => {
    const { taxCode, taxRatePercent, revenueAccount } = books(entity.id, product.id)!;
    return { ...line, productId: product.id, taxCode, taxRatePercent, revenueAccount };
  });
}

/**
 * The invoice of this reference, if it is the one asked for. What the request leaves out differs in nothing: the contract, the product's
 * tax or the day may have changed since, and the invoice stands.
 */
function sameInvoice(existing: Invoice, input: IssueInvoiceInput): Invoice {
  const fields = (['contractId', 'customerId', 'legalEntityId', 'invoiceDate', 'dueDate'] as const).filter((field) => input[field]);
  const asked = { ...existing, customerId: existing.lineItems[0]?.customerId ?? existing.customerId };
  const differs = fields.find((field) => asked[field] !== input[field] && existing[field] !== input[field]) ?? (sameLines(existing, input.lines) ? undefined : 'lines');
  if (differs === undefined) return existing;
  const text = `Invoice ${existing.number} was issued for this reference with other ${differs}; credit it, or use another reference.`;
  throw new Refusal('DOCUMENT_DIFFERS', text, 'input.reference');
}

function sameLines(existing: Invoice, lines: InvoiceLineInput[] | null | undefined): boolean {
  if (!lines) return true;
  return lines.length === existing.lineItems.length && existing.lineItems.every((line, index) => {
    const { productId, quantity, unitPrice, description } = lines[index]!;
    const { minor, currency } = readPositive(unitPrice, `input.lines.${index}.unitPrice`);
    const text = description ? description.normalize('NFC') : line.description;
    const asked = [productId, quantity, minor.toString(), currency, text];
    return JSON.stringify(asked) === JSON.stringify([line.productId, line.quantity, line.unitPriceMinor, line.currency, line.description]);
  });
}
