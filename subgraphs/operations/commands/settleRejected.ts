import type { Rejected } from '../../../connectors/connector';
import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { Posting } from '../../../entities/operations/Posting';
import { selectRows } from '../../../entities/rows';
import { type PostingDocument, postingDateOf } from '../../../sync/documents';
import { move } from '../../move';
import type { Work } from '../../work';
import { postingRejected } from '../events';
import { customerOfLane, moneyOf, PERIOD_CLOSED, postingFacts } from '../rules';
import { POSTING_MOVES } from '../states';
import { causeGone, raiseException } from './raiseException';
import { settleClosedPeriod } from './settleClosedPeriod';
import { reversalOf, supersedeRejected } from './supersedePostings';

/** Room in a posting for what a backend says; the rest of a longer text is cut off, for an outcome must never fail to be written. */
const SAID_MAX = { code: 64, message: 500, reference: 191 } as const;

const RETRY = 'Mend the cause, then retry the posting.';

/** A backend said no: the posting rests, and a person gets an exception, unless it was taken back meanwhile. The row is written by the caller. */
export async function settleRejected(work: Work, posting: Posting, answer: Rejected): Promise<void> {
  const { id, backend, kind, document, lane } = posting;
  const rejected = postingRejected(posting, { ...postingFacts(posting), code: answer.code, message: answer.message });
  posting.state = move(POSTING_MOVES, posting.state, 'reject');
  Object.assign(posting, { ...errorOf(answer), settledAtMs: work.nowMs });
  const reversal = await reversalOf(work, id);
  if (reversal) {
    work.tell(rejected);
    return supersedeRejected(work, posting, reversal);
  }
  const refusedDate = answer.code === PERIOD_CLOSED ? postingDateOf(document) : null;
  if (refusedDate !== null) return settleClosedPeriod(work, posting, { answer, refusedDate });
  await causeGone(work, { kind: ExceptionKind.PERIOD_CLOSED, subjectId: id }, `${backend} takes the date, and refuses for another reason: ${answer.code}`);
  work.tell(rejected);
  await raiseException(work, {
    kind: posting.undoes === null ? ExceptionKind.POSTING_REJECTED : ExceptionKind.COMPENSATION_FAILED,
    subjectId: id,
    customerId: customerOfLane(lane),
    message: `${backend} refused the ${kind} (${answer.code}): ${answer.message}`,
    nextAction: posting.undoes === null ? RETRY : `Until it is posted, ${backend} keeps what was taken back. ${RETRY}`,
    atRisk: moneyOf((await undoneBy(work, posting)) ?? document),
  });
}

/** The document that a posting takes back. */
async function undoneBy(work: Work, { undoes }: Posting): Promise<PostingDocument | undefined> {
  if (undoes === null) return undefined;
  const [undone] = await selectRows(work.sql, Posting, { where: { tenantId: work.tenantId, id: undoes } });
  return undone?.document;
}

/** What a backend said, as far as a posting has room for it. */
export function errorOf({ code, message }: { code: string; message: string }): Pick<Posting, 'errorCode' | 'errorMessage'> {
  return { errorCode: code.slice(0, SAID_MAX.code), errorMessage: message.slice(0, SAID_MAX.message) };
}

/** The backend's id of a document, as far as a posting has room for it. */
export const referenceOf = ({ reference }: { reference: string }): string => reference.slice(0, SAID_MAX.reference);
