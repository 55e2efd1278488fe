import { digitsOf, parseMinor, split } from '../../entities/money';
import { postingDateOf, type CreditMemoDocument, type Given, type InvoiceDocument, type PostingDocument } from '../../sync/documents';
import type { Posted } from '../connector';
import { odd } from './answers';
import { type Books, percentKey } from './books';
import type { TrytonCalls } from './client';
import { partyOf } from './customers';
import { ErpRejection, TrytonRefusal, TrytonWarning } from './faults';
import { accountingDate, checkSums, invoiceValues, numberOf, referenceOf, taxesOf } from './map';
import { periodError } from './periods';
import { ensureTax } from './setup';
import { type Id, type Row, decimalText, minorOf } from './values';
import { formatDecimal } from '../../entities/money';

/** What a posting works with: the calls of one company and its books. */
export interface Work {
  calls: TrytonCalls;
  books: Books;
}

const INVOICE = 'account.invoice';
const FIELDS = ['id', 'number', 'state', 'party', 'total_amount', 'amount_to_pay', 'lines_to_pay', 'payment_lines', 'lines'];

/** The customer invoice or credit with this reference; a posted one before the draft that a doubled request left. */
export async function findInvoice({ calls }: Work, reference: string): Promise<Row | undefined> {
  const rows = await calls.rows(INVOICE, [['company', '=', calls.company], ['type', '=', 'out'], ['reference', '=', reference]], FIELDS);
  return rows.find(isBooked) ?? rows[0];
}

export async function invoiceOf(work: Work, reference: string): Promise<Row> {
  const invoice = await findInvoice(work, reference);
  if (!invoice || invoice.state === 'draft') throw new ErpRejection('ERP_INVOICE_UNKNOWN', `Tryton has not posted ${reference}.`);
  return invoice;
}

export const isBooked = (invoice: Row | undefined): invoice is Row => invoice !== undefined && invoice.state !== 'draft';
export const minor = (work: Work, value: unknown) => minorOf(decimalText(value), digitsOf(work.books.currency));

/** Whether Tryton is the authority for something of a document. */
const gives = ({ backend, body }: PostingDocument, what: Given): boolean => {
  const { authority } = body as InvoiceDocument;
  return authority?.backend === backend && authority.gives.includes(what);
};

async function postedInvoice(work: Work, document: PostingDocument, { id, number }: Row): Promise<Posted> {
  const posted: Posted = { outcome: 'POSTED', reference: `${INVOICE},${id}`, number: number as string };
  return gives(document, 'TAX') ? { ...posted, taxes: await lineTaxes(work, document.body as InvoiceDocument, id) } : posted;
}

/** Tryton's tax of each line: it has one sum for each rate, which is spread over the lines that have it. */
async function lineTaxes(work: Work, body: InvoiceDocument, id: Id): Promise<Record<string, string>> {
  const rates = await taxRecords(work, body);
  const rows = await work.calls.rows('account.invoice.tax', [['invoice', '=', id]], ['id', 'tax', 'amount']);
  const taxes: Record<string, string> = {};
  for (const [percent, tax] of rates) {
    const lines = body.lines.filter((line) => percentKey(line.taxRatePercent) === percent);
    const row = rows.find((one) => one.tax === tax);
    const parts = spread(row ? minor(work, row.amount) : 0n, lines.map((line) => parseMinor(line.netMinor)));
    lines.forEach(({ lineId }, index) => (taxes[lineId] = parts[index]!.toString()));
  }
  return taxes;
}

const spread = (whole: bigint, weights: bigint[]): bigint[] => (weights.some((weight) => weight > 0n) ? split(whole, weights) : weights.map(() => 0n));

/** The posted document, unless something remains to be done with it (posting a draft, linking a credit). */
export async function findPostedInvoice(work: Work, document: PostingDocument): Promise<Posted | undefined> {
  const invoice = await findInvoice(work, referenceOf(document));
  if (!isBooked(invoice)) return undefined;
  if (document.kind !== 'invoice') {
    const original = await findInvoice(work, (document.body as CreditMemoDocument).invoiceId);
    if (!original || (await creditLeft(work, { original, credit: invoice })).length > 0) return undefined;
  }
  return postedInvoice(work, document, invoice);
}

export async function postInvoice(work: Work, document: PostingDocument): Promise<Posted> {
  const body = document.body as InvoiceDocument;
  return postedInvoice(work, document, await book(work, document, async () => ({ ...(await partyOf(work.calls, body.customerId)) })));
}

/** Posts a credit and takes it off the original, as far as that is still open. */
export async function postCredit(work: Work, document: PostingDocument): Promise<Posted> {
  const body = document.body as CreditMemoDocument;
  const original = await invoiceOf(work, body.invoiceId);
  const credit = await book(work, document, async () => {
    if (document.kind === 'invoiceVoid') checkVoid(work, original, body);
    const { id, address } = await partyOf(work.calls, body.customerId);
    if (id !== original.party) throw new ErpRejection('ERP_CUSTOMER_UNKNOWN', `${body.invoiceNumber} belongs to another party.`);
    return { id, address, origins: await originsOf(work, original) };
  });
  const lines = await creditLeft(work, { original, credit });
  if (lines.length > 0) {
    await work.calls.write(INVOICE, [original.id], { payment_lines: [['add', lines]] });
    await settle(work, original.id);
  }
  return postedInvoice(work, document, credit);
}

/** A void takes back all of an invoice that nobody has paid or credited; else the parts are taken back first. */
function checkVoid(work: Work, original: Row, body: CreditMemoDocument): void {
  const total = minor(work, original.total_amount);
  if (total !== parseMinor(body.totalMinor)) {
    throw new ErpRejection('ERP_TOTAL_DIFFERS', `${body.invoiceNumber} is ${formatDecimal(total, body.currency)} in Tryton.`);
  }
  if (original.state !== 'posted' || minor(work, original.amount_to_pay) !== total) {
    throw new ErpRejection('ERP_INVOICE_SETTLED', `${body.invoiceNumber} has payments or credits in Tryton; take them back first.`);
  }
}

/** The credit's receivable lines that the original can still take, and has not. */
async function creditLeft(work: Work, { original, credit }: { original: Row; credit: Row }): Promise<Id[]> {
  const open = minor(work, original.amount_to_pay);
  const amount = -minor(work, credit.total_amount);
  if (original.state !== 'posted' || credit.state !== 'posted' || amount > open) return [];
  const lines = await work.calls.read('account.move.line', credit.lines_to_pay as Id[], ['id', 'invoice_payment', 'reconciliation']);
  return lines.filter((line) => !line.invoice_payment && !line.reconciliation).map(({ id }) => id);
}

async function originsOf(work: Work, original: Row): Promise<Map<string, Id>> {
  const lines = await work.calls.read('account.invoice.line', original.lines as Id[], ['id', 'note']);
  const origins = new Map(lines.map(({ id, note }) => [String(note ?? ''), id]));
  if (lines[0]) origins.set('', lines[0].id);
  return origins;
}

/** Finds the document or creates its draft, checks what Tryton computed, and posts it. A refused draft is removed again. */
async function book(
  work: Work, document: PostingDocument, refs: () => Promise<{ id: Id; address: Id; origins?: Map<string, Id> }>,
): Promise<Row> {
  const { calls } = work;
  const body = document.body as InvoiceDocument;
  const reference = referenceOf(document);
  let invoice = await findInvoice(work, reference);
  if (isBooked(invoice)) return invoice;
  checkSums(body);
  const taxes = await taxRecords(work, body);
  if (!invoice) {
    const { id: party, address, origins } = await refs();
    const id = await calls.create(INVOICE, invoiceValues(document, work.books, { party, address, origins, taxes }));
    invoice = { id, state: 'draft' };
  }
  try {
    const number = gives(document, 'NUMBER') ? null : numberOf(document); // without one, Tryton takes the next of its own
    await calls.write(INVOICE, [invoice.id], { number, ...accountingDate(document) }); // the first write makes Tryton compute the taxes
    const sums = await onlyDraft(work, { reference, id: invoice.id });
    await agree(work, document, { id: invoice.id, taxes, sums });
    await calls.act(INVOICE, 'post', [invoice.id]);
  } catch (error) {
    if (error instanceof ErpRejection || error instanceof TrytonRefusal || error instanceof TrytonWarning) await removeDraft(work, invoice.id);
    throw await periodError(calls, error, postingDateOf(document)!);
  }
  const [posted] = await calls.read(INVOICE, [invoice.id], [...FIELDS, 'reference']);
  if (!isBooked(posted) || posted.reference !== reference) throw odd(`Tryton said that it posted invoice ${invoice.id}, and it is not so.`);
  return posted;
}

/**
 * The sums of the draft, once it is the only record under its reference. A request that was given up may have been carried out after the
 * look-up that followed; of two drafts, each posted by a request of its own, the books would have the document twice.
 */
async function onlyDraft(work: Work, draft: { reference: string; id: Id }, again = true): Promise<Row> {
  const { reference, id } = draft;
  const domain = [['company', '=', work.calls.company], ['type', '=', 'out'], ['reference', '=', reference]];
  const rows = await work.calls.rows(INVOICE, domain, ['id', 'state', 'untaxed_amount', 'tax_amount']);
  const own = rows.find((row) => row.id === id);
  if (!own) throw odd(`Tryton has no draft ${id} under ${reference}.`);
  const others = rows.filter((row) => row !== own);
  if (others.some(isBooked)) throw new TrytonRefusal(`Tryton has posted ${reference} meanwhile.`);
  try {
    for (const other of others) await removeDraft(work, other.id);
    return own;
  } catch (error) {
    if (!again || !(error instanceof TrytonRefusal)) throw error;
    return onlyDraft(work, draft, false); // a removal that was delivered twice is refused the second time
  }
}

async function taxRecords({ calls, books }: Work, body: InvoiceDocument): Promise<Map<string, Id>> {
  const taxes = new Map<string, Id>();
  for (const { taxRatePercent } of body.lines) taxes.set(percentKey(taxRatePercent), await ensureTax(calls, books, taxRatePercent));
  return taxes;
}

/** Tryton forbids deleting what has a number, so the draft loses its number first. */
async function removeDraft({ calls }: Work, id: Id): Promise<void> {
  await calls.write(INVOICE, [id], { number: null });
  await calls.act(INVOICE, 'delete', [id]);
}

/**
 * Compares what Tryton computed with the document. Net must agree at once. Tax may differ by rounding (Tryton rounds a half to
 * the even unit, we round it up): such a tax line is set to our amount. Anything else is ERP_TOTAL_DIFFERS.
 */
async function agree(work: Work, document: PostingDocument, draft: { id: Id; taxes: Map<string, Id>; sums: Row }): Promise<void> {
  const { calls } = work;
  const body = document.body as InvoiceDocument;
  const sign = document.kind === 'invoice' ? 1n : -1n;
  const net = minor(work, draft.sums.untaxed_amount);
  const tax = minor(work, draft.sums.tax_amount);
  if (net === sign * parseMinor(body.netMinor) && gives(document, 'TAX')) return;
  if (net === sign * parseMinor(body.netMinor) && tax === sign * parseMinor(body.taxMinor)) return;
  const theirs = formatDecimal(sign * (net + tax), body.currency);
  const differs = new ErpRejection('ERP_TOTAL_DIFFERS', `Tryton computes ${theirs} for ${body.number}, not ${formatDecimal(parseMinor(body.totalMinor), body.currency)}.`);
  if (net !== sign * parseMinor(body.netMinor)) throw differs;
  const rows = await calls.rows('account.invoice.tax', [['invoice', '=', draft.id]], ['id', 'tax', 'amount']);
  for (const [percent, { minor: ours, roundingMinorMax }] of taxesOf(body)) {
    const row = rows.find((one) => one.tax === draft.taxes.get(percent));
    const off = row ? minor(work, row.amount) - sign * ours : ours;
    if (off === 0n) continue;
    if (!row || off > roundingMinorMax || off < -roundingMinorMax) throw differs;
    await calls.write('account.invoice.tax', [row.id], { amount: { __class__: 'Decimal', decimal: formatDecimal(sign * ours, body.currency) } });
  }
}

/** Reconciles an invoice whose receivable is fully covered by its payment lines; Tryton then calls it paid. */
export async function settle({ calls }: Work, id: Id): Promise<void> {
  const [invoice] = await calls.read(INVOICE, [id], ['state', 'amount_to_pay', 'lines_to_pay', 'payment_lines']);
  if (invoice?.state !== 'posted' || !/^-?0(\.0+)?(E.*)?$/i.test(decimalText(invoice.amount_to_pay))) return;
  await reconcile(calls, [...(invoice.lines_to_pay as Id[]), ...(invoice.payment_lines as Id[])]);
}

/** Reconciles those of the lines that are not reconciled yet; they must balance and belong to one party. */
export async function reconcile(calls: TrytonCalls, ids: Id[]): Promise<void> {
  const lines = await calls.read('account.move.line', ids, ['id', 'reconciliation']);
  const open = lines.filter((line) => !line.reconciliation).map((line) => line.id);
  if (open.length > 1) await calls.wizard('account.move.reconcile_lines', 'account.move.line', open);
}
