import { Customer } from '../../../entities/customers/Customer';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Invoice, InvoiceState, SettlementState } from '../../../entities/invoices/Invoice';
import { BankLine } from '../../../entities/payments/BankLine';
import { BankStatement, StatementState } from '../../../entities/payments/BankStatement';
import { decide, type Decision, type Evidence, lookupTerms, namesOf } from '../../../entities/payments/matching';
import { move } from '../../move';
import type { Work } from '../../work';
import { paymentUnmatched, statementConflict, statementImported, statementOpened } from '../events';
import { STATEMENT_MOVES } from '../states';
import { applyCash } from './applyCash';
import { balanceOf, bookPayment } from './bookPayment';
import { aliasOf, knownPayers, learnPayer, type Lesson } from './learnPayer';

/** A booked line of a statement that ties. */
export interface StatementLine {
  lineKey: string;
  contentHash: string;
  /** 1 for the first line of this content in this statement, 2 for the second, … */
  occurrence: number;
  bookingDate: string;
  currency: string;
  /** Money in is positive. */
  amountMinor: string;
  payerName: string | null;
  payerAccount: string | null;
  evidence: Evidence;
}

/** Some lines of one statement: files are taken in by batches, each in an act of its own. */
export interface StatementBatch {
  account: string;
  statementNumber: string;
  legalEntityId: string;
  closingDate: string;
  currency: string;
  openingMinor: string;
  closingMinor: string;
  lines: StatementLine[];
  /** Lines of the whole statement, given with its last batch. */
  finishedWith: number | null;
}

export interface BatchResult {
  statementId: string;
  known: number;
  applied: number;
  unmatched: number;
  debits: number;
  conflicts: number;
}

/** Takes in a batch of statement lines: each line once, each credit a payment, applied where it can be meant in one way only. */
export async function importBankStatement(work: Work, batch: StatementBatch): Promise<BatchResult> {
  const entity = await work.read(LegalEntity, batch.legalEntityId);
  const statement = await openStatement(work, batch, entity);
  const result: BatchResult = { statementId: statement.id, known: 0, applied: 0, unmatched: 0, debits: 0, conflicts: 0 };
  const fresh = await sortOut(work, { batch, statement, result });
  const found = await findInvoices(work, fresh, entity);
  await lockMeant(work, fresh, found);
  const lessons: Lesson[] = [];
  for (const line of fresh) {
    const amountMinor = BigInt(line.amountMinor);
    const paymentId = amountMinor > 0n ? await takeIn(work, { line, entity, found, result, lessons }) : null;
    if (amountMinor <= 0n) result.debits++;
    const { lineKey, contentHash, bookingDate, currency, evidence } = line;
    const remittance = [...evidence.creditorReferences, ...evidence.references, ...evidence.text];
    const row = { lineKey, contentHash, bookingDate, currency, amountMinor, remittance, paymentId, statementId: statement.id };
    work.add(Object.assign(new BankLine(), row, { createdAtMs: work.nowMs }));
  }
  await learnPayer(work, lessons);
  if (batch.finishedWith !== null && statement.state === StatementState.IMPORTING) finish(work, statement, batch.finishedWith);
  return result;
}

async function openStatement(work: Work, batch: StatementBatch, entity: LegalEntity): Promise<BankStatement> {
  const { account, statementNumber, closingDate, currency } = batch;
  const id = work.id('stm', { system: 'bank', type: 'statement', key: `${account}/${statementNumber}/${closingDate}` });
  const existing = await work.peek(BankStatement, id);
  if (existing) return work.lock(BankStatement, id);
  const statement = Object.assign(new BankStatement(), {
    id, account, statementNumber, closingDate, currency,
    legalEntityId: entity.id,
    state: StatementState.IMPORTING,
    openingMinor: BigInt(batch.openingMinor),
    closingMinor: BigInt(batch.closingMinor),
    lineCount: 0,
    contentHash: '',
  });
  work.add(statement);
  work.tell(statementOpened(statement, factsOf(statement)));
  return statement;
}

function finish(work: Work, statement: BankStatement, lineCount: number): void {
  statement.state = move(STATEMENT_MOVES, statement.state, 'finish');
  statement.lineCount = lineCount;
  work.change(statement);
  work.tell(statementImported(statement, { ...factsOf(statement), lineCount }));
}

function factsOf(statement: BankStatement) {
  const { account, statementNumber, closingDate, currency } = statement;
  return { account, statementNumber, closingDate, currency, openingMinor: statement.openingMinor.toString(), closingMinor: statement.closingMinor.toString() };
}

/** The lines that are new. A known key with other content is told as a conflict, also within one file; the same content in another statement is an overlap. */
async function sortOut(work: Work, at: { batch: StatementBatch; statement: BankStatement; result: BatchResult }): Promise<StatementLine[]> {
  const { batch, statement, result } = at;
  const known = await work.find(BankLine, { lineKey: batch.lines.map((line) => line.lineKey) });
  const contents = new Map(known.map((line) => [line.lineKey, line.contentHash]));
  const alike = await work.find(BankLine, { contentHash: batch.lines.map((line) => line.contentHash) });
  return batch.lines.filter((line) => {
    const content = contents.get(line.lineKey);
    if (content === undefined) contents.set(line.lineKey, line.contentHash);
    else if (content !== line.contentHash) {
      result.conflicts++;
      const { lineKey, currency, amountMinor, bookingDate } = line;
      work.tell(statementConflict(statement, { lineKey, currency, amountMinor, bookingDate }));
      return false;
    }
    const elsewhere = alike.filter((other) => other.contentHash === line.contentHash && other.statementId !== statement.id).length;
    if (content === undefined && elsewhere < line.occurrence) return true;
    result.known++;
    return false;
  });
}

/** What the lines of a batch may be meant for. */
interface Found {
  /** Invoices of the legal entity that some word of a line names. */
  namedBy(evidence: Evidence): Invoice[];
  /** The customer who pays from where a line came from, if exactly one does. */
  payerOf(line: StatementLine): string | undefined;
  /** What is open of those customers; undefined if that is too much to look through. */
  payersOpen: Invoice[] | undefined;
}

const OPEN_MAX = 2_000;

async function findInvoices(work: Work, lines: StatementLine[], entity: LegalEntity): Promise<Found> {
  const credits = lines.filter((line) => !line.amountMinor.startsWith('-'));
  const terms = credits.map((line) => lookupTerms(line.evidence));
  const numbers = [...new Set(terms.flatMap((term) => term.numbers))];
  const references = [...new Set(terms.flatMap((term) => term.paymentReferences))];
  const named = [
    ...(numbers.length > 0 ? await work.find(Invoice, { number: numbers }) : []),
    ...(references.length > 0 ? await work.find(Invoice, { paymentReference: references }) : []),
  ];
  const payers = await knownPayers(work, credits.filter(({ payerAccount }) => payerAccount !== null)); // a name alone is not enough: others may have it
  const payerOf = (line: StatementLine) => {
    if (line.payerAccount === null) return undefined;
    const [payer, another] = payers.get(aliasOf(line) ?? '') ?? [];
    return another === undefined ? payer : undefined;
  };
  const customerId = [...new Set(credits.map(payerOf).filter((id) => id !== undefined))];
  const open = { customerId, legalEntityId: entity.id, settlement: [SettlementState.UNPAID, SettlementState.PARTLY_PAID] };
  const payersOpen = customerId.length === 0 ? [] : await work.find(Invoice, open, { limit: OPEN_MAX + 1 });
  return { namedBy: namesOf([...new Set(named)].filter((invoice) => invoice.legalEntityId === entity.id)), payerOf, payersOpen: payersOpen.length > OPEN_MAX ? undefined : payersOpen };
}

interface Intake {
  line: StatementLine;
  entity: LegalEntity;
  found: Found;
  result: BatchResult;
  lessons: Lesson[];
}

/** Where a line goes, by what is open of the invoices now. */
function decideLine(line: StatementLine, { namedBy, payerOf, payersOpen }: Found): Decision {
  const eligible = (invoice: Invoice) => invoice.state === InvoiceState.ISSUED && invoice.currency === line.currency && !invoice.provisional.includes('TAX');
  const payer = payerOf(line);
  const open = payer === undefined ? undefined : payersOpen?.filter((invoice) => invoice.customerId === payer && invoice.openMinor > 0n && eligible(invoice));
  return decide(line.evidence, { amountMinor: BigInt(line.amountMinor), named: namedBy(line.evidence).filter(eligible), payerId: payer ?? null, payersOpen: open ?? null });
}

/** Locks what the lines seem to be meant for: each is decided anew under the lock, for somebody may have paid or voided it meanwhile, or a line before it has. */
async function lockMeant(work: Work, lines: readonly StatementLine[], found: Found): Promise<void> {
  const decisions = lines.filter((line) => !line.amountMinor.startsWith('-')).map((line) => decideLine(line, found));
  const meant = await work.lockAll(Invoice, decisions.flatMap((decision) => (decision.found === 'PARTS' ? decision.parts.map(({ invoice }) => invoice.id) : [])));
  if (meant.length > 0) await work.find(Customer, { id: [...new Set(meant.map(({ customerId }) => customerId))] }); // each payment is posted behind its customer
}

const DECIDED_MAX = 3;

/** The decision under the lock: what was paid meanwhile may leave another invoice to be meant, which is then locked and looked at in its turn. */
async function decideLocked(work: Work, line: StatementLine, found: Found): Promise<Decision> {
  let locked: string[] = [];
  for (let count = 0; count < DECIDED_MAX; count++) {
    const decision = decideLine(line, found);
    if (decision.found !== 'PARTS') return decision;
    const ids = decision.parts.map(({ invoice }) => invoice.id);
    if (ids.every((id) => locked.includes(id))) return decision;
    await work.lockAll(Invoice, ids);
    locked = [...locked, ...ids];
  }
  return { found: 'NOTHING', reason: 'What it seems to be meant for changed while it was taken in.' };
}

async function takeIn(work: Work, { line, entity, found, result, lessons }: Intake): Promise<string> {
  const { evidence } = line;
  const decision = await decideLocked(work, line, found);
  const parts = decision.found === 'PARTS' ? decision.parts : [];
  const receipt = {
    id: work.id('pay', { system: 'bank', type: 'payment', key: line.lineKey }),
    reference: line.lineKey,
    source: 'BANK' as const,
    customerId: parts[0]?.invoice.customerId ?? null,
    currency: line.currency,
    amountMinor: BigInt(line.amountMinor),
    receivedDate: line.bookingDate < entity.booksFrom ? entity.booksFrom : line.bookingDate,
    payerName: line.payerName,
    payerAccount: line.payerAccount,
    remittance: [...evidence.creditorReferences, ...evidence.references, ...evidence.text],
  };
  const payment = await bookPayment(work, receipt, entity);
  if (decision.found === 'PARTS') {
    for (const { invoice, amountMinor } of parts) await applyCash(work, payment, { invoiceId: invoice.id, amountMinor, rule: decision.rule, evidence: decision.evidence.slice(0, 191) });
    if (decision.rule !== 'PAYER_AND_AMOUNT') parts.forEach(({ invoice: { customerId } }) => lessons.push({ origin: payment, customerId, by: 1 })); // what was applied by that knowledge teaches nothing
    result.applied++;
  }
  if (payment.unappliedMinor === 0n) return payment.id;
  result.unmatched++;
  const reason = decision.found === 'PARTS' ? `More came in than was open on invoice ${parts.map(({ invoice }) => invoice.number).join(', ')}.` : decision.reason;
  work.tell(paymentUnmatched(payment, { ...balanceOf(payment), reason }));
  return payment.id;
}
