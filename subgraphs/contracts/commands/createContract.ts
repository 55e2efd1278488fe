import { Contract, ContractState } from '../../../entities/contracts/Contract';
import { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { PriceBook } from '../../../entities/customers/PriceBook';
import { parseId } from '../../../entities/ids';
import { digitsOf } from '../../../entities/money';
import { ResourceVersion } from '../../../entities/operations/ResourceVersion';
import { Refusal } from '../../../entities/refusal';
import { selectRows } from '../../../entities/rows';
import { applyChange, type TermsChange } from '../../../entities/terms/changes';
import { addDays } from '../../../entities/terms/days';
import { columnsOf, termsOf } from '../../../entities/terms/ofContract';
import { ProrationPolicy } from '../../../entities/terms/proration';
import type { ContractTerms } from '../../../entities/terms/terms';
import { canonicalJson } from '../../../sync/canonical';
import { Checks } from '../../checks';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { CreateContractInput } from '../api';
import { contractCreated } from '../events';
import { checkTerm, readRenewal } from '../rules';
import { recordParts } from './changeTerms';
import { checkSale } from './checkSale';
import { publishContract } from './publishContract';
import { readLines } from './readLines';
import { standAlonePrices } from './standAlonePrices';

/**
 * Creates version 1 of a contract. The same contract again is answered as it is; a different one under its number is refused. Everything
 * that is wrong with the request is refused together.
 */
export async function createContract(work: Work, input: CreateContractInput): Promise<Contract> {
  const { number, entity, book } = await readHead(work, input);
  const empty = emptyTerms(input, entity.id);
  const { startDate, currency } = input;
  const lines = await readLines(work, input.lines, { terms: empty, currency, from: startDate, activates: startDate, billedByRun: Boolean(input.billingFrom), prices: await standAlonePrices(work, book?.id ?? null, startDate) });
  const renewal = input.renewal ? readRenewal(input.renewal) : null;
  const id = work.id('con', { system: 'crm', type: 'contract', key: number });
  const today = work.today(entity.timeZone);
  const terms = lines.reduce(applyChange, empty);
  const columns = columnsOf(terms, today, currency);
  const wanted = { ...columns, id, number, startDate, currency, proration: empty.proration, billingFrom: input.billingFrom ?? null, priceBookId: book?.id ?? null, renewal };
  const existing = await work.peek(Contract, id);
  if (existing) return sameContract(work, existing, Object.assign(new Contract(), wanted));
  await checkSale(work, Object.assign(new Contract(), wanted), { before: empty, after: terms, today });
  const contract = work.add(Object.assign(new Contract(), { ...wanted, state: ContractState.ACTIVE, reason: null, withdraws: null }));
  const part = { kind: AmendmentKind.CREATION, changes: lines satisfies TermsChange[], effectiveDate: startDate };
  await recordParts(work, contract, { terms: empty, parts: [part], reason: 'Created' });
  await publishContract(work, contract, contractCreated);
  return contract;
}

async function readHead(work: Work, input: CreateContractInput): Promise<{ number: string; entity: LegalEntity; book: PriceBook | undefined }> {
  const checks = new Checks();
  const number = await checks.look(() => readText(input.number, 'input.number'));
  await checks.look(() => digitsOf(input.currency, 'input.currency'));
  await checks.look(() => checkTerm(input.startDate, input.endDate));
  await checks.look(() => work.read(Customer, parseId(input.customerId, 'cus', 'input.customerId'), 'input.customerId'));
  const entity = await checks.look(() => work.read(LegalEntity, parseId(input.legalEntityId, 'ent', 'input.legalEntityId'), 'input.legalEntityId'));
  if (entity && input.startDate < entity.booksFrom) {
    checks.refuse(new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.startDate'));
  }
  const book = input.priceBookId ? await checks.look(() => readBook(work, input)) : undefined;
  checks.done();
  return { number: number!, entity: entity!, book };
}

/** Refuses NOT_FOUND, CURRENCY_MISMATCH, PRICE_BOOK_NOT_VALID. */
async function readBook(work: Work, { priceBookId, currency, startDate }: CreateContractInput): Promise<PriceBook> {
  const path = 'input.priceBookId';
  const book = await work.read(PriceBook, parseId(priceBookId!, 'pbk', path), path);
  if (book.currency !== currency) throw new Refusal('CURRENCY_MISMATCH', `Price book ${book.key} is in ${book.currency}.`, path);
  if (startDate < book.validFrom || (book.validTo !== null && startDate > book.validTo)) {
    throw new Refusal('PRICE_BOOK_NOT_VALID', `Price book ${book.key} does not hold on ${startDate}.`, path);
  }
  return book;
}

function emptyTerms({ startDate, endDate, proration, customerId }: CreateContractInput, legalEntityId: string): ContractTerms {
  return {
    startDate, endDate,
    terms: [{ from: startDate, until: addDays(endDate, 1) }],
    cancelledFrom: null,
    billedBy: [{ from: startDate, legalEntityId }],
    ownedBy: [{ from: startDate, customerId }],
    suspensions: [],
    proration: proration ?? ProrationPolicy.DAY_ACTUAL,
    lines: [],
  };
}

/** The contract of this number, if it began as the one described; what became of it since is no difference. */
async function sameContract(work: Work, existing: Contract, wanted: Contract): Promise<Contract> {
  const where = { tenantId: work.tenantId, resourceId: existing.id, version: 1 };
  const [row] = await selectRows(work.sql, ResourceVersion, { where });
  const first = Object.assign(new Contract(), { proration: ProrationPolicy.DAY_ACTUAL, billingFrom: null, priceBookId: null, renewal: null }, row!.body);
  const [was, is] = [first, wanted].map((contract) => ({ ...contract, legalEntityId: termsOf(contract).billedBy[0]!.legalEntityId, lines: plainLines(contract) }));
  const fields = ['customerId', 'legalEntityId', 'currency', 'startDate', 'endDate', 'proration', 'billingFrom', 'priceBookId', 'renewal', 'lines'] as const;
  const differs = fields.find((field) => canonicalJson(was![field]) !== canonicalJson(is![field]));
  if (differs === undefined) return existing;
  throw new Refusal('DOCUMENT_DIFFERS', `Contract ${existing.number} was created otherwise; amend it, or use another number.`, `input.${differs}`);
}

/** Lines without what was decided of them afterwards, and without the grace of their meter: another one by now is no other contract. */
const plainLines = (contract: Contract) =>
  termsOf(contract).lines.map((line) => ({ ...line, meter: line.meter?.meterId, steps: line.steps.map(({ treatment: _, ...step }) => step) }));
