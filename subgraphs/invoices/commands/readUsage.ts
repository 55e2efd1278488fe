import { type Meter, MeterAggregation } from '../../../entities/invoices/Meter';
import { UsageEvent } from '../../../entities/invoices/UsageEvent';
import { AMOUNT_MINOR_MAX } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import type { Span } from '../../../entities/terms/days';
import { usageOn } from '../../../entities/terms/schedule';
import type { ContractTerms, LineTerms } from '../../../entities/terms/terms';
import { sha256 } from '../../../sync/canonical';
import { readText } from '../../input';
import { dayIn } from '../../work';

/** An event as it comes in: with its value, or with data of which the meter knows what to read. */
export interface UsageInput {
  source: string;
  id: string;
  type: string;
  subject: string;
  time: string;
  value?: string | null | undefined;
  data?: Readonly<Record<string, unknown>>;
}

/** A contract that may have usage, with its lines by the meter that counts them. */
export interface SoldUsage {
  contractId: string;
  number: string;
  terms: ContractTerms;
  timeZone: string;
  linesOf: ReadonlyMap<string, LineTerms[]>;
  /** The stretches of its lines by meter and day, as far as they were asked for. */
  stretches: Map<string, UsageStretch[]>;
}

/** A stretch of a line in which usage is counted. */
export interface UsageStretch extends Span {
  lineKey: string;
  billOn: string;
}

/** What events of a batch may be about. */
export interface Sold {
  meters: ReadonlyMap<string, Meter>;
  /** By number and by id. */
  contracts: ReadonlyMap<string, SoldUsage>;
  nowMs: number;
}

/** An event as it will be kept, and where it counts. */
export interface ReadUsage {
  event: UsageEvent;
  meter: Meter;
  sold: SoldUsage;
  stretches: UsageStretch[];
}

/** Clocks of senders may be ahead of ours by so much. */
const AHEAD_MS = 5 * 60_000;
const KEY_CHARS = 32;
/** Stretches that are remembered of one contract. */
const DAYS_MAX = 10_000;
const keyOf = (text: string) => sha256(text).slice(0, KEY_CHARS);

/** Names an event by its source and id, for ever. */
export const eventKeyOf = ({ source, id }: Pick<UsageInput, 'source' | 'id'>): string => keyOf(`${source}\n${id}`);

/** Whether two events under one name say the same. */
export const sameEvent = (a: UsageEvent, b: UsageEvent): boolean =>
  a.meterId === b.meterId && a.contractId === b.contractId && a.atMs === b.atMs && a.quantity === b.quantity && a.thing === b.thing;

/**
 * Reads one event. Refuses TEXT_INVALID, METER_UNKNOWN, CONTRACT_UNKNOWN, USAGE_TIME_MALFORMED, USAGE_IN_FUTURE, USAGE_NOT_SOLD (on that day the contract has no line with that
 * meter), USAGE_VALUE_MISSING, USAGE_VALUE_MALFORMED, USAGE_TOO_PRECISE, USAGE_TOO_LARGE.
 */
export function readUsage(input: UsageInput, { meters, contracts, nowMs }: Sold, path: string): ReadUsage {
  const source = readText(input.source, `${path}.source`);
  const id = readText(input.id, `${path}.id`);
  const meter = meters.get(input.type);
  if (!meter) throw new Refusal('METER_UNKNOWN', `There is no meter ${JSON.stringify(input.type)}.`, `${path}.type`);
  const sold = contracts.get(input.subject);
  if (!sold) throw new Refusal('CONTRACT_UNKNOWN', `There is no contract ${JSON.stringify(input.subject)}, neither by number nor by id.`, `${path}.subject`);
  const atMs = readInstant(input.time, `${path}.time`);
  if (atMs > nowMs + AHEAD_MS) throw new Refusal('USAGE_IN_FUTURE', `${input.time} has not come yet.`, `${path}.time`);
  const onDay = dayIn(atMs, sold.timeZone);
  const stretches = stretchesOn(sold, meter.id, onDay);
  if (stretches.length === 0) throw new Refusal('USAGE_NOT_SOLD', `Contract ${sold.number} has no line of ${meter.key} on ${onDay}.`, `${path}.time`);
  const { quantity, thing } = readValue(valueOf(input, meter, path), meter, `${path}.value`);
  const kept = { eventKey: eventKeyOf({ source, id }), contractId: sold.contractId, meterId: meter.id, onDay, atMs, quantity, thing, source, eventId: id, cancelledAtMs: null, cancelledReason: null };
  return { event: Object.assign(new UsageEvent(), kept), meter, sold, stretches };
}

const INSTANT = /^(\d{4}-\d{2}-(\d{2}))T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** An RFC 3339 instant in whole milliseconds. Refuses USAGE_TIME_MALFORMED. */
function readInstant(text: string, path: string): number {
  const match = INSTANT.exec(text);
  const atMs = match ? Date.parse(text) : NaN;
  const overflows = Number(match?.[2]) > 28 && new Date(`${match![1]}T00:00:00Z`).getUTCDate() !== Number(match![2]); // 30 February is no day
  if (Number.isNaN(atMs) || overflows) throw new Refusal('USAGE_TIME_MALFORMED', `${JSON.stringify(text)} is no time as 2026-01-31T12:00:00Z.`, path);
  return atMs;
}

function valueOf({ value, data }: UsageInput, { valueField }: Meter, path: string): string | null {
  const found = data ? data[valueField] : value;
  if (typeof found !== 'number') return typeof found === 'string' ? found : null;
  if (Number.isInteger(found) && !Number.isSafeInteger(found)) throw new Refusal('USAGE_TOO_LARGE', 'A number beyond 2^53 was rounded on its way; send it as text.', `${path}.data.${valueField}`);
  return String(found);
}

function readValue(value: string | null | undefined, { aggregation, decimals, unit }: Meter, path: string): { quantity: bigint; thing: string | null } {
  const one = 10n ** BigInt(decimals);
  if (aggregation === MeterAggregation.COUNT) return { quantity: one, thing: null };
  if (value === undefined || value === null) throw new Refusal('USAGE_VALUE_MISSING', `The event does not say how many ${unit}.`, path);
  if (aggregation === MeterAggregation.UNIQUE) return { quantity: one, thing: keyOf(readText(value, path)) };
  const match = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(value);
  if (!match) throw new Refusal('USAGE_VALUE_MALFORMED', `${JSON.stringify(value)} is not a number of ${unit} from 0 up.`, path);
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) throw new Refusal('USAGE_TOO_PRECISE', `${value} has more than ${decimals} decimals.`, path);
  const quantity = BigInt(match[1]! + fraction.padEnd(decimals, '0'));
  if (quantity > AMOUNT_MINOR_MAX) throw new Refusal('USAGE_TOO_LARGE', `${value} is beyond what one event may say.`, path);
  return { quantity, thing: null };
}

function stretchesOn({ terms, linesOf, stretches }: SoldUsage, meterId: string, day: string): UsageStretch[] {
  const key = `${meterId}|${day}`;
  let known = stretches.get(key);
  if (!known) {
    if (stretches.size === DAYS_MAX) stretches.clear();
    known = (linesOf.get(meterId) ?? []).flatMap((line) => {
      const found = usageOn(terms, line, day);
      return found ? [{ ...found, lineKey: line.lineKey }] : [];
    });
    stretches.set(key, known);
  }
  return known;
}
