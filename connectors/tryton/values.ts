/** Tryton's JSON values: amounts and dates travel as tagged objects, never as JSON numbers or bare strings. */
export interface TrytonDecimal {
  __class__: 'Decimal';
  decimal: string;
}
export interface TrytonDate {
  __class__: 'date';
  year: number;
  month: number;
  day: number;
}
export type Id = number;
export type Row = Record<string, unknown> & { id: Id };
export type Values = Record<string, unknown>;

/** A decimal string as Tryton takes it. A JSON number would be accepted too, and rounded in silence. */
export const decimal = (text: string): TrytonDecimal => ({ __class__: 'Decimal', decimal: text });

/** A `YYYY-MM-DD` date as Tryton takes it. */
export function date(iso: string): TrytonDate {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  if (!match) throw new RangeError(`${JSON.stringify(iso)} is no date`);
  return { __class__: 'date', year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
}

/** The decimal string in an answer's field; Tryton leaves an empty amount as null, which reads as zero. */
export function decimalText(value: unknown): string {
  if (value === null || value === undefined) return '0';
  const { decimal: text } = value as Partial<TrytonDecimal>;
  if (typeof text !== 'string') throw new TypeError('Tryton answered with something else than a decimal');
  return text;
}

/** The `YYYY-MM-DD` date in an answer's field. */
export function isoDate(value: unknown): string {
  const { year, month, day } = value as TrytonDate;
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
}

/** A decimal string from Tryton as minor units; digits beyond the currency's must be zeros. */
export function minorOf(text: string, digits: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(/e/i.test(text) ? plain(text) : text);
  const fraction = match?.[3] ?? '';
  if (!match || /[1-9]/.test(fraction.slice(digits))) throw new RangeError(`${text} has more than ${digits} decimals`);
  const minor = BigInt(match[2]! + fraction.slice(0, digits).padEnd(digits, '0'));
  return match[1] ? -minor : minor;
}

/** Python writes a zero of many decimals as `0E-8` and a round thousand as `1E+3`. */
function plain(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.replace('-', '').split('.');
  const shift = Number(exponent);
  const digits = shift < 0 ? '0'.repeat(-shift) + whole + fraction : whole + fraction + '0'.repeat(Math.max(shift - fraction.length, 0));
  const point = shift < 0 ? whole.length : whole.length + Math.max(shift, 0);
  const sign = mantissa.startsWith('-') ? '-' : '';
  return point >= digits.length ? sign + digits : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
