import type { LegalEntity } from '../../../entities/customers/LegalEntity';
import { AccountingPeriod, PeriodState } from '../../../entities/invoices/AccountingPeriod';
import { Refusal } from '../../../entities/refusal';
import { firstMonthOutside, monthOf, spanOfMonth } from '../../../entities/terms/days';
import type { Work } from '../../work';

/** Refuses PERIOD_CLOSED_HERE for a day in a month that is closed, and says which day is open. */
export async function checkOpen(work: Work, { entity, day, path }: { entity: LegalEntity; day: string; path: string }): Promise<void> {
  const closed = await work.find(AccountingPeriod, { legalEntityId: entity.id, state: PeriodState.CLOSED });
  const months = new Set(closed.map(({ month }) => month));
  if (!months.has(monthOf(day))) return;
  const open = firstMonthOutside(months, monthOf(day));
  throw new Refusal('PERIOD_CLOSED_HERE', `${monthOf(day)} is closed in the books of ${entity.code}; the first open day is ${spanOfMonth(open).from}.`, path);
}
