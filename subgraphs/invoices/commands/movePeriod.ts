import type { AccountingPeriod, PeriodState } from '../../../entities/invoices/AccountingPeriod';
import { move } from '../../move';
import type { Work } from '../../work';
import { periodChanged } from '../events';
import { PERIOD_MOVES } from '../states';
import type { MonthOfBooks } from './monthOfBooks';

/** Leads a month of the books to its next state and tells it. */
export function movePeriod(work: Work, { period, isNew }: MonthOfBooks, { verb, reason }: { verb: string; reason: string | null }): AccountingPeriod {
  period.state = move<PeriodState>(PERIOD_MOVES, period.state, verb);
  period.reason = reason;
  if (isNew) work.add(period);
  else work.change(period);
  const { legalEntityId, month, state } = period;
  work.tell(periodChanged(period, { legalEntityId, month, state, reason: reason ?? '' }));
  return period;
}
