import { parseId } from '../../../entities/ids';
import { PeriodHold } from '../../../entities/operations/PeriodHold';
import { Posting, PostingState } from '../../../entities/operations/Posting';
import { Refusal } from '../../../entities/refusal';
import { selectRows } from '../../../entities/rows';
import type { Work } from '../../work';
import { PERIOD_CLOSED } from '../rules';

/** A posting that rests because its period is closed, locked, with its hold. Refuses NOT_FOUND, VERSION_STALE, PERIOD_NOT_CLOSED. */
export async function heldPosting(work: Work, input: { postingId: string; expectedVersion?: number | null }): Promise<{ posting: Posting; hold: PeriodHold }> {
  const id = parseId(input.postingId, 'pst', 'input.postingId');
  const { tenantId } = work;
  const [posting] = await selectRows(work.sql, Posting, { where: { tenantId, id }, lock: true });
  if (!posting) throw new Refusal('NOT_FOUND', `There is no Posting ${id}.`, 'input.postingId');
  const { expectedVersion } = input;
  if (expectedVersion !== undefined && expectedVersion !== null && expectedVersion !== posting.version) {
    throw new Refusal('VERSION_STALE', `Posting ${id} is at version ${posting.version}, not ${expectedVersion}; read it again and decide anew.`, 'expectedVersion');
  }
  const [hold] = await selectRows(work.sql, PeriodHold, { where: { tenantId, postingId: id }, lock: true });
  if (!hold || posting.state !== PostingState.REJECTED || posting.errorCode !== PERIOD_CLOSED) {
    throw new Refusal('PERIOD_NOT_CLOSED', `Posting ${id} is ${posting.state} and not refused for a closed period.`, 'input.postingId');
  }
  return { posting, hold };
}
