import { AccountingPeriod, PeriodState } from '../../../entities/invoices/AccountingPeriod';
import { Refusal } from '../../../entities/refusal';
import { addMonths, monthOf } from '../../../entities/terms/days';
import { sha256 } from '../../../sync/canonical';
import type { Work } from '../../work';
import type { PeriodInput } from '../api';
import { closeReadiness } from '../queries/closeReadiness';
import { periodReport } from '../queries/periodReport';
import { type MonthOfBooks, monthOfBooks } from './monthOfBooks';
import { movePeriod } from './movePeriod';

/**
 * Closes a month whose close was begun, and keeps its report as it then was. Refuses PERIOD_EARLIER_OPEN while the month before is not closed (the first one of the books
 * has none), PERIOD_NOT_READY with everything that is still missing.
 */
export async function closePeriod(work: Work, input: PeriodInput): Promise<AccountingPeriod> {
  const books = await monthOfBooks(work, input);
  const { entity, period } = books;
  for (const prefix of ['INV', 'CRN', 'RVJ']) await work.takeNumber(`${prefix}|${entity.id}|${input.month.slice(0, 4)}`, 0); // who is issuing into it now has to be done first
  await refuseGap(work, books);
  const where = { tenantId: work.tenantId, entity, month: input.month };
  if (period.state === PeriodState.PENDING_CLOSE) {
    const { missing } = await closeReadiness(work.sql, where);
    if (missing.length > 0) {
      const text = missing.map(({ what, count }) => `${count} × ${what}`).join(', ');
      throw new Refusal('PERIOD_NOT_READY', `${input.month} cannot be closed yet: ${text}.`, 'input.month', true);
    }
  }
  const closed = movePeriod(work, books, { verb: 'close', reason: null });
  closed.report = await periodReport(work.sql, where);
  closed.reportHash = sha256(closed.report);
  return closed;
}

async function refuseGap(work: Work, { entity, period }: MonthOfBooks): Promise<void> {
  const before = monthOf(addMonths(`${period.month}-01`, -1));
  if (before < monthOf(entity.booksFrom)) return;
  const [earlier] = await work.find(AccountingPeriod, { legalEntityId: entity.id, month: before });
  if (earlier?.state === PeriodState.CLOSED) return;
  throw new Refusal('PERIOD_EARLIER_OPEN', `${before} has to be closed first.`, 'input.month');
}
