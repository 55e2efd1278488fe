import type { AccountingPeriod } from '../../../entities/invoices/AccountingPeriod';
import type { Work } from '../../work';
import type { PeriodInput } from '../api';
import { monthOfBooks } from './monthOfBooks';
import { movePeriod } from './movePeriod';

/** Announces that a month is about to be closed. Refuses what `monthOfBooks` refuses, and MOVE_NOT_ALLOWED for one that is not open. */
export async function beginPeriodClose(work: Work, input: PeriodInput): Promise<AccountingPeriod> {
  return movePeriod(work, await monthOfBooks(work, input), { verb: 'begin', reason: null });
}
