import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import type { Posting } from '../../../entities/operations/Posting';
import { updateRow } from '../../../entities/rows';
import { endPause } from '../../../sync/channels';
import { makeDue } from '../../../sync/lanes';
import { move } from '../../move';
import type { Work } from '../../work';
import type { RetryPostingInput } from '../api';
import { postingRetried } from '../events';
import { postingFacts } from '../rules';
import { POSTING_MOVES } from '../states';
import { lockPosting } from './lockPosting';
import { causeGone } from './raiseException';

/** Sends a rejected posting again, or an uncertain one without waiting for its back-off or for its backend's pause to end. */
export async function retryPosting(work: Work, input: RetryPostingInput): Promise<Posting> {
  const posting = await lockPosting(work, input.postingId);
  posting.state = move(POSTING_MOVES, posting.state, 'retry');
  await updateRow(work.sql, posting);
  work.tell(postingRetried(posting, postingFacts(posting)));
  for (const cause of [ExceptionKind.POSTING_REJECTED, ExceptionKind.PERIOD_CLOSED]) {
    await causeGone(work, { kind: cause, subjectId: posting.id }, `Sent again by ${work.occasion.principal.client}`);
  }
  const { tenantId, nowMs } = work;
  await makeDue(work.sql, { tenantId, lanes: [posting.lane] }, nowMs);
  await endPause(work.sql, { tenantId, lane: posting.lane }, nowMs);
  return posting;
}
