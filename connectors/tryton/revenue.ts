import type { PostingDocument, RevenueJournalDocument } from '../../sync/documents';
import type { Posted } from '../connector';
import { bookMove, findMove, postedMove } from './cash';
import type { Work } from './invoices';
import { type MoveLine, revenueAccount } from './map';
import { ensureDeferred } from './setup';

/** Moves what a month has earned between deferred revenue and revenue. */
export async function postRevenue(work: Work, document: PostingDocument): Promise<Posted> {
  const { calls, books } = work;
  const { number, lines } = document.body as RevenueJournalDocument;
  const move = await bookMove(work, document, async () => {
    const planned: MoveLine[] = [];
    for (const { account, accountKind, debitMinor, creditMinor } of lines) {
      const id = accountKind === 'revenue' ? revenueAccount(books, account) : await ensureDeferred(calls, books, account);
      const [side, amountMinor] = debitMinor === '0' ? ['credit', creditMinor] as const : ['debit', debitMinor] as const;
      planned.push({ account: id, party: null, side, amountMinor, description: number });
    }
    return { lines: planned, journal: books.revenueJournal };
  });
  return postedMove(move);
}

export async function findRevenue(work: Work, document: PostingDocument): Promise<Posted | undefined> {
  const move = await findMove(work, document.externalId);
  return move?.state === 'posted' ? postedMove(move) : undefined;
}
