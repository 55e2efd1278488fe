import { PeriodHold } from '../../../entities/operations/PeriodHold';
import { type Posting, PostingState } from '../../../entities/operations/Posting';
import { Refusal } from '../../../entities/refusal';
import { selectRows } from '../../../entities/rows';
import { mustBeAt, type Work } from '../../work';
import { PERIOD_CLOSED } from '../rules';
import { lockPosting } from './lockPosting';

/** A posting that rests because its period is closed, locked, with its hold. Refuses NOT_FOUND, VERSION_STALE, PERIOD_NOT_CLOSED. */
export async function heldPosting(work: Work, input: { postingId: string; expectedVersion?: number | null }): Promise<{ posting: Posting; hold: PeriodHold }> {
  const posting = await lockPosting(work, input.postingId);
  mustBeAt(posting, input.expectedVersion);
  const { id } = posting;
  const [hold] = await selectRows(work.sql, PeriodHold, { where: { tenantId: work.tenantId, postingId: id }, lock: true });
  if (!hold || posting.state !== PostingState.REJECTED || posting.errorCode !== PERIOD_CLOSED) {
    throw new Refusal('PERIOD_NOT_CLOSED', `Posting ${id} is ${posting.state} and not refused for a closed period.`, 'input.postingId');
  }
  return { posting, hold };
}
