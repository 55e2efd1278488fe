/**
 * Calendar days `YYYY-MM-DD` and months `YYYY-MM` of the proleptic Gregorian calendar. A span is half open: `from` is its first
 * day, `until` the day after its last.
 */
export interface Span {
  from: string;
  until: string;
}

const DAY_MS = 86_400_000;
/** The days of a hundred years: contracts name the same ones over and over, and reckoning them is most of what a billing run works out. */
const KNOWN_MAX = 36_525;

function remembered<Key, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      if (known.size === KNOWN_MAX) known.clear();
      known.set(key, (value = work(key)));
    }
    return value;
  };
}

const msOf = remembered((day: string) => Date.parse(`${day}T00:00:00Z`));
const dayAt = remembered((ms: number) => new Date(ms).toISOString().slice(0, 10));

/** The day `days` after a day. */
export const addDays = (day: string, days: number): string => (days === 0 ? day : dayAt(msOf(day) + days * DAY_MS));

/** Months from one day to another, those begun not counted. */
export const monthsBetween = (from: string, until: string): number =>
  (Number(until.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(until.slice(5, 7)) - Number(from.slice(5, 7)) - (until.slice(8) < from.slice(8) ? 1 : 0);

/** Days from `from` to `until`, the latter not counted. */
export const daysBetween = (from: string, until: string): number => (msOf(until) - msOf(from)) / DAY_MS;

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const two = (number: number) => (number < 10 ? `0${number}` : String(number));

/** The same day `months` later, or the last of that month if it is shorter: 31 January and one month is 28 February. */
export function addMonths(day: string, months: number): string {
  const index = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + months;
  const year = Math.floor(index / 12);
  const month = index - year * 12;
  const last = month === 1 && isLeap(year) ? 29 : LENGTHS[month]!;
  return `${String(year).padStart(4, '0')}-${two(month + 1)}-${two(Math.min(Number(day.slice(8, 10)), last))}`;
}

/** `YYYY-MM` of a day. */
export const monthOf = (day: string): string => day.slice(0, 7);

/** The days of a month. */
export function spanOfMonth(month: string): Span {
  const from = `${month}-01`;
  return { from, until: addMonths(from, 1) };
}

/** The months that a span touches, in order. */
export function monthsOf({ from, until }: Span): string[] {
  const months: string[] = [];
  for (let first = `${monthOf(from)}-01`; first < until; first = addMonths(first, 1)) months.push(monthOf(first));
  return months;
}

/** The first month from `month` on that is none of those. */
export function firstMonthOutside(months: ReadonlySet<string>, month: string): string {
  let first = month;
  while (months.has(first)) first = monthOf(addMonths(`${first}-01`, 1));
  return first;
}

/** What two spans share; undefined if nothing. */
export function overlap(a: Span, b: Span): Span | undefined {
  const from = a.from > b.from ? a.from : b.from;
  const until = a.until < b.until ? a.until : b.until;
  return from < until ? { from, until } : undefined;
}

/** A span cut at those of the days that lie within it. */
export function cut(span: Span, at: Iterable<string>): Span[] {
  const inside = [...new Set(at)].filter((day) => day > span.from && day < span.until).sort();
  const edges = [span.from, ...inside, span.until];
  return inside.length === 0 ? [span] : edges.slice(1).map((until, index) => ({ from: edges[index]!, until }));
}
