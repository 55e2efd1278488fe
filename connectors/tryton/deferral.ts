import { parseMinor } from '../../entities/money';
import type { InvoiceDocument, PostingDocument } from '../../sync/documents';
import type { Posted } from '../connector';
import { bookMove, findMove } from './cash';
import type { Work } from './invoices';
import { type MoveLine, referenceOf, revenueAccount } from './map';
import { ensureDeferred } from './setup';

type Post = (work: Work, document: PostingDocument) => Promise<Posted>;
type Find = (work: Work, document: PostingDocument) => Promise<Posted | undefined>;

/** Tryton's invoices can name accounts of revenue only, so what is not earned yet is moved out of them by a move of its own. */
const deferralId = (document: PostingDocument) => `${referenceOf(document)}/deferral`;

/** Posts an invoice or a credit, and then what it defers; a crash in between is gone on with by posting again. */
export const deferring = (post: Post): Post => async (work, document) => {
  const posted = await post(work, document);
  if (amountsOf(document).size > 0) await bookMove(work, { ...document, externalId: deferralId(document) }, () => plan(work, document));
  return posted;
};

/** The posted document, unless what it defers is still to be moved. */
export const findingDeferral = (find: Find): Find => async (work, document) => {
  const posted = await find(work, document);
  if (!posted || amountsOf(document).size === 0) return posted;
  return (await findMove(work, deferralId(document)))?.state === 'posted' ? posted : undefined;
};

/** What a document moves from each account of revenue to each of deferred revenue, in minor units; below zero where a credit moves it back. */
function amountsOf(document: PostingDocument): Map<string, bigint> {
  const sign = document.kind === 'invoice' ? 1n : -1n;
  const amounts = new Map<string, bigint>();
  for (const { revenueAccount: earned, deferredAccount, netMinor } of (document.body as InvoiceDocument).lines) {
    if (deferredAccount === undefined) continue;
    const key = `${earned}|${deferredAccount}`;
    amounts.set(key, (amounts.get(key) ?? 0n) + sign * parseMinor(netMinor));
  }
  return new Map([...amounts].filter(([, minor]) => minor !== 0n));
}

async function plan({ calls, books }: Work, document: PostingDocument): Promise<{ lines: MoveLine[]; journal: number }> {
  const description = (document.body as InvoiceDocument).number;
  const lines: MoveLine[] = [];
  for (const [key, minor] of amountsOf(document)) {
    const [earned, deferred] = key.split('|') as [string, string];
    const amountMinor = (minor < 0n ? -minor : minor).toString();
    const [from, to] = minor > 0n ? ['debit', 'credit'] as const : ['credit', 'debit'] as const;
    lines.push({ account: revenueAccount(books, earned), party: null, side: from, amountMinor, description });
    lines.push({ account: await ensureDeferred(calls, books, deferred), party: null, side: to, amountMinor, description });
  }
  return { lines, journal: books.revenueJournal };
}
