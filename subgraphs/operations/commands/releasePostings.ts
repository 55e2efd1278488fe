import { PeriodHold } from '../../../entities/operations/PeriodHold';
import { Posting, PostingState } from '../../../entities/operations/Posting';
import { hydrate, selectRows, shapeOf, updateRow } from '../../../entities/rows';
import { makeDue } from '../../../sync/lanes';
import { move } from '../../move';
import type { Work } from '../../work';
import { PERIOD_CLOSED } from '../rules';
import { POSTING_MOVES } from '../states';

/**
 * Sends the postings again that have waited long enough for a closed period, at most so many; returns how many holds were due. It tells
 * nothing: the outcome is told when it is another one.
 */
export async function releasePostings(work: Work, { postingsMax }: { postingsMax: number }): Promise<number> {
  const { sql, tenantId, nowMs } = work;
  const { list } = shapeOf(sql.source, PeriodHold);
  const text = `SELECT ${list} FROM period_hold WHERE tenant_id = ? AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ${postingsMax}`;
  const due = hydrate(sql, PeriodHold, await sql.query(text, [tenantId, nowMs]));
  const postings = await selectRows(sql, Posting, { where: { tenantId, id: due.map(({ postingId }) => postingId) }, lock: true });
  for (const hold of due) await updateRow(sql, Object.assign(hold, { dueAtMs: null }));
  const waiting = postings.filter(({ state, errorCode }) => state === PostingState.REJECTED && errorCode === PERIOD_CLOSED);
  for (const posting of waiting) {
    posting.state = move(POSTING_MOVES, posting.state, 'retry');
    await updateRow(sql, posting);
  }
  await makeDue(sql, { tenantId, lanes: waiting.map(({ lane }) => lane) }, nowMs);
  return due.length;
}
