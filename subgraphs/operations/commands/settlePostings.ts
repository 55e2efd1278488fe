import type { Answer } from '../../../connectors/connector';
import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { Lane } from '../../../entities/operations/Lane';
import { Posting, PostingState } from '../../../entities/operations/Posting';
import { unreachable, Refusal } from '../../../entities/refusal';
import { selectRows, updateRow } from '../../../entities/rows';
import { hasReady, UNSETTLED } from '../../../sync/claims';
import { UPSERT_KINDS } from '../../../sync/documents';
import { LANE_IDLE_MS, makeDue } from '../../../sync/lanes';
import type { Settlement } from '../../../sync/runner';
import { move } from '../../move';
import type { Work } from '../../work';
import { postingPosted } from '../events';
import { POSTING_MOVES } from '../states';
import { causeGone } from './raiseException';
import { errorOf, settleRejected } from './settleRejected';

/** Writes what a runner learned and gives the lane back. Refuses LEASE_LOST if another runner has claimed it since. */
export async function settlePostings(work: Work, settlement: Settlement): Promise<number> {
  const { tenantId } = work;
  const [lane] = await selectRows(work.sql, Lane, { where: { tenantId, id: settlement.lane }, lock: true });
  if (!lane || lane.owner !== settlement.owner || lane.fence !== settlement.fence) {
    throw new Refusal('LEASE_LOST', `Lane ${settlement.lane} was claimed by another runner.`);
  }
  const ids = settlement.outcomes.map((outcome) => outcome.postingId);
  const postings = new Map((await selectRows(work.sql, Posting, { where: { tenantId, id: ids }, lock: true })).map((item) => [item.id, item]));
  const posted: Posting[] = [];
  for (const { postingId, answer } of settlement.outcomes) {
    const posting = postings.get(postingId)!;
    await settle(work, posting, answer);
    if (posting.state === PostingState.POSTED) posted.push(posting);
  }
  await wakeDependents(work, posted);
  await giveBack(work, lane, settlement.retryInMs);
  return settlement.outcomes.length;
}

/** Room in a posting for what a backend says; the rest of a longer text is cut off, for an outcome must never fail to be written. */
const REFERENCE_MAX = 191;

async function settle(work: Work, posting: Posting, answer: Answer): Promise<void> {
  posting.attempts += 1;
  const { backend, kind, resourceId, document } = posting;
  const facts = { backend, kind, resourceId, documentVersion: document.version };
  const cause = { kind: ExceptionKind.POSTING_REJECTED, subjectId: posting.id };
  switch (answer.outcome) {
    case 'POSTED':
      posting.state = move(POSTING_MOVES, posting.state, 'post');
      Object.assign(posting, { backendReference: answer.reference.slice(0, REFERENCE_MAX), errorCode: null, errorMessage: null });
      posting.settledAtMs = work.nowMs;
      work.tell(postingPosted(posting, { ...facts, backendReference: answer.reference }));
      await causeGone(work, cause, `Posted to ${backend} as ${answer.reference}`);
      if (UPSERT_KINDS.has(kind)) await supersede(work, posting);
      break;
    case 'REJECTED':
      await settleRejected(work, posting, answer);
      break;
    case 'UNCERTAIN':
      if (answer.sent) posting.state = move(POSTING_MOVES, posting.state, 'doubt');
      Object.assign(posting, errorOf(answer));
      break;
    default:
      unreachable(answer);
  }
  await updateRow(work.sql, posting);
}

/**
 * A later version is in the books: earlier ones of the same thing that did not make it are no longer wanted. Nor is an entitlement
 * of such a contract version, which nobody confirmed: that of a later version follows.
 */
async function supersede(work: Work, posting: Posting): Promise<void> {
  const { tenantId, resourceId, backend, kind, document } = posting;
  const where = { tenantId, resourceId, state: [...UNSETTLED, PostingState.REJECTED] };
  const open = await selectRows(work.sql, Posting, { where, lock: true });
  const overtaken = open.filter((earlier) => earlier.backend === backend && earlier.kind === kind && earlier.document.version < document.version);
  const versions = new Set(overtaken.map((earlier) => earlier.document.version));
  const unconfirmed = kind === 'contract' ? open.filter((other) => other.kind === 'entitlement' && versions.has(other.document.version)) : [];
  for (const earlier of [...overtaken, ...unconfirmed]) {
    earlier.state = move(POSTING_MOVES, earlier.state, 'supersede');
    earlier.settledAtMs = work.nowMs;
    await updateRow(work.sql, earlier);
    await causeGone(work, { kind: ExceptionKind.POSTING_REJECTED, subjectId: earlier.id }, `Version ${document.version} was posted instead`);
    await wakeDependents(work, [earlier]);
  }
}

async function wakeDependents(work: Work, posted: Posting[]): Promise<void> {
  if (posted.length === 0) return;
  const marks = posted.map(() => '?').join(', ');
  const rows = await work.sql.query<{ lane: string }>(
    `SELECT DISTINCT p.lane FROM posting_dependency d JOIN posting p ON p.tenant_id = d.tenant_id AND p.id = d.posting_id
     WHERE d.tenant_id = ? AND d.depends_on IN (${marks}) AND p.state IN ('PENDING', 'UNCERTAIN')`,
    [work.tenantId, ...posted.map((posting) => posting.id)],
  );
  const lanes = rows.map((row) => row.lane).filter((lane) => lane !== posted[0]!.lane);
  await makeDue(work.sql, { tenantId: work.tenantId, lanes }, work.nowMs);
}

async function giveBack(work: Work, lane: Lane, retryInMs: number | null): Promise<void> {
  lane.owner = null;
  lane.failures = retryInMs === null ? 0 : lane.failures + 1;
  const more = retryInMs === null ? await hasReady(work.sql, lane) : true;
  lane.dueAtMs = more ? work.nowMs + (retryInMs ?? 0) : LANE_IDLE_MS;
  await updateRow(work.sql, lane);
}
