import { AccountingPeriod, PeriodState } from '../../../entities/invoices/AccountingPeriod';
import { Refusal } from '../../../entities/refusal';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { ReopenPeriodInput } from '../api';
import { monthOfBooks } from './monthOfBooks';
import { movePeriod } from './movePeriod';

/** Opens a month again, with a reason. Refuses PERIOD_LATER_CLOSED while a later month is closed. */
export async function reopenPeriod(work: Work, input: ReopenPeriodInput): Promise<AccountingPeriod> {
  const books = await monthOfBooks(work, input);
  const closed = await work.find(AccountingPeriod, { legalEntityId: books.entity.id, state: PeriodState.CLOSED });
  const later = closed.map(({ month }) => month).filter((month) => month > input.month).sort().at(-1);
  if (later) throw new Refusal('PERIOD_LATER_CLOSED', `${later} is closed; reopen the latest month first.`, 'input.month');
  const period = movePeriod(work, books, { verb: 'reopen', reason: readText(input.reason, 'input.reason') });
  Object.assign(period, { report: null, reportHash: null });
  return period;
}
