import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { Posting, PostingState } from '../../../entities/operations/Posting';
import { PostingAnswer } from '../../../entities/operations/PostingAnswer';
import { selectRows, updateRow } from '../../../entities/rows';
import { makeDue } from '../../../sync/lanes';
import type { Outcome, Settlement } from '../../../sync/settlement';
import { move } from '../../move';
import type { Work } from '../../work';
import { customerOfLane, moneyOf } from '../rules';
import { POSTING_MOVES } from '../states';
import { raiseException } from './raiseException';
import { errorOf, referenceOf } from './settleRejected';

/** Who was told, and whether it still held the lane. */
type Hearing = Pick<Settlement, 'owner' | 'lane'> & { late?: boolean };

/** Writes down what a backend said, beside what became of it. */
export function keepAnswer(work: Work, { owner, lane, late = false }: Hearing, { postingId, answer }: Outcome): void {
  const said = answer.outcome === 'POSTED' ? { errorCode: null, errorMessage: null } : errorOf(answer);
  work.add(
    Object.assign(new PostingAnswer(), {
      id: work.occasion.newId(work.nowMs),
      postingId,
      owner,
      fence: lane.fence,
      outcome: answer.outcome,
      code: said.errorCode,
      message: said.errorMessage,
      reference: answer.outcome === 'POSTED' ? referenceOf(answer) : null,
      late,
      atMs: work.nowMs,
    }),
  );
}

/**
 * What a runner was told that had lost its lease, or of a posting that is settled. It is no outcome, but it tells: a document booked under two
 * references is booked twice, and one that is in the books though it counts as rejected or unsent has to be looked up.
 */
export async function readEvidence(work: Work, settlement: Settlement): Promise<void> {
  for (const outcome of settlement.outcomes) {
    keepAnswer(work, { ...settlement, late: true }, outcome);
    if (outcome.answer.outcome !== 'POSTED') continue;
    const [posting] = await selectRows(work.sql, Posting, { where: { tenantId: work.tenantId, id: outcome.postingId }, lock: true });
    if (posting) await weigh(work, posting, referenceOf(outcome.answer));
  }
}

async function weigh(work: Work, posting: Posting, reference: string): Promise<void> {
  const { PENDING, REJECTED, POSTED, SUPERSEDED } = PostingState;
  if (posting.state === PENDING || posting.state === REJECTED) {
    posting.state = move(POSTING_MOVES, posting.state, 'doubt');
    await updateRow(work.sql, posting);
    await makeDue(work.sql, { tenantId: work.tenantId, lanes: [posting.lane] }, work.nowMs);
  }
  const isTwice = (posting.state === POSTED && posting.backendReference !== reference) || posting.state === SUPERSEDED;
  if (isTwice) await raiseDouble(work, posting, reference);
}

async function raiseDouble(work: Work, posting: Posting, reference: string): Promise<void> {
  const { id, backend, kind, document, backendReference, lane } = posting;
  const other = backendReference === null ? 'though another document has taken its place' : `and as ${backendReference}`;
  await raiseException(work, {
    kind: ExceptionKind.DOUBLE_POSTING,
    subjectId: id,
    customerId: customerOfLane(lane),
    message: `${backend} says it booked the ${kind} as ${reference}, ${other}.`,
    nextAction: `Look both up in ${backend} and reverse the one too many.`,
    atRisk: moneyOf(document),
  });
}
