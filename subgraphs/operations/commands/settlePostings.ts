import type { Posted, Uncertain } from '../../../connectors/connector';
import { Lane } from '../../../entities/operations/Lane';
import { Posting, PostingState } from '../../../entities/operations/Posting';
import { unreachable } from '../../../entities/refusal';
import { selectRows, updateMany, updateRow } from '../../../entities/rows';
import { lanesReady } from '../../../sync/pages';
import { UPSERT_KINDS } from '../../../sync/documents';
import { LANE_IDLE_MS } from '../../../sync/lanes';
import type { Outcome, Settlement } from '../../../sync/settlement';
import { move } from '../../move';
import type { Work } from '../../work';
import { isUnsettled } from '../rules';
import { POSTING_MOVES } from '../states';
import { closeCauses } from './closeCauses';
import { keepAnswer, readEvidence } from './readEvidence';
import { settleChannels } from './settleChannels';
import { errorOf, referenceOf, settleRejected } from './settleRejected';
import { supersedeEarlier } from './supersedePostings';
import { tellPosted } from './tellPosted';
import { wakeDependents } from './wakeDependents';

/**
 * Writes what a runner learned of one tenant's lanes and gives them back. Lanes that another runner has claimed since are named in `lost`:
 * what their former owner was told is kept as evidence, and changes nothing by itself.
 */
export async function settlePostings(work: Work, { settlements }: { settlements: Settlement[] }): Promise<{ lost: string[] }> {
  const { tenantId } = work;
  const ids = settlements.map(({ lane }) => lane.id).sort();
  const lanes = new Map((await selectRows(work.sql, Lane, { where: { tenantId, id: ids }, lock: true })).map((lane) => [lane.id, lane]));
  const holds = ({ lane: { id, fence }, owner }: Settlement) => lanes.get(id)?.owner === owner && lanes.get(id)?.fence === fence;
  const held = settlements.filter(holds);
  const lost = settlements.filter((settlement) => !holds(settlement));
  const posted = await settleAll(work, held);
  for (const settlement of lost) await readEvidence(work, settlement);
  await wakeDependents(work, posted, new Set(held.map(({ lane }) => lane.id)));
  await settleChannels(work, held);
  await giveBack(work, held.map((settlement) => ({ settlement, lane: lanes.get(settlement.lane.id)! })));
  return { lost: lost.map(({ lane }) => lane.id) };
}

/** Writes the outcomes; returns what is in the books now. */
async function settleAll(work: Work, settlements: Settlement[]): Promise<Posting[]> {
  const { sql, tenantId } = work;
  const ids = settlements.flatMap(({ outcomes }) => outcomes.map(({ postingId }) => postingId));
  if (ids.length === 0) return [];
  const rows = await sql.query<{ id: string; state: PostingState; attempts: unknown }>(
    `SELECT id, state, attempts FROM posting WHERE tenant_id = ? AND id IN (${ids.map(() => '?').join(', ')})${sql.dialect === 'mysql' ? ' FOR UPDATE' : ''}`,
    [tenantId, ...ids],
  );
  const now = new Map(rows.map((row) => [row.id, { state: row.state, attempts: Number(row.attempts) }]));
  const posted: Posting[] = [];
  for (const settlement of settlements) {
    for (const outcome of settlement.outcomes) {
      const { state, attempts } = now.get(outcome.postingId)!;
      if (!isUnsettled({ state })) await readEvidence(work, { ...settlement, outcomes: [outcome] });
      else if (outcome.answer.outcome === 'POSTED') posted.push(await settlePosted(work, Object.assign(outcome.posting, { state, attempts }), outcome.answer));
      else await settleOther(work, settlement, outcome);
    }
  }
  await writePosted(work, posted);
  for (const posting of posted) if (UPSERT_KINDS.has(posting.kind) && posting.document.version > 1) await supersedeEarlier(work, posting);
  return posted;
}

/** In the books. Its row is written with others. */
async function settlePosted(work: Work, posting: Posting, answer: Posted): Promise<Posting> {
  const { id, backend } = posting;
  const { reference } = answer;
  if (posting.attempts > 0) await closeCauses(work, id, `Posted to ${backend} as ${reference}`);
  posting.attempts += 1;
  posting.state = move(POSTING_MOVES, posting.state, 'post');
  tellPosted(work, posting, answer);
  Object.assign(posting, { backendReference: referenceOf(answer), errorCode: null, errorMessage: null, settledAtMs: work.nowMs });
  return posting;
}

async function writePosted({ sql, tenantId, nowMs }: Work, posted: readonly Posting[]): Promise<void> {
  const sets = ['state', 'attempts', 'error_code', 'error_message', 'settled_at_ms', 'backend_reference'];
  const rows = posted.map(({ id, attempts, backendReference }) => [tenantId, id, 'POSTED', attempts, null, null, nowMs, backendReference]);
  await updateMany(sql, 'posting', { keys: ['tenant_id', 'id'], sets, rows });
}

/** Refused, or nobody knows. */
async function settleOther(work: Work, settlement: Settlement, outcome: Outcome): Promise<void> {
  const { answer, postingId } = outcome;
  const [posting] = await selectRows(work.sql, Posting, { where: { tenantId: work.tenantId, id: postingId } });
  posting!.attempts += 1;
  if (answer.outcome === 'REJECTED') await settleRejected(work, posting!, answer);
  else if (answer.outcome === 'UNCERTAIN') settleUncertain(posting!, answer);
  else unreachable(answer as never);
  await updateRow(work.sql, posting!);
  if (answer.outcome === 'REJECTED' && isUnsettled(posting!)) settlement.rest = 'MORE'; // it goes out again, under another date
  keepAnswer(work, settlement, outcome);
}

function settleUncertain(posting: Posting, answer: Uncertain): void {
  if (answer.sent) posting.state = move(POSTING_MOVES, posting.state, 'doubt');
  Object.assign(posting, errorOf(answer));
}

/** Frees the lanes; each is due again when something in it is. */
async function giveBack(work: Work, held: readonly { settlement: Settlement; lane: Lane }[]): Promise<void> {
  const { sql, tenantId, nowMs } = work;
  const asked = held.filter(({ settlement, lane }) => settlement.retryInMs === null && isUnknown(settlement, lane)).map(({ lane }) => lane.id);
  const ready = await lanesReady(sql, tenantId, asked);
  const rows = held.map(({ settlement: { rest, retryInMs }, lane: { id, failures } }) => {
    const hasMore = retryInMs !== null || rest === 'MORE' || ready.has(id);
    return [tenantId, id, null, retryInMs === null ? 0 : failures + 1, hasMore ? nowMs + (retryInMs ?? 0) : LANE_IDLE_MS];
  });
  await updateMany(sql, 'lane', { keys: ['tenant_id', 'id'], sets: ['owner', 'failures', 'due_at_ms'], rows });
}

/** Whether the claim cannot tell if a lane has anything to send: something in it waited, or came since. */
const isUnknown = ({ rest, lane: claimed }: Settlement, lane: Lane) => rest === 'WAITING' || (rest === 'NOTHING' && lane.nextSequence !== claimed.nextSequence);
