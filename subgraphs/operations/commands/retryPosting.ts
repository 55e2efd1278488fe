import { parseId } from '../../../entities/ids';
import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { Posting } from '../../../entities/operations/Posting';
import { Refusal } from '../../../entities/refusal';
import { selectRows, updateRow } from '../../../entities/rows';
import { endPause } from '../../../sync/channels';
import { makeDue } from '../../../sync/lanes';
import { move } from '../../move';
import type { Work } from '../../work';
import type { RetryPostingInput } from '../api';
import { postingRetried } from '../events';
import { POSTING_MOVES } from '../states';
import { causeGone } from './raiseException';

/** Sends a rejected posting again, or an uncertain one without waiting for its back-off or for its backend's pause to end. */
export async function retryPosting(work: Work, input: RetryPostingInput): Promise<Posting> {
  const id = parseId(input.postingId, 'pst', 'input.postingId');
  const [posting] = await selectRows(work.sql, Posting, { where: { tenantId: work.tenantId, id }, lock: true });
  if (!posting) throw new Refusal('NOT_FOUND', `There is no Posting ${id}.`, 'input.postingId');
  posting.state = move(POSTING_MOVES, posting.state, 'retry');
  await updateRow(work.sql, posting);
  const { backend, kind, resourceId, document } = posting;
  work.tell(postingRetried(posting, { backend, kind, resourceId, documentVersion: document.version }));
  for (const cause of [ExceptionKind.POSTING_REJECTED, ExceptionKind.PERIOD_CLOSED]) {
    await causeGone(work, { kind: cause, subjectId: id }, `Sent again by ${work.occasion.principal.client}`);
  }
  const { tenantId, nowMs } = work;
  await makeDue(work.sql, { tenantId, lanes: [posting.lane] }, nowMs);
  await endPause(work.sql, { tenantId, lane: posting.lane }, nowMs);
  return posting;
}
