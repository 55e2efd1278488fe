import { Refusal } from '../../entities/refusal';
import type { TextLine } from '../bankFile';

/** A record with its continuations (88), as one list of fields. */
export interface BaiRecord {
  code: string;
  fields: string[];
  at: number;
  /** How many lines of the file it takes: control totals count them. */
  lines: number;
}

const CODES = new Set(['01', '02', '03', '16', '49', '88', '98', '99']);

/** The records of a file. A record ends with a slash; what is behind it is padding. Refuses RECORD_UNKNOWN, RECORD_MISPLACED. */
export async function* recordsOf(lines: AsyncIterable<TextLine>): AsyncGenerator<BaiRecord> {
  let record: BaiRecord | undefined;
  for await (const { at, text } of piecesOf(lines)) {
    const plain = text.trimEnd().replace(/\/$/, '');
    if (plain === '') continue;
    const [code = '', ...fields] = plain.split(',');
    if (!CODES.has(code)) throw new Refusal('RECORD_UNKNOWN', `Line ${at}: ${JSON.stringify(code.slice(0, 20))} is no record of BAI2.`, 'input.content');
    if (code === '88') {
      if (!record) throw new Refusal('RECORD_MISPLACED', `Line ${at}: there is nothing for it to continue.`, 'input.content');
      record.fields.push(...fields);
      record.lines++;
      continue;
    }
    if (record) yield record;
    record = { code, fields: fields.map((field) => field.trim()), at, lines: 1 };
  }
  if (record) yield record;
}

/** Some banks write several records on a line. */
async function* piecesOf(lines: AsyncIterable<TextLine>): AsyncGenerator<TextLine> {
  for await (const { at, text } of lines) {
    for (const piece of text.split(/(?<=\/)\s+(?=(?:01|02|03|16|49|88|98|99),)/)) yield { at, text: piece };
  }
}

/** Says where in the file something is wrong. */
export const fault = (code: string, { code: record, at }: Pick<BaiRecord, 'code' | 'at'>, text: string): Refusal =>
  new Refusal(code, `Record ${record} (line ${at}): ${text}`, 'input.content');

/** An amount without a point, in minor units; nothing is zero. Refuses AMOUNT_MALFORMED. */
export function amountOf(text: string | undefined, record: BaiRecord): bigint {
  const plain = (text ?? '').trim();
  if (plain === '') return 0n;
  if (!/^[+-]?\d{1,18}$/.test(plain)) throw fault('AMOUNT_MALFORMED', record, `${JSON.stringify(plain)} is no whole amount.`);
  return BigInt(plain.replace('+', ''));
}

export interface Summary {
  type: string;
  amount: bigint;
}

/** The status and summary amounts of an account: type, amount, count, and when the funds are there. */
export function summariesOf(record: BaiRecord): Summary[] {
  const fields = record.fields.slice(2);
  const found: Summary[] = [];
  for (let at = 0; at < fields.length; ) {
    const type = fields[at]!.trim();
    if (type === '') {
      at++; // a line may end with commas more than it needs
      continue;
    }
    found.push({ type, amount: amountOf(fields[at + 1], record) });
    at += 3 + fundsLength(fields, at + 3);
  }
  return found;
}

export interface Detail {
  type: string;
  amount: bigint;
  bankReference: string | undefined;
  customerReference: string | undefined;
  text: string;
}

/** A transaction: type, amount, when the funds are there, the bank's reference, the customer's, text. */
export function detailOf(record: BaiRecord): Detail {
  const { fields } = record;
  const at = 2 + fundsLength(fields, 2);
  const [bank, customer, ...text] = fields.slice(at);
  return { type: fields[0] ?? '', amount: amountOf(fields[1], record), bankReference: bank?.trim() || undefined, customerReference: customer?.trim() || undefined, text: text.join(', ').replace(/^[\s,]+|[\s,]+$/g, '') };
}

/** How many fields say when funds are there: V a day and a time, S three amounts, D a list of days with amounts. */
function fundsLength(fields: readonly string[], at: number): number {
  switch (fields[at]?.trim().toUpperCase()) {
    case 'V': return 3;
    case 'S': return 4;
    case 'D': return 2 + 2 * Number(fields[at + 1] ?? 0);
    default: return 1;
  }
}
