import type { TrytonCalls } from './client';
import { answerOf, ErpRejection, PERIOD_REFUSED, TrytonRefusal } from './faults';
import { type Id, date, isoDate } from './values';

const PERIOD = 'account.period';
/** Closing a period closes its journals, and opening it again does not open them. */
const JOURNAL_CLOSED = /closed journal-period/i;

/** The open period of a day. */
export async function openPeriod(calls: TrytonCalls, day: string): Promise<Id> {
  const period = await calls.first(PERIOD, periodOf(calls, day), ['id', 'state']);
  if (!period) throw missing(day);
  if (period.state !== 'open') throw await closed(calls, day, `Tryton's period of ${day} is closed.`);
  return period.id;
}

/**
 * The error, or what it means when Tryton said no because of the day's period: PERIOD_CLOSED if the period is closed, or a journal in it;
 * ERP_PERIOD_MISSING if the day is in no period at all.
 */
export async function periodError(calls: TrytonCalls, error: unknown, day: string): Promise<unknown> {
  if (!(error instanceof TrytonRefusal) || answerOf(error).code !== PERIOD_REFUSED) return error;
  const period = await calls.first(PERIOD, periodOf(calls, day), ['id', 'state']);
  if (!period) return missing(day);
  if (period.state !== 'open') return closed(calls, day, `Tryton's period of ${day} is closed.`);
  return JOURNAL_CLOSED.test(error.message) ? closed(calls, day, error.message) : new ErpRejection('ERP_REFUSED', error.message);
}

const missing = (day: string) => new ErpRejection(PERIOD_REFUSED, `Tryton has no period for ${day}.`);

/** PERIOD_CLOSED with the first day of the next open period, if there is one. */
async function closed(calls: TrytonCalls, day: string, message: string): Promise<ErpRejection> {
  const later = await calls.rows(PERIOD, [...standard(calls), ['state', '=', 'open'], ['start_date', '>', date(day)]], ['id', 'start_date']);
  const [openFrom] = later.map((period) => isoDate(period.start_date)).sort();
  return Object.assign(new ErpRejection('PERIOD_CLOSED', message), openFrom === undefined ? {} : { openFrom });
}

/** Clauses of a domain: the periods of a company that are not for closing entries; the one around a day. */
export const standard = ({ company }: TrytonCalls) => [['company', '=', company], ['type', '=', 'standard']];
export const periodOf = (calls: TrytonCalls, day: string) => [...standard(calls), ['start_date', '<=', date(day)], ['end_date', '>=', date(day)]];
