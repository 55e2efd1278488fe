import type { TrytonCalls } from './client';
import { answerOf, ErpRejection, PERIOD_REFUSED, TrytonRefusal } from './faults';
import { type Id, date, isoDate } from './values';

const PERIOD = 'account.period';

/** The open period of a day. */
export async function openPeriod(calls: TrytonCalls, day: string): Promise<Id> {
  const period = await calls.first(PERIOD, [...standard(calls), ['state', '=', 'open'], ...around(day)]);
  if (!period) throw await refusedDay(calls, day);
  return period.id;
}

/** Why the books do not take a day: PERIOD_CLOSED with the first open day after it, or ERP_PERIOD_MISSING if it is in no period at all. */
export async function refusedDay(calls: TrytonCalls, day: string): Promise<ErpRejection> {
  const closed = await calls.first(PERIOD, [...standard(calls), ['state', '!=', 'open'], ...around(day)]);
  if (!closed) return new ErpRejection(PERIOD_REFUSED, `Tryton has no period for ${day}.`);
  const later = await calls.rows(PERIOD, [...standard(calls), ['state', '=', 'open'], ['start_date', '>', date(day)]], ['id', 'start_date']);
  const [openFrom] = later.map((period) => isoDate(period.start_date)).sort();
  return Object.assign(new ErpRejection('PERIOD_CLOSED', `Tryton's period of ${day} is closed.`), openFrom === undefined ? {} : { openFrom });
}

/** The error, or what it means when Tryton said no because of the day's period. */
export async function periodError(calls: TrytonCalls, error: unknown, day: string): Promise<unknown> {
  if (!(error instanceof TrytonRefusal)) return error;
  const answer = answerOf(error);
  return answer.code === PERIOD_REFUSED ? refusedDay(calls, day) : error;
}

const standard = ({ company }: TrytonCalls) => [['company', '=', company], ['type', '=', 'standard']];
const around = (day: string) => [['start_date', '<=', date(day)], ['end_date', '>=', date(day)]];
