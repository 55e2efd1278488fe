import type { Contract } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Product } from '../../../entities/customers/Product';
import { BilledItem } from '../../../entities/invoices/BilledItem';
import type { CreditMemo } from '../../../entities/invoices/CreditMemo';
import type { Invoice } from '../../../entities/invoices/Invoice';
import { Refusal } from '../../../entities/refusal';
import { addDays } from '../../../entities/terms/days';
import { termsOf } from '../../../entities/terms/ofContract';
import { type Difference, nextBillOn } from '../../../entities/terms/schedule';
import { booksOf } from '../../accounting';
import { preloadPayers } from '../../payers';
import { taxesOf } from '../../taxes';
import { LostRace, type Work } from '../../work';
import { dueDateOf } from '../rules';
import { addCreditMemo } from './addCreditMemo';
import { addInvoice } from './addInvoice';
import { checkOpen } from './checkOpen';
import { countUsage } from './countUsage';
import { type Bill, gatherCharges } from './gatherCharges';
import { numbersOf, type Series } from './numberDocument';
import { type Credit, type Page, planBilling, type Planned } from './planBilling';
import { setBillingCursors } from './setBillingCursors';
import { tellRecovered } from './tellRecovered';

/** What became of one contract. */
export interface Billing {
  contractId: string;
  /** An invoice may be of several contracts. */
  invoices: Invoice[];
  creditMemos: CreditMemo[];
  nextBillOn: string | null;
}

/** Why a contract could not be billed. */
export interface BillingFailure {
  contract: Contract;
  refusal: Refusal;
}

/**
 * Bills locked contracts up to a day: what is owed and was not billed goes on an invoice for each legal entity and payer, what was billed and is not owed is
 * taken back by credit memos on the lines that charged it. What payers want on one invoice is put together, of all the contracts given. A contract that cannot be billed is answered
 * as a failure and leaves nothing behind.
 */
export async function billContracts(work: Work, contracts: readonly Contract[], upTo: string): Promise<{ billings: Billing[]; failures: BillingFailure[] }> {
  const { legalEntityIds, ...loaded } = await preload(work, contracts);
  const page = { upTo, ...loaded, closed: await closedBooks(work, legalEntityIds, upTo), terms: await countUsage(work, contracts, upTo) };
  const planned: Planned[] = [];
  const failures: BillingFailure[] = [];
  for (const contract of contracts) {
    try {
      planned.push(await planBilling(work, contract, page));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failures.push({ contract, refusal: error });
    }
  }
  const charges = gatherCharges(planned.flatMap((one) => one.charges)).map((bill) => ({ ...bill, id: work.id('inv', { system: 'evenkeel', type: 'contractInvoice', key: bill.reference }) }));
  const credits = planned.flatMap((one) => one.credits);
  await work.addNow(BilledItem, [...charges.flatMap((bill) => charged(bill, upTo)), ...credits.flatMap((credit) => credited(credit, upTo))]);
  const next = [...planned.map(({ contract }) => [contract, nextBillOn(page.terms.get(contract.id)!, upTo)] as const), ...failures.map(({ contract }) => [contract, addDays(upTo, 1)] as const)];
  const nextBillOns = new Map(next);
  await setBillingCursors(work, nextBillOns);
  await tellRecovered(work, planned.map(({ contract }) => contract));
  const numbers = await takeNumbers(work, upTo, { INV: charges, CRN: credits }); // from here on other runs of a legal entity wait
  const closedNow = await closedBooks(work, legalEntityIds, upTo);
  if (closedNow.size > page.closed.size) throw new LostRace(`${upTo} was closed meanwhile`); // a close waits for the numbers: planned anew, the page leaves it out
  const billings = new Map(planned.map(({ contract }): [Contract, Billing] => [contract, { contractId: contract.id, invoices: [], creditMemos: [], nextBillOn: nextBillOns.get(contract) ?? null }]));
  for (const bill of charges) {
    const invoice = issue(work, bill, { upTo, number: numbers(bill.id) });
    for (const contract of new Set(bill.parts.map((part) => part.contract))) billings.get(contract)!.invoices.push(invoice);
  }
  for (const credit of credits) billings.get(credit.contract)!.creditMemos.push(await takeBack(work, credit, { upTo, number: numbers(credit.id) }));
  return { billings: [...billings.values()], failures };
}

/** Reads what all of them need in as many statements as one of them would. `legalEntityIds` is everybody who bills or has billed any of them. */
async function preload(work: Work, contracts: readonly Contract[]): Promise<Pick<Page, 'billed' | 'books' | 'taxes'> & { legalEntityIds: readonly string[] }> {
  const unique = (ids: string[]) => [...new Set(ids)];
  const rows = await work.find(BilledItem, { contractId: contracts.map(({ id }) => id) });
  const terms = contracts.map((contract) => termsOf(contract));
  await preloadPayers(work, await work.find(Customer, { id: unique(terms.flatMap(({ ownedBy }) => ownedBy.map(({ customerId }) => customerId))) }));
  const legalEntityIds = unique(terms.flatMap(({ billedBy }) => billedBy.map(({ legalEntityId }) => legalEntityId)));
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

/** Numbers for all documents at once, by their ids: each series is held for one step instead of one a document. */
async function takeNumbers(work: Work, day: string, documents: Record<Series['prefix'], readonly { id: string; entity: LegalEntity }[]>): Promise<(id: string) => string> {
  const series = (['CRN', 'INV'] as const).flatMap((prefix) => [...new Set(documents[prefix].map(({ entity }) => entity))].map((entity) => ({ prefix, entity, day })));
  const inOrder = series.sort((a, b) => (a.prefix === b.prefix ? (a.entity.id < b.entity.id ? -1 : 1) : a.prefix < b.prefix ? -1 : 1)); // two runs never wait for each other
  const numbers = new Map<string, string>();
  for (const one of inOrder) {
    const ids = documents[one.prefix].filter(({ entity }) => entity === one.entity).map(({ id }) => id);
    const numberOf = await numbersOf(work, one, ids.length);
    for (const id of ids) numbers.set(id, numberOf(id));
  }
  return (id) => numbers.get(id)!;
}

function issue(work: Work, { id, entity, payer, reference, contract, currency, totals }: Bill & { id: string }, { upTo, number }: { upTo: string; number: string }): Invoice {
  const dates = { invoiceDate: upTo, dueDate: dueDateOf(payer, upTo) };
  return addInvoice(work, { id, number, reference, customer: payer, entity, contractId: contract?.id ?? null, currency, totals, ...dates });
}

function takeBack(work: Work, { id, contract, entity, invoice, reference, totals }: Credit, { upTo, number }: { upTo: string; number: string }): Promise<CreditMemo> {
  return addCreditMemo(work, { id, number, reference, reason: contract.reason ?? 'Terms changed', creditDate: creditDateOf(invoice, upTo), invoice, entity, totals });
}

const creditDateOf = ({ invoiceDate }: Invoice, upTo: string) => (upTo < invoiceDate ? invoiceDate : upTo);

/** What an invoice bills, line by line. */
const charged = ({ id, parts, totals }: Bill & { id: string }, upTo: string): BilledItem[] =>
  parts.map(({ contract, difference }, index) => billedItem(contract, { difference, documentId: id, lineId: totals.lines[index]!.lineId, day: upTo, amountMinor: difference.deltaMinor }));

/** What a credit memo takes back, line by line. */
const credited = ({ id, contract, invoice, parts, totals }: Credit, upTo: string): BilledItem[] =>
  parts.map(({ difference, credit }, index) => billedItem(contract, { difference, documentId: id, lineId: totals.lines[index]!.lineId, day: creditDateOf(invoice, upTo), amountMinor: -credit.netMinor }));

interface Billed {
  difference: Difference;
  documentId: string;
  lineId: string;
  day: string;
  amountMinor: bigint;
}

function billedItem(contract: Contract, { difference, documentId, lineId, day, amountMinor }: Billed): BilledItem {
  const { lineKey, legalEntityId, customerId, periodFrom, period, productId } = difference;
  return Object.assign(new BilledItem(), {
    documentId, lineKey, legalEntityId, customerId, periodFrom, amountMinor,
    documentLineId: lineId,
    contractId: contract.id,
    productId: productId ?? termsOf(contract).lines.find((line) => line.lineKey === lineKey)?.productId ?? '',
    periodUntil: period?.until ?? periodFrom,
    documentDate: day,
  });
}
