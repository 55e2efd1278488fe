import { type Meter, MeterAggregation } from '../../../entities/invoices/Meter';
import { share } from '../../../entities/money';
import type { Sql } from '../../../entities/rows';
import type { Span } from '../../../entities/terms/days';
import { startOfDay } from '../../work';

/** Days of one contract over which a meter is to be counted. */
export interface Counting extends Span {
  contractId: string;
  meter: Meter;
  /** In which the days are days. */
  timeZone: string;
}

/** A quantity in 10^-decimals of the meter's unit, and from how many events it is. */
export interface Counted {
  quantity: bigint;
  events: number;
}

const AT_ONCE = 100;
/** Quantities are summed in two parts, for SQLite's sums end at 2^63. */
const BITS = 31n;
const HIGH_LOW = (times = '') => `SUM((quantity >> ${BITS})${times}) AS high, SUM((quantity & ${(1n << BITS) - 1n})${times}) AS low`;
const WITHIN = 'tenant_id = ? AND contract_id = ? AND meter_id = ? AND on_day >= ? AND on_day < ? AND cancelled_at_ms IS NULL';

/** Counts events in the database, a hundred countings a statement: no event is loaded. */
export async function countEvents(sql: Sql, tenantId: string, countings: readonly Counting[]): Promise<Counted[]> {
  const counted: Counted[] = [];
  for (let first = 0; first < countings.length; first += AT_ONCE) {
    const page = countings.slice(first, first + AT_ONCE);
    const parts = page.map((counting, index) => statement(sql, tenantId, { counting, index }));
    const rows = await sql.query<Record<string, string | bigint | null>>(parts.map(({ text }) => text).join(' UNION ALL '), parts.flatMap(({ params }) => params));
    const byPlace = new Map(rows.map((row) => [Number(row['place']), row]));
    counted.push(...page.map((counting, index) => countedOf(counting, byPlace.get(index)!)));
  }
  return counted;
}

interface Placed {
  counting: Counting;
  index: number;
}

function statement(sql: Sql, tenantId: string, { counting, index }: Placed): { text: string; params: unknown[] } {
  const { contractId, meter, from, until } = counting;
  const whose = [tenantId, contractId, meter.id];
  const within = [...whose, from, until];
  const select = `SELECT ${index} AS place, COUNT(*) AS events,`;
  switch (meter.aggregation) {
    case MeterAggregation.SUM:
    case MeterAggregation.COUNT: return { text: `${select} ${HIGH_LOW()} FROM usage_event WHERE ${WITHIN}`, params: within };
    case MeterAggregation.UNIQUE: return { text: `${select} 0 AS high, COUNT(DISTINCT thing) AS low FROM usage_event WHERE ${WITHIN}`, params: within };
    case MeterAggregation.MAX: return { text: `${select} 0 AS high, MAX(quantity) AS low FROM usage_event WHERE ${WITHIN}`, params: within };
    case MeterAggregation.LATEST: {
      const last = `(SELECT quantity FROM usage_event WHERE ${WITHIN} ORDER BY at_ms DESC, event_key DESC LIMIT 1)`;
      return { text: `${select} 0 AS high, ${last} AS low FROM usage_event WHERE ${WITHIN}`, params: [...within, ...within] };
    }
    case MeterAggregation.WEIGHTED: return weighted(sql, whose, { select, counting });
  }
}

/** The level of each second, added up: what an event says holds until the next one, and what the last one before the first day said holds until the first. */
function weighted(sql: Sql, whose: string[], { select, counting }: { select: string; counting: Counting }): { text: string; params: unknown[] } {
  const { from, until } = counting;
  const [begin, end] = secondsOf(counting);
  const second = sql.dialect === 'mysql' ? 'at_ms DIV 1000' : 'at_ms / 1000';
  const before = `SELECT quantity, ${begin} AS at_s, '' AS event_key, 0 AS counts FROM (SELECT quantity FROM usage_event WHERE tenant_id = ? AND contract_id = ? AND meter_id = ? AND on_day < ?
    AND cancelled_at_ms IS NULL ORDER BY on_day DESC, at_ms DESC, event_key DESC LIMIT 1) earlier`;
  const levels = `SELECT quantity, ${second} AS at_s, event_key, 1 AS counts FROM usage_event WHERE ${WITHIN} UNION ALL ${before}`;
  const spans = `SELECT quantity, counts, COALESCE(LEAD(at_s) OVER (ORDER BY at_s, event_key), ${end}) - at_s AS seconds FROM (${levels}) levels`;
  return { text: `${select.replace('COUNT(*)', 'SUM(counts)')} ${HIGH_LOW(' * seconds')} FROM (${spans}) spans`, params: [...whose, from, until, ...whose, from] };
}

const secondsOf = ({ from, until, timeZone }: Counting) => [from, until].map((day) => Math.floor(startOfDay(day, timeZone) / 1_000)) as [number, number];

function countedOf(counting: Counting, row: Record<string, string | bigint | null>): Counted {
  const part = (name: string) => BigInt(row[name] ?? 0);
  const sum = (part('high') << BITS) + part('low');
  const events = Number(part('events'));
  const { aggregation, decimals } = counting.meter;
  if (aggregation === MeterAggregation.UNIQUE) return { quantity: sum * 10n ** BigInt(decimals), events };
  if (aggregation !== MeterAggregation.WEIGHTED) return { quantity: sum, events };
  const [begin, end] = secondsOf(counting);
  return { quantity: share(sum, 1n, BigInt(end - begin)), events };
}
