import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { AccountingPeriod, PeriodState } from '../../../entities/invoices/AccountingPeriod';
import { Refusal } from '../../../entities/refusal';
import { monthOf } from '../../../entities/terms/days';
import type { Work } from '../../work';
import { checkMonth } from '../rules';

/** A month of the books of a legal entity, locked; one that nobody has touched is open. */
export interface MonthOfBooks {
  entity: LegalEntity;
  period: AccountingPeriod;
  isNew: boolean;
}

/** Locks the books of a legal entity and reads one of their months. Refuses NOT_FOUND, MONTH_MALFORMED, PERIOD_BEFORE_FIRST, PERIOD_IN_FUTURE. */
export async function monthOfBooks(work: Work, { legalEntityId, month }: { legalEntityId: string; month: string }): Promise<MonthOfBooks> {
  const entity = await work.lock(LegalEntity, parseId(legalEntityId, 'ent', 'input.legalEntityId'));
  checkMonth(month, 'input.month');
  if (month < monthOf(entity.booksFrom)) throw new Refusal('PERIOD_BEFORE_FIRST', `The books of ${entity.code} begin on ${entity.booksFrom}.`, 'input.month');
  if (month > monthOf(work.today(entity.timeZone))) throw new Refusal('PERIOD_IN_FUTURE', `${month} has not begun there.`, 'input.month');
  const id = work.id('per', { system: 'evenkeel', type: 'accountingPeriod', key: `${entity.code}/${month}` });
  const known = await work.peek(AccountingPeriod, id);
  const period = known ?? Object.assign(new AccountingPeriod(), { id, legalEntityId: entity.id, month, state: PeriodState.OPEN, reason: null, report: null, reportHash: null });
  return { entity, period, isNew: known === undefined };
}
