import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import type { PeriodHold } from '../../../entities/operations/PeriodHold';
import type { Posting } from '../../../entities/operations/Posting';
import { effectiveDateOf } from '../../../sync/documents';
import { customerOfLane, earliestPostingDate, HOLD_MS, moneyOf } from '../rules';
import type { Cause } from './raiseException';

/** The exception about a posting whose period is closed: what day was refused, what is proposed, what to do. */
export function periodCause({ id, backend, kind, document, lane, errorMessage }: Posting, hold: PeriodHold): Cause {
  const own = effectiveDateOf(document);
  const dated = own === hold.refusedDate ? own : `${own}, posting date ${hold.refusedDate}`;
  const open = hold.openFrom === null ? '' : ` They are open from ${hold.openFrom}.`;
  const proposed = hold.proposedDate === null ? '' : ` ${hold.proposedBy} proposes ${hold.proposedDate}: ${hold.reason}.`;
  return {
    kind: ExceptionKind.PERIOD_CLOSED,
    subjectId: id,
    customerId: customerOfLane(lane),
    message: `The books of ${backend} are closed for the ${kind} dated ${dated}.${open}${proposed} ${backend} said: ${errorMessage}`,
    nextAction: nextAction(hold),
    atRisk: moneyOf(document),
  };
}

function nextAction(hold: PeriodHold): string {
  if (hold.proposedDate !== null) return `A second person approves ${hold.proposedDate} by approvePostingDate, or somebody proposes another date.`;
  const propose = `propose a posting date from ${earliestPostingDate(hold)} on by proposePostingDate`;
  if (hold.dueAtMs !== null) return `Open the period: it is tried again every ${HOLD_MS / 60_000} minutes. Or ${propose}.`;
  return `Open the period and retry the posting, or ${propose}.`;
}
