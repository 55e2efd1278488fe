import { Refusal } from '../../entities/refusal';
import type { Clock } from '../../sync/clock';
import type { DocumentKind, PaymentDocument, PostingDocument } from '../../sync/documents';
import type { Answer, Connector, Finding, Posted, Rejected, Uncertain } from '../connector';
import { abortable } from './answers';
import { type Books, readBooks } from './books';
import { findCash, postApplication, postPayment, postUnapplication } from './cash';
import { type TrytonCalls, TrytonClient } from './client';
import { checkContract } from './contracts';
import { deferring, findingDeferral } from './deferral';
import { findCustomer, postCustomer } from './customers';
import { ErpRejection, TrytonRefusal, TrytonUnreachable, answerOf } from './faults';
import { type Work, findPostedInvoice, postCredit, postInvoice } from './invoices';
import { findRevenue, postRevenue } from './revenue';
import { prepareCompany } from './setup';

export interface TrytonOptions {
  url: string;
  user: string;
  password: string;
  clock: Clock;
  /** Whether a legal entity that Tryton does not know yet gets a company and a plain chart of accounts; true by default. */
  prepare?: boolean;
}

/** How long a company's accounts and taxes are believed before they are read again. */
export const BOOKS_FRESH_MS = 300_000;

type Post = (work: Work, document: PostingDocument) => Promise<Posted>;
type Find = (work: Work, document: PostingDocument) => Promise<Posted | undefined>;

const BOOKED: Partial<Record<DocumentKind, { post: Post; find: Find }>> = {
  contractCheck: { post: checkContract, find: checkContract },
  invoice: { post: deferring(postInvoice), find: findingDeferral(findPostedInvoice) },
  creditMemo: { post: deferring(postCredit), find: findingDeferral(findPostedInvoice) },
  invoiceVoid: { post: deferring(postCredit), find: findingDeferral(findPostedInvoice) },
  payment: { post: postPayment, find: findCash },
  application: { post: postApplication, find: findCash },
  unapplication: { post: postUnapplication, find: findCash },
  revenueJournal: { post: postRevenue, find: findRevenue },
};

/** Tryton 6.0 as the ERP. Its limit says that one document of a company at a time is posted, for Tryton has no idempotency of its own. */
export function trytonConnector(options: TrytonOptions): Connector {
  const client = new TrytonClient(options, options.clock);
  const bookshelf = shelf(options);
  const { prepare = true } = options;
  const lane = lanes();

  async function post(document: PostingDocument, signal: AbortSignal): Promise<Answer> {
    let changed = false;
    const calls = client.within({ signal, changed: () => (changed = true) });
    try {
      return await lane(document.legalEntity?.code ?? '', { signal, run: () => dispatch(calls, document) });
    } catch (error) {
      const answer = outcomeOf(error);
      if (error instanceof TrytonRefusal || (answer.outcome === 'REJECTED' && changed)) return (await alreadyBooked(document, signal)) ?? answer;
      return answer.outcome === 'UNCERTAIN' && changed ? { ...answer, sent: true } : answer;
    }
  }

  /** A request that was delivered twice, or that another process was quicker with, is refused because it is done. */
  async function alreadyBooked(document: PostingDocument, signal: AbortSignal): Promise<Answer | undefined> {
    const found = await find(document, signal);
    return found.outcome === 'ABSENT' ? undefined : found;
  }

  async function dispatch(calls: TrytonCalls, document: PostingDocument): Promise<Answer> {
    if (document.kind === 'customer') return postCustomer(calls, document);
    const booked = BOOKED[document.kind];
    if (!booked) throw new ErpRejection('ERP_KIND_UNSUPPORTED', `Tryton takes no ${document.kind} documents.`);
    try {
      return await booked.post(await workOf(calls, document, { bookshelf, prepare }), document);
    } catch (error) {
      if (!(error instanceof ErpRejection) || error.code !== 'ERP_ACCOUNT_UNKNOWN') throw error;
      bookshelf.forget(document.legalEntity!.code); // the account may have been added since the books were read
      return booked.post(await workOf(calls, document, { bookshelf, prepare }), document);
    }
  }

  async function find(document: PostingDocument, signal: AbortSignal): Promise<Finding> {
    const calls = client.within({ signal });
    try {
      if (document.kind === 'customer') return (await findCustomer(calls, document)) ?? { outcome: 'ABSENT' };
      const booked = BOOKED[document.kind];
      if (!booked || !document.legalEntity) return { outcome: 'ABSENT' };
      return (await booked.find(await workOf(calls, document, { bookshelf, prepare: false }), document)) ?? { outcome: 'ABSENT' };
    } catch (error) {
      const answer = outcomeOf(error);
      // our own "no" (no such company, an unreadable document) means absence; Tryton's means that it would not tell
      if (answer.outcome === 'REJECTED' && !(error instanceof TrytonRefusal)) return { outcome: 'ABSENT' };
      return { ...answer, outcome: 'UNCERTAIN', sent: true };
    }
  }

  return { name: 'tryton', limits: { channelConcurrency: 1 }, post, find };
}

/** The books that a document goes into; they are in one currency. */
async function workOf(calls: TrytonCalls, { legalEntity, body }: PostingDocument, { bookshelf, prepare }: { bookshelf: ReturnType<typeof shelf>; prepare: boolean }): Promise<Work> {
  if (!legalEntity) throw new ErpRejection('ERP_COMPANY_UNKNOWN', 'The document names no legal entity.');
  const books = await abortable(bookshelf.books(calls, { ...legalEntity, prepare }), calls.signal, true);
  const { currency } = body as PaymentDocument;
  if (currency !== books.currency) {
    throw new ErpRejection('ERP_CURRENCY_DIFFERS', `The books are in ${books.currency}; a document in ${currency} needs a rate.`);
  }
  return { calls: calls.of(books.company), books };
}

/** A document that the mapping itself cannot read is rejected like one that Tryton refuses; a field of an odd type settles nothing. */
function outcomeOf(error: unknown): Rejected | Uncertain {
  if (error instanceof TypeError) {
    return { outcome: 'UNCERTAIN', sent: true, code: 'ERP_ANSWER_ODD', message: `Tryton's answer has a field of another type: ${error.message.slice(0, 200)}` };
  }
  if (error instanceof RangeError || error instanceof Refusal) {
    return { outcome: 'REJECTED' as const, code: 'ERP_DOCUMENT_INVALID', message: error.message };
  }
  return answerOf(error);
}

type Entity = { code: string; currency: string; prepare: boolean };

/** The books of each legal entity, read once and again when they are old; two documents wait for one reading. */
function shelf({ clock }: TrytonOptions) {
  const held = new Map<string, { books: Promise<Books>; readMs: number }>();
  let preparing: Promise<unknown> = Promise.resolve();

  async function read(calls: TrytonCalls, { code, currency, prepare }: Entity): Promise<Books> {
    const books = await readBooks(calls, code);
    if (books) return books;
    if (!prepare) throw new ErpRejection('ERP_COMPANY_UNKNOWN', `Tryton has no complete company for the legal entity ${code}.`);
    const prepared = preparing.then(() => prepareCompany(calls, { code, currency })); // companies share currencies and journals
    preparing = prepared.catch(() => undefined);
    return prepared;
  }

  return {
    async books(calls: TrytonCalls, entity: Entity): Promise<Books> {
      const known = held.get(entity.code);
      if (known && clock.nowMs() - known.readMs < BOOKS_FRESH_MS) return known.books;
      const books = read(calls, entity);
      if (!entity.prepare) return books; // a look-up that finds no company must not spoil a post that makes one
      held.set(entity.code, { books, readMs: clock.nowMs() });
      books.catch(() => held.delete(entity.code));
      return books;
    },
    forget: (code: string) => held.delete(code),
  };
}

/** Runs the works of one key one after the other. A work whose signal aborts while it waits never starts. */
function lanes() {
  const tails = new Map<string, Promise<unknown>>();
  return <T>(key: string, { signal, run }: { signal: AbortSignal; run: () => Promise<T> }): Promise<T> => {
    let started = false;
    const tail = (tails.get(key) ?? Promise.resolve()).then(() => {
      if (signal.aborted) throw tooLate();
      started = true;
      return run();
    });
    const settled = tail.catch(() => undefined).then(() => {
      if (tails.get(key) === settled) tails.delete(key);
    });
    tails.set(key, settled);
    return new Promise<T>((resolve, reject) => {
      const abandon = () => { if (!started) reject(tooLate()); };
      signal.addEventListener('abort', abandon, { once: true });
      tail.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
    });
  };
}

const tooLate = () => new TrytonUnreachable(false, 'ERP_TIMEOUT', "The document's turn for its company did not come in time.");
