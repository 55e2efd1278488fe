import type { Contract } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Product } from '../../../entities/customers/Product';
import { BilledItem, netOf } from '../../../entities/invoices/BilledItem';
import { CreditMemo } from '../../../entities/invoices/CreditMemo';
import { Invoice } from '../../../entities/invoices/Invoice';
import { type DraftLine, priceLines, type Totals } from '../../../entities/invoices/pricing';
import { Refusal } from '../../../entities/refusal';
import { addDays } from '../../../entities/terms/days';
import { termsOf } from '../../../entities/terms/ofContract';
import { type Difference, differences, nextBillOn } from '../../../entities/terms/schedule';
import type { ContractTerms } from '../../../entities/terms/terms';
import { type Books, booksOf } from '../../accounting';
import { taxed, type Taxes, taxesOf } from '../../taxes';
import { LostRace, type Work } from '../../work';
import { type BilledLine, chargeLine, creditedByLine, documentNumber, dueDateOf, type LineCredit, priceCredits, spreadCredit } from '../rules';
import { addCreditMemo } from './addCreditMemo';
import { addInvoice } from './addInvoice';
import { checkOpen } from './checkOpen';
import { countUsage, usageIdOf } from './countUsage';
import { setBillingCursors } from './setBillingCursors';
import { tellRecovered } from './tellRecovered';

/** What became of one contract. */
export interface Billing {
  contractId: string;
  invoices: Invoice[];
  creditMemos: CreditMemo[];
  nextBillOn: string | null;
}

/** Why a contract could not be billed. */
export interface BillingFailure {
  contract: Contract;
  refusal: Refusal;
}

interface Charge {
  id: string;
  contract: Contract;
  entity: LegalEntity;
  reference: string;
  differences: Difference[];
  totals: Totals;
}

interface Credit {
  id: string;
  contract: Contract;
  entity: LegalEntity;
  invoice: Invoice;
  reference: string;
  parts: { difference: Difference; credit: LineCredit }[];
  totals: Totals;
}

interface Planned {
  contract: Contract;
  charges: Charge[];
  credits: Credit[];
}

/**
 * Bills locked contracts up to a day: what is owed and was not billed goes on an invoice for each legal entity, what was billed and is not owed is
 * taken back by credit memos on the lines that charged it. A contract that cannot be billed is answered as a failure and leaves nothing behind.
 */
export async function billContracts(work: Work, contracts: readonly Contract[], upTo: string): Promise<{ billings: Billing[]; failures: BillingFailure[] }> {
  const loaded = await preload(work, contracts);
  const page = { upTo, ...loaded, closed: await closedBooks(work, loaded.legalEntityIds, upTo), terms: await countUsage(work, contracts, upTo) };
  const planned: Planned[] = [];
  const failures: BillingFailure[] = [];
  for (const contract of contracts) {
    try {
      planned.push({ contract, ...(await plan(work, contract, page)) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failures.push({ contract, refusal: error });
    }
  }
  await work.addNow(BilledItem, planned.flatMap((one) => billedItems(one, upTo)));
  const next = [...planned.map(({ contract }) => [contract, nextBillOn(page.terms.get(contract.id)!, upTo)] as const), ...failures.map(({ contract }) => [contract, addDays(upTo, 1)] as const)];
  const nextBillOns = new Map(next);
  await setBillingCursors(work, nextBillOns);
  await tellRecovered(work, planned.map(({ contract }) => contract));
  const numbers = await takeNumbers(work, upTo, planned); // from here on other runs of a legal entity wait
  await refuseClosedSince(work, page);
  const billings: Billing[] = [];
  for (const { contract, charges, credits } of planned) {
    const invoices: Invoice[] = [];
    for (const charge of charges) invoices.push(await issue(work, charge, { upTo, number: numbers('INV', charge.entity) }));
    const creditMemos: CreditMemo[] = [];
    for (const credit of credits) creditMemos.push(await takeBack(work, credit, { upTo, number: numbers('CRN', credit.entity) }));
    billings.push({ contractId: contract.id, invoices, creditMemos, nextBillOn: nextBillOns.get(contract) ?? null });
  }
  return { billings, failures };
}

/** What all contracts of a page are billed by. */
interface Page {
  upTo: string;
  /** What was billed of each contract so far. */
  billed: ReadonlyMap<string, BilledItem[]>;
  /** Everybody who bills or has billed any of them. */
  legalEntityIds: readonly string[];
  books: Books;
  taxes: Taxes;
  /** The terms of each contract with the usage that may be billed. */
  terms: ReadonlyMap<string, ContractTerms>;
  /** Why legal entities take no document of the day any more. */
  closed: ReadonlyMap<string, Refusal>;
}

/** Reads what all of them need in as many statements as one of them would. */
async function preload(work: Work, contracts: readonly Contract[]): Promise<Pick<Page, 'billed' | 'legalEntityIds' | 'books' | 'taxes'>> {
  const unique = (ids: string[]) => [...new Set(ids)];
  const rows = await work.find(BilledItem, { contractId: contracts.map(({ id }) => id) });
  await work.find(Customer, { id: unique(contracts.map(({ customerId }) => customerId)) });
  const legalEntityIds = unique(contracts.flatMap((contract) => termsOf(contract).billedBy.map(({ legalEntityId }) => legalEntityId)));
  await work.find(LegalEntity, { id: legalEntityIds });
  const products = await work.find(Product, { id: unique(contracts.flatMap(({ lineItems }) => lineItems.map(({ productId }) => productId))) });
  const byContract = new Map<string, BilledItem[]>();
  for (const row of rows) byContract.set(row.contractId, [...(byContract.get(row.contractId) ?? []), row]);
  const whose = { tenantId: work.tenantId, legalEntityIds };
  return { billed: byContract, legalEntityIds, books: await booksOf(work.sql, { ...whose, products }), taxes: await taxesOf(work.sql, whose) };
}

async function closedBooks(work: Work, legalEntityIds: readonly string[], upTo: string): Promise<Map<string, Refusal>> {
  const refusals = new Map<string, Refusal>();
  for (const legalEntityId of legalEntityIds) {
    const entity = await work.read(LegalEntity, legalEntityId);
    await checkOpen(work, { entity, day: upTo, path: 'input.upTo' }).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      refusals.set(legalEntityId, error);
    });
  }
  return refusals;
}

/** Under the number series, which a close waits for: a month that was closed since the page was planned takes nothing, and the page is planned anew. */
async function refuseClosedSince(work: Work, { legalEntityIds, upTo, closed }: Page): Promise<void> {
  const now = await closedBooks(work, legalEntityIds, upTo);
  if (now.size > closed.size) throw new LostRace(`${upTo} was closed meanwhile`);
}

/** What is to be charged and credited of one contract. Refuses what the amounts and the books refuse. */
async function plan(work: Work, contract: Contract, { billed, books, taxes, terms, upTo, closed }: Page): Promise<{ charges: Charge[]; credits: Credit[] }> {
  const rows = billed.get(contract.id) ?? [];
  const sale = { customer: await work.read(Customer, contract.customerId), on: upTo };
  const open = differences(terms.get(contract.id)!, netOf(rows), { upTo, since: contract.billingFrom ?? upTo });
  const entities = [...new Set(open.map(({ legalEntityId }) => legalEntityId))].sort();
  const charges: Charge[] = [];
  const credits: Credit[] = [];
  for (const legalEntityId of entities) {
    const entity = await work.read(LegalEntity, legalEntityId);
    if (upTo < entity.booksFrom) throw new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.upTo');
    const refusal = closed.get(entity.id);
    if (refusal) throw refusal;
    const own = open.filter((difference) => difference.legalEntityId === legalEntityId);
    const owed = own.filter(({ deltaMinor }) => deltaMinor > 0n);
    const documents = new Set(rows.filter((row) => row.legalEntityId === legalEntityId).map(({ documentId }) => documentId)).size;
    const head = { contract, entity, reference: `${contract.number}/${entity.code}/${documents + 1}` };
    if (owed.length > 0) charges.push({ ...head, id: work.id('inv', { system: 'evenkeel', type: 'contractInvoice', key: head.reference }), differences: owed, totals: await priceCharge(work, contract, { entity, owed, books: taxed(books, taxes, sale) }) });
    const excess = own.filter(({ deltaMinor }) => deltaMinor < 0n);
    if (excess.length > 0) credits.push(...(await planCredits(work, head, { excess, rows })));
  }
  return { charges, credits };
}

async function priceCharge(work: Work, contract: Contract, { entity, owed, books }: { entity: LegalEntity; owed: Difference[]; books: Books }): Promise<Totals> {
  const lines: DraftLine[] = [];
  for (const difference of owed) {
    const product = await work.read(Product, difference.productId!);
    lines.push({ ...chargeLine(difference, { product, accounting: books(entity.id, product.id)! }), ...usageIn(work, contract, difference) });
  }
  return priceLines(lines, contract.currency);
}

/** Which counted usage a charge is of, if it is of any. */
function usageIn(work: Work, { number }: Contract, { lineKey, parts }: Difference): Pick<DraftLine, 'usageIds'> {
  const usageIds = parts.filter(({ rated }) => rated).map((part) => usageIdOf(work, number, { lineKey, ...part }));
  return usageIds.length === 0 ? {} : { usageIds };
}

/** Memos for what was billed and is not owed, one for each invoice that charged it, the latest first. */
async function planCredits(work: Work, head: Pick<Credit, 'contract' | 'entity' | 'reference'>, { excess, rows }: { excess: Difference[]; rows: BilledItem[] }): Promise<Credit[]> {
  const charged = rows.filter(({ amountMinor, documentId }) => amountMinor > 0n && documentId.startsWith('inv_'));
  const invoices = new Map<string, Invoice>();
  const taken = new Map<string, Map<string, bigint>>();
  for (const id of new Set(charged.map(({ documentId }) => documentId))) {
    const invoice = await work.lock(Invoice, id);
    if (invoice.state === 'VOIDED') continue;
    invoices.set(id, invoice);
    taken.set(id, creditedByLine(await work.find(CreditMemo, { invoiceId: id })));
  }
  const byInvoice = new Map<string, Credit['parts']>();
  for (const difference of excess) {
    const lines = charged
      .filter((row) => row.lineKey === difference.lineKey && row.periodFrom === difference.periodFrom && row.legalEntityId === difference.legalEntityId && invoices.has(row.documentId))
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

/** Numbers for all documents at once: each series is held for one step instead of one a document. */
async function takeNumbers(work: Work, day: string, planned: readonly { charges: Charge[]; credits: Credit[] }[]): Promise<(prefix: string, entity: LegalEntity) => string> {
  const year = day.slice(0, 4);
  const counts = new Map<string, number>();
  const count = (prefix: string, { entity }: { entity: LegalEntity }) => counts.set(`${prefix}|${entity.id}|${year}`, (counts.get(`${prefix}|${entity.id}|${year}`) ?? 0) + 1);
  for (const { charges, credits } of planned) {
    charges.forEach((charge) => count('INV', charge));
    credits.forEach((credit) => count('CRN', credit));
  }
  const next = new Map<string, number>();
  for (const [series, needed] of [...counts].sort()) next.set(series, await work.takeNumber(series, needed)); // in one order, so that two runs never wait for each other
  return (prefix, { id, code }) => {
    const series = `${prefix}|${id}|${year}`;
    const number = next.get(series)!;
    next.set(series, number + 1);
    return documentNumber(prefix, { code, year, number });
  };
}

async function issue(work: Work, { id, contract, entity, reference, totals }: Charge, { upTo, number }: { upTo: string; number: string }): Promise<Invoice> {
  const customer = await work.read(Customer, contract.customerId);
  const dates = { invoiceDate: upTo, dueDate: dueDateOf(customer, upTo) };
  return addInvoice(work, { id, number, reference, customer, entity, contractId: contract.id, currency: contract.currency, totals, ...dates });
}

function takeBack(work: Work, { id, contract, entity, invoice, reference, totals }: Credit, { upTo, number }: { upTo: string; number: string }): Promise<CreditMemo> {
  return addCreditMemo(work, { id, number, reference, reason: contract.reason ?? 'Terms changed', creditDate: creditDateOf(invoice, upTo), invoice, entity, totals });
}

const creditDateOf = ({ invoiceDate }: Invoice, upTo: string) => (upTo < invoiceDate ? invoiceDate : upTo);

/** What the documents of a contract bill, line by line. */
function billedItems({ contract, charges, credits }: Planned, upTo: string): BilledItem[] {
  const charged = charges.flatMap(({ id, differences, totals }) => differences.map((difference, index) => {
    return billedItem(contract, { difference, documentId: id, lineId: totals.lines[index]!.lineId, day: upTo, amountMinor: difference.deltaMinor });
  }));
  const credited = credits.flatMap(({ id, invoice, parts, totals }) => parts.map(({ difference, credit }, index) => {
    return billedItem(contract, { difference, documentId: id, lineId: totals.lines[index]!.lineId, day: creditDateOf(invoice, upTo), amountMinor: -credit.netMinor });
  }));
  return [...charged, ...credited];
}

interface Billed {
  difference: Difference;
  documentId: string;
  lineId: string;
  day: string;
  amountMinor: bigint;
}

function billedItem(contract: Contract, { difference, documentId, lineId, day, amountMinor }: Billed): BilledItem {
  const { lineKey, legalEntityId, periodFrom, period, productId } = difference;
  return Object.assign(new BilledItem(), {
    documentId, lineKey, legalEntityId, periodFrom, amountMinor,
    documentLineId: lineId,
    contractId: contract.id,
    productId: productId ?? termsOf(contract).lines.find((line) => line.lineKey === lineKey)?.productId ?? '',
    periodUntil: period?.until ?? periodFrom,
    documentDate: day,
  });
}
