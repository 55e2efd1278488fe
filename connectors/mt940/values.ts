import { parseDecimal } from '../../entities/money';
import { Refusal } from '../../entities/refusal';
import { type Field, fault } from './fields';

/** `230228` as a day. Years from 80 on are of the last century. Refuses DATE_MALFORMED. */
export function dayOf(text: string, field: Field): string {
  const year = Number(text.slice(0, 2));
  const day = `${year >= 80 ? 19 : 20}${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}`;
  if (!exists(day)) throw fault('DATE_MALFORMED', field, `${text} is no day.`);
  return day;
}

/** `0102` as a day in the year that brings it nearest to another day: statements of January have entries of December. Undefined if there is no such day. */
export function entryDay(text: string, near: string): string | undefined {
  const year = Number(near.slice(0, 4));
  const days = [year - 1, year, year + 1].map((one) => `${one}-${text.slice(0, 2)}-${text.slice(2, 4)}`).filter(exists);
  const distance = (day: string) => Math.abs(Date.parse(day) - Date.parse(near));
  return days.sort((a, b) => distance(a) - distance(b))[0];
}

function exists(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === day;
}

/** `1234,5` in minor units; some banks leave the comma out of a whole amount, or write a point. That the balances tie shows that it was read as it was meant. Refuses AMOUNT_MALFORMED, AMOUNT_TOO_PRECISE, AMOUNT_TOO_LARGE, CURRENCY_UNKNOWN. */
export function amountOf(text: string, currency: string, field: Field): bigint {
  try {
    if (!/^\d+([,.]\d*)?$/.test(text)) throw new Refusal('AMOUNT_MALFORMED', `${JSON.stringify(text)} is not an amount with a decimal comma.`);
    return parseDecimal(text.replace(/^0+(?=\d)/, '').replace(',', '.'), currency);
  } catch (error) {
    if (error instanceof Refusal) throw fault(error.code, field, error.message);
    throw error;
  }
}

export interface Balance {
  minor: bigint;
  currency: string;
  day: string;
}

/** `C230228EUR1234,5`. Refuses BALANCE_MALFORMED and what its parts refuse. */
export function balanceOf(field: Field): Balance {
  const match = /^([CD])(\d{6})([A-Z]{3})([\d., ]+?)\s*$/.exec(field.lines[0]!);
  if (!match) throw fault('BALANCE_MALFORMED', field, `${JSON.stringify(field.lines[0])} is no balance.`);
  const [, mark, day, currency, text] = match;
  const minor = amountOf(text!, currency!, field);
  return { minor: mark === 'C' ? minor : -minor, currency: currency!, day: dayOf(day!, field) };
}

export interface Entry {
  valueDate: string;
  bookingDate: string;
  /** As the bank marks it: C, D, RC, RD. */
  mark: string;
  minor: bigint;
  type: string;
  customerReference: string | undefined;
  bankReference: string | undefined;
  supplementary: string;
}

const ENTRY = /^(\d{6})(\d{4})?(R?[CD])([A-Z])?(\d+(?:[,.]\d*)?)\s*([A-Z][A-Z0-9]{2}[A-Z0-9 ])?(.*)$/;

/**
 * A statement line: value date, entry date, mark, amount, type, references. A reversal's own direction counts: RC takes a credit back, so money goes out. Refuses ENTRY_MALFORMED and what its
 * parts refuse.
 */
export function entryOf(field: Field, currency: string): Entry {
  const match = ENTRY.exec(field.lines[0]!);
  if (!match) throw fault('ENTRY_MALFORMED', field, `${JSON.stringify(field.lines[0]!.slice(0, 60))} is no statement line.`);
  const [, value, entered, mark, , text, type = '', rest] = match;
  const valueDate = dayOf(value!, field);
  const minor = amountOf(text!, currency, field);
  const [customer = '', bank] = rest!.split('//');
  return {
    valueDate, mark: mark!,
    bookingDate: (entered && entryDay(entered, valueDate)) ?? valueDate,
    minor: mark === 'C' || mark === 'RD' ? minor : -minor,
    type: type.trim(),
    customerReference: reference(customer),
    bankReference: reference(bank),
    supplementary: field.lines.slice(1).join(' ').trim(),
  };
}

function reference(text: string | undefined): string | undefined {
  const plain = text?.trim();
  return plain && !/^(NONREF|NOTPROVIDED|EREF|PREF|MARF|KREF)\+?$/i.test(plain) ? plain : undefined;
}
