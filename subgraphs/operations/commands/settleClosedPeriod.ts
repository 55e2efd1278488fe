import type { Rejected } from '../../../connectors/connector';
import { ClosedPeriodPolicy, LegalEntity } from '../../../entities/customers/LegalEntity';
import { PeriodHold } from '../../../entities/operations/PeriodHold';
import type { Posting } from '../../../entities/operations/Posting';
import { insertRows, selectRows, updateRow } from '../../../entities/rows';
import type { Work } from '../../work';
import { postingRejected } from '../events';
import { decidePeriod, HOLD_MS, postingFacts } from '../rules';
import { isRaised, raiseException } from './raiseException';
import { periodCause } from './periodCause';
import { redatePosting } from './redatePosting';

/** The books are closed for the date of a posting that is REJECTED now: its legal entity's policy says what becomes of it. */
export async function settleClosedPeriod(work: Work, posting: Posting, { answer, refusedDate }: { answer: Rejected; refusedDate: string }): Promise<void> {
  const openFrom = answer.openFrom !== undefined && answer.openFrom > refusedDate ? answer.openFrom : null;
  const { hold, before } = await refreshHold(work, posting.id, { refusedDate, openFrom });
  const policy = await policyOf(work, posting);
  const decision = decidePeriod({ policy, openFrom, redatings: hold.redatings });
  if (decision.act === 'REDATE') {
    return redatePosting(work, { posting, hold }, { to: decision.to, by: `policy ${policy}`, reason: null, approvedBy: null });
  }
  hold.dueAtMs = decision.act === 'WAIT' ? work.nowMs + HOLD_MS : null;
  await updateRow(work.sql, hold);
  const cause = periodCause(posting, hold);
  const waits = decision.act === 'WAIT' && before?.refusedDate === refusedDate && before.openFrom === openFrom;
  if (waits && (await isRaised(work, cause))) return; // as it was an hour ago: nothing to tell
  work.tell(postingRejected(posting, { ...postingFacts(posting), code: answer.code, message: answer.message }));
  await raiseException(work, cause);
}

interface Refused {
  refusedDate: string;
  openFrom: string | null;
}

/** The hold of a posting with what was refused now, and what was before. A proposal of another date falls with it. */
async function refreshHold(work: Work, postingId: string, refused: Refused): Promise<{ hold: PeriodHold; before: Refused | undefined }> {
  const { tenantId, sql } = work;
  const [known] = await selectRows(sql, PeriodHold, { where: { tenantId, postingId }, lock: true });
  const nothing = { proposedDate: null, proposedBy: null, proposedAtMs: null, reason: null };
  if (!known) {
    const hold = Object.assign(new PeriodHold(), { tenantId, postingId, redatings: 0, dueAtMs: null, ...nothing, ...refused });
    await insertRows(sql, PeriodHold, [hold]);
    return { hold, before: undefined };
  }
  const before = { refusedDate: known.refusedDate, openFrom: known.openFrom };
  const outdated = known.proposedDate !== null && refused.openFrom !== null && known.proposedDate < refused.openFrom;
  return { hold: Object.assign(known, refused, outdated || before.refusedDate !== refused.refusedDate ? nothing : {}), before };
}

async function policyOf(work: Work, { document }: Posting): Promise<ClosedPeriodPolicy> {
  if (!document.legalEntity) return ClosedPeriodPolicy.ASK;
  const [entity] = await work.find(LegalEntity, { code: document.legalEntity.code });
  return entity?.closedPeriodPolicy ?? ClosedPeriodPolicy.ASK;
}
