import type { Contract } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Product } from '../../../entities/customers/Product';
import { type BilledItem, netOf } from '../../../entities/invoices/BilledItem';
import { CreditMemo } from '../../../entities/invoices/CreditMemo';
import { checkFinal, Invoice } from '../../../entities/invoices/Invoice';
import { type DraftLine, priceLines, type Totals } from '../../../entities/invoices/pricing';
import { Refusal } from '../../../entities/refusal';
import { type Difference, differences, partiesOf, sameParties } from '../../../entities/terms/schedule';
import type { ContractTerms } from '../../../entities/terms/terms';
import type { Books } from '../../accounting';
import { payerOf } from '../../payers';
import { taxed, type Taxes } from '../../taxes';
import type { Work } from '../../work';
import { type BilledLine, chargeLine, creditedByLine, type LineCredit, priceCredits, spreadCredit } from '../rules';
import { usageIdOf } from './countUsage';

/** What all contracts of a page are billed by. */
export interface Page {
  upTo: string;
  /** What was billed of each contract so far. */
  billed: ReadonlyMap<string, BilledItem[]>;
  books: Books;
  taxes: Taxes;
  /** The terms of each contract with the usage that may be billed. */
  terms: ReadonlyMap<string, ContractTerms>;
  /** Why legal entities take no document of the day any more. */
  closed: ReadonlyMap<string, Refusal>;
}

/** What is to be charged of one contract to whoever pays for whoever had it. */
export interface Charge {
  contract: Contract;
  entity: LegalEntity;
  payer: Customer;
  reference: string;
  differences: Difference[];
  /** One for each difference. */
  drafts: DraftLine[];
  totals: Totals;
}

/** What is to be taken back of one contract from one invoice. */
export interface Credit {
  id: string;
  contract: Contract;
  entity: LegalEntity;
  invoice: Invoice;
  reference: string;
  parts: { difference: Difference; credit: LineCredit }[];
  totals: Totals;
}

export interface Planned {
  contract: Contract;
  charges: Charge[];
  credits: Credit[];
}

/** What is to be charged and credited of one contract, by legal entity and customer. Refuses what the amounts and the books refuse. */
export async function planBilling(work: Work, contract: Contract, { billed, books, taxes, terms, upTo, closed }: Page): Promise<Planned> {
  const rows = billed.get(contract.id) ?? [];
  const open = differences(terms.get(contract.id)!, netOf(rows), { upTo, since: contract.billingFrom ?? upTo });
  const documents = new Map<string, number>();
  const planned: Planned = { contract, charges: [], credits: [] };
  for (const parties of partiesOf(open)) {
    const entity = await work.read(LegalEntity, parties.legalEntityId);
    if (upTo < entity.booksFrom) throw new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.upTo');
    const refusal = closed.get(entity.id);
    if (refusal) throw refusal;
    const own = open.filter((difference) => sameParties(difference, parties));
    const customer = await work.read(Customer, parties.customerId);
    const place = (documents.get(entity.id) ?? new Set(rows.filter((row) => row.legalEntityId === entity.id).map(({ documentId }) => documentId)).size) + 1;
    documents.set(entity.id, place);
    const head = { contract, entity, reference: `${contract.number}/${entity.code}/${place}` };
    const owed = own.filter(({ deltaMinor }) => deltaMinor > 0n);
    if (owed.length > 0) planned.charges.push(await planCharge(work, head, { owed, customer, books: taxed(books, taxes, { customer, on: upTo }) }));
    const excess = own.filter(({ deltaMinor }) => deltaMinor < 0n);
    if (excess.length > 0) planned.credits.push(...(await planCredits(work, head, { excess, rows })));
  }
  return planned;
}

type Head = Pick<Credit, 'contract' | 'entity' | 'reference'>;

async function planCharge(work: Work, head: Head, { owed, customer, books }: { owed: Difference[]; customer: Customer; books: Books }): Promise<Charge> {
  const payer = await payerOf(work, customer);
  const drafts: DraftLine[] = [];
  for (const difference of owed) {
    const product = await work.read(Product, difference.productId!);
    const line = chargeLine(difference, { product, accounting: books(head.entity.id, product.id)! });
    drafts.push({ ...line, ...usageIn(work, head.contract, difference), ...(payer !== customer && { customerId: customer.id }) });
  }
  return { ...head, payer, differences: owed, drafts, totals: priceLines(drafts, head.contract.currency) };
}

/** Which counted usage a charge is of, if it is of any. */
function usageIn(work: Work, { number }: Contract, { lineKey, parts }: Difference): Pick<DraftLine, 'usageIds'> {
  const usageIds = parts.filter(({ rated }) => rated).map((part) => usageIdOf(work, number, { lineKey, ...part }));
  return usageIds.length === 0 ? {} : { usageIds };
}

/** Memos for what was billed and is not owed, one for each invoice that charged it, the latest first. */
async function planCredits(work: Work, head: Head, { excess, rows }: { excess: Difference[]; rows: BilledItem[] }): Promise<Credit[]> {
  const charged = rows.filter(({ amountMinor, documentId }) => amountMinor > 0n && documentId.startsWith('inv_'));
  const invoices = new Map<string, Invoice>();
  const taken = new Map<string, Map<string, bigint>>();
  for (const id of new Set(charged.map(({ documentId }) => documentId))) {
    const invoice = await work.lock(Invoice, id);
    if (invoice.state === 'VOIDED') continue;
    checkFinal(invoice, 'input.contractId');
    invoices.set(id, invoice);
    taken.set(id, creditedByLine(await work.find(CreditMemo, { invoiceId: id })));
  }
  const byInvoice = new Map<string, Credit['parts']>();
  for (const difference of excess) {
    const lines = charged
      .filter((row) => row.lineKey === difference.lineKey && row.periodFrom === difference.periodFrom && sameParties(row, difference) && invoices.has(row.documentId))
      .sort((a, b) => (a.documentDate < b.documentDate ? 1 : -1))
      .map(({ documentId, documentLineId }): BilledLine => {
        const invoice = invoices.get(documentId)!;
        return { invoice, line: invoice.lineItems.find(({ lineId }) => lineId === documentLineId)!, beforeMinor: taken.get(documentId)!.get(documentLineId) ?? 0n };
      });
    for (const { of, credit } of spreadCredit(-difference.deltaMinor, lines)) {
      byInvoice.set(of.invoice.id, [...(byInvoice.get(of.invoice.id) ?? []), { difference, credit }]);
    }
  }
  return [...byInvoice].map(([id, parts], index) => {
    const invoice = invoices.get(id)!;
    const reference = `${head.reference}/C${index + 1}`;
    return { ...head, id: work.id('crn', { system: 'evenkeel', type: 'contractCredit', key: reference }), reference, invoice, parts, totals: priceCredits(parts.map(({ credit }) => credit), invoice.currency) };
  });
}
