import { parseMinor } from '../../entities/money';
import { postingDateOf, type ApplicationDocument, type PaymentDocument, type PostingDocument } from '../../sync/documents';
import type { Posted } from '../connector';
import { odd } from './answers';
import { partyOf } from './customers';
import { ErpRejection, TrytonRefusal } from './faults';
import { type Work, invoiceOf, minor, reconcile, settle } from './invoices';
import { type MoveLine, type MovePlan, moveValues } from './map';
import { openPeriod, periodError } from './periods';
import { type Id, type Row, date, decimal } from './values';

const MOVE = 'account.move';
const LINE = 'account.move.line';
const LINE_FIELDS = ['id', 'account', 'party', 'debit', 'credit', 'reconciliation', 'invoice_payment'];

type Unapplication = ApplicationDocument & { applicationId: string };

/** The move with this description; a posted one before the draft that a doubled request left. */
export async function findMove({ calls }: Work, externalId: string): Promise<Row | undefined> {
  const domain = [['company', '=', calls.company], ['description', '=', externalId]];
  const moves = await calls.rows(MOVE, domain, ['id', 'state', 'post_number', 'lines']);
  return moves.find(({ state }) => state === 'posted') ?? moves[0];
}

export const postedMove = ({ id, post_number }: Row): Posted => ({ outcome: 'POSTED', reference: `${MOVE},${id}`, number: post_number as string });

/** The move's debit and credit line; every move of this connector has one of each. */
async function linesOf({ calls }: Work, move: Row): Promise<{ debit: Row; credit: Row }> {
  const lines = await calls.read(LINE, move.lines as Id[], LINE_FIELDS);
  const debit = lines.find((line) => !/^0(\.0+)?$/.test((line.debit as { decimal: string }).decimal));
  const credit = lines.find((line) => line !== debit);
  if (lines.length !== 2 || !debit || !credit) throw new ErpRejection('ERP_REFUSED', `Move ${move.id} was changed in Tryton.`);
  return { debit, credit };
}

/** The posted move, unless its link to the invoice is still to be made or undone. */
export async function findCash(work: Work, document: PostingDocument): Promise<Posted | undefined> {
  const move = await findMove(work, document.externalId);
  if (move?.state !== 'posted') return undefined;
  if (document.kind === 'application' && !(await isLinked(work, move))) return undefined;
  return postedMove(move);
}

/** Linked now, or reversed since: then the link is rightly gone. */
async function isLinked(work: Work, move: Row): Promise<boolean> {
  const { credit } = await linesOf(work, move);
  if (credit.invoice_payment || credit.reconciliation) return true;
  return (await work.calls.first(MOVE, [['company', '=', work.books.company], ['origin', '=', `${MOVE},${move.id}`]])) !== undefined;
}

/** Debits the bank and credits the payer's receivable, or unidentified receipts while nobody knows the payer. */
export async function postPayment(work: Work, document: PostingDocument): Promise<Posted> {
  const { calls, books } = work;
  const { customerId, reference } = document.body as PaymentDocument;
  const move = await bookMove(work, document, async () => {
    const party = customerId === null ? null : (await partyOf(calls, customerId)).id;
    const description = reference.slice(0, 200);
    const account = party === null ? books.unidentified : books.receivable;
    const lines: MoveLine[] = [
      { account: books.bank, party: null, side: 'debit', description },
      { account, party, side: 'credit', description },
    ];
    return { lines, journal: books.cashJournal };
  });
  return postedMove(move);
}

/**
 * Moves part of a payment onto an invoice: debits what the payment credited, credits the invoice's receivable, and gives
 * the credit line to the invoice, whose amount to pay falls by it.
 */
export async function postApplication(work: Work, document: PostingDocument): Promise<Posted> {
  const { calls, books } = work;
  const body = document.body as ApplicationDocument;
  await partyOf(calls, body.customerId);
  const invoice = await invoiceOf(work, body.invoiceId);
  const payment = await findMove(work, body.paymentId);
  if (payment?.state !== 'posted') throw new ErpRejection('ERP_PAYMENT_UNKNOWN', `Tryton has not posted ${body.paymentId}.`);
  const { credit: source } = await linesOf(work, payment);
  const move = await bookMove(work, document, async () => {
    if (parseMinor(body.amountMinor) > minor(work, invoice.amount_to_pay)) {
      throw new ErpRejection('ERP_AMOUNT_EXCEEDS', `${body.invoiceNumber} has less to pay in Tryton than is applied.`);
    }
    const lines: MoveLine[] = [
      { account: source.account as Id, party: source.party as Id | null, side: 'debit', description: body.invoiceNumber },
      { account: books.receivable, party: invoice.party as Id, side: 'credit', description: body.invoiceNumber },
    ];
    return { lines, journal: books.generalJournal, origin: `${MOVE},${payment.id}` };
  });
  if (!(await isLinked(work, move))) {
    const { credit } = await linesOf(work, move);
    await calls.write('account.invoice', [invoice.id], { payment_lines: [['add', [credit.id]]] });
  }
  await settle(work, invoice.id);
  await closePayment(work, { payment, source });
  return postedMove(move);
}

/** Reconciles a payment with its applications once they use all of it, so that it leaves Tryton's open items. */
async function closePayment(work: Work, { payment, source }: { payment: Row; source: Row }): Promise<void> {
  const applied = await work.calls.rows(LINE, [
    ['move.origin', '=', `${MOVE},${payment.id}`], ['move.state', '=', 'posted'], ['account', '=', source.account],
    ['party', '=', source.party], ['debit', '>', decimal('0')], ['reconciliation', '=', null],
  ], ['id', 'debit']);
  const used = applied.reduce((total, line) => total + minor(work, line.debit), 0n);
  if (!source.reconciliation && used === minor(work, source.credit)) await reconcile(work.calls, [source.id, ...applied.map(({ id }) => id)]);
}

/** Takes an application back: reopens the invoice if it was paid, takes the credit line from it and posts the reverse. */
export async function postUnapplication(work: Work, document: PostingDocument): Promise<Posted> {
  const { calls } = work;
  const body = document.body as Unapplication;
  const application = await findMove(work, body.applicationId);
  if (application?.state !== 'posted') {
    throw new ErpRejection('ERP_APPLICATION_UNKNOWN', `Tryton has not posted ${body.applicationId}.`);
  }
  const { debit, credit } = await linesOf(work, application);
  const invoice = await invoiceOf(work, body.invoiceId);
  if (credit.invoice_payment) await unlink(work, { invoice: invoice.id, credit });
  const reversed = await findMove(work, document.externalId);
  if (debit.reconciliation && reversed?.state !== 'posted') await unreconcile(work, debit);
  const move = await bookMove(work, document, async () => ({
    lines: [
      { account: credit.account as Id, party: credit.party as Id | null, side: 'debit', description: body.invoiceNumber },
      { account: debit.account as Id, party: debit.party as Id | null, side: 'credit', description: body.invoiceNumber },
    ],
    journal: work.books.generalJournal,
    origin: `${MOVE},${application.id}`,
  }));
  const reverse = await linesOf(work, move);
  await reconcile(calls, [credit.id, reverse.debit.id]);
  await reconcile(calls, [debit.id, reverse.credit.id]);
  return postedMove(move);
}

const unreconcile = ({ calls }: Work, line: Row) => calls.wizard('account.move.unreconcile_lines', LINE, [line.id]);

async function unlink(work: Work, { invoice, credit }: { invoice: Id; credit: Row }): Promise<void> {
  if (credit.reconciliation) await unreconcile(work, credit);
  await work.calls.write('account.invoice', [invoice], { payment_lines: [['remove', [credit.id]]] });
}

/** Leaves the draft alone under its description: others are of requests that were given up and carried out all the same. */
async function onlyDraft(work: Work, draft: { externalId: string; id: Id }, again = true): Promise<void> {
  const { calls } = work;
  const { externalId, id } = draft;
  const moves = await calls.rows(MOVE, [['company', '=', calls.company], ['description', '=', externalId]], ['id', 'state']);
  if (!moves.some((move) => move.id === id)) throw odd(`Tryton has no draft ${id} under ${externalId}.`);
  const others = moves.filter((move) => move.id !== id);
  if (others.some(({ state }) => state === 'posted')) {
    await calls.act(MOVE, 'delete', [id]);
    throw new TrytonRefusal(`Tryton has posted ${externalId} meanwhile.`);
  }
  try {
    if (others.length > 0) await calls.act(MOVE, 'delete', others.map((move) => move.id));
  } catch (error) {
    if (!again || !(error instanceof TrytonRefusal)) throw error;
    await onlyDraft(work, draft, false); // a removal that was delivered twice is refused the second time
  }
}

type Plan = Pick<MovePlan, 'lines' | 'journal' | 'origin'>;

/** Finds the document's move or creates it, and posts it. A draft left by a crash is posted, a refused one removed. */
export async function bookMove(work: Work, document: PostingDocument, plan: () => Promise<Plan>): Promise<Row> {
  const { calls, books } = work;
  const found = await findMove(work, document.externalId);
  if (found?.state === 'posted') return found;
  const day = postingDateOf(document)!;
  const period = await openPeriod(calls, day);
  if (found) await calls.write(MOVE, [found.id], { date: date(day), period }); // the draft may be of a time when another day was meant
  const id = found?.id ?? (await calls.create(MOVE, moveValues(document, { ...(await plan()), period, company: books.company })));
  await onlyDraft(work, { externalId: document.externalId, id });
  await calls.act(MOVE, 'post', [id]).catch(async (error: unknown) => {
    throw await periodError(calls, error, day);
  });
  const [move] = await calls.read(MOVE, [id], ['id', 'state', 'post_number', 'lines', 'description']);
  if (move?.state !== 'posted' || move.description !== document.externalId) throw odd(`Tryton said that it posted move ${id}, and it is not so.`);
  return move;
}
