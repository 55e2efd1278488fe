import { LRUCache } from 'lru-cache';
import { Contract } from '../../../entities/contracts/Contract';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { LateUsage, Meter } from '../../../entities/invoices/Meter';
import { UsageEvent } from '../../../entities/invoices/UsageEvent';
import { UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { Refusal } from '../../../entities/refusal';
import { anyOf, insertNewRows, selectRows } from '../../../entities/rows';
import { addDays } from '../../../entities/terms/days';
import { termsOf } from '../../../entities/terms/ofContract';
import { type LineTerms, usageKey } from '../../../entities/terms/terms';
import { refused } from '../../refusal';
import type { Work } from '../../work';
import { RecordedUsage, UsageOutcome, UsageVerdict } from '../api/usage';
import { type ReadUsage, readUsage, sameEvent, type Sold, type SoldUsage, type UsageInput } from './readUsage';
import { recountUsage } from './recountUsage';

const EVENTS_MAX = 5_000;

/** An event of the batch: read, or why it is not taken. */
type Looked = ReadUsage | Refusal;

/**
 * Takes in events of usage, each by itself: what is wrong with one keeps none of the others out, and each has an answer. An event is named by its source and id for ever: the
 * same again is a DUPLICATE, another one under its name a CONFLICT. What comes in for a period that is counted already is taken or refused as its meter says.
 * Refuses USAGE_BATCH_SIZE for no event, and for more than 5,000.
 */
export async function recordUsage(work: Work, { events }: { events: readonly UsageInput[] }): Promise<RecordedUsage> {
  if (events.length === 0 || events.length > EVENTS_MAX) throw new Refusal('USAGE_BATCH_SIZE', `A batch has 1 to ${EVENTS_MAX} events.`, 'input.events');
  const sold = await whatIsSold(work, events);
  const looked = events.map((event, index) => look(event, sold, `input.events.${index}`));
  const read = looked.filter((one): one is ReadUsage => !(one instanceof Refusal));
  const counted = await countedAlready(work, read);
  const batchId = work.occasion.newId(work.nowMs);
  const first = new Map<string, ReadUsage>();
  for (const one of read) if (!first.has(one.event.eventKey)) first.set(one.event.eventKey, one);
  const taken = [...first.values()].filter((one) => !refusedLate(one, counted));
  const known = await insert(work, { all: [...first.values()], taken, batchId });
  const late = taken.filter((one) => known.get(one.event.eventKey)?.batchId === batchId);
  await recountUsage(work, late.flatMap((one) => counted.get(one) ?? []));
  const outcomes = looked.map((one, index) => {
    const { source, id } = events[index]!;
    return Object.assign(new UsageOutcome(), { source, id, ...verdictOn(one, { first, known, batchId }) });
  });
  const accepted = outcomes.filter(({ verdict }) => verdict === UsageVerdict.ACCEPTED).length;
  const failed = outcomes.filter(({ verdict }) => verdict === UsageVerdict.CONFLICT || verdict === UsageVerdict.REFUSED);
  return Object.assign(new RecordedUsage(), { events: outcomes, accepted, failed });
}

function look(event: UsageInput, sold: Sold, path: string): Looked {
  try {
    return readUsage(event, sold, path);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The meters and contracts that a batch names. */
async function whatIsSold(work: Work, events: readonly UsageInput[]): Promise<Sold> {
  const idOf = (subject: string) => (/^con_[0-9a-f]{32}$/.test(subject) ? subject : work.id('con', { system: 'crm', type: 'contract', key: subject }));
  const ids = new Map(unique(events.map(({ subject }) => subject)).map((subject) => [subject, idOf(subject)]));
  const meterIds = unique(events.map(({ type }) => type)).map((type) => work.id('mtr', { system: 'evenkeel', type: 'meter', key: type }));
  const meters = await work.find(Meter, { id: meterIds });
  const sold = await soldBy(work, unique([...ids.values()]));
  return {
    meters: new Map(meters.map((meter) => [meter.key, meter])),
    contracts: new Map([...ids].flatMap(([subject, id]) => (sold.has(id) ? [[subject, sold.get(id)!]] : []))),
    nowMs: work.nowMs,
  };
}

const unique = (texts: string[]) => [...new Set(texts)];
/** What versions of contracts of a database sell: a version never changes, so what was worked out of it once holds. */
const caches = new WeakMap<object, LRUCache<string, SoldUsage>>();
const SOLD_MAX = 20_000;

interface Head {
  id: string;
  version: unknown;
  at: unknown;
  entity: string;
}

/**
 * What contracts sell, by their ids; only versions that are not known here are loaded. They are locked so far that nobody bills or changes them meanwhile, while others may
 * report usage of them as well: an event either comes before a count of its period, or finds it.
 */
async function soldBy(work: Work, ids: readonly string[]): Promise<Map<string, SoldUsage>> {
  const cache = caches.get(work.sql.source) ?? new LRUCache<string, SoldUsage>({ max: SOLD_MAX });
  caches.set(work.sql.source, cache);
  const any = anyOf(work.sql, ids);
  const lock = work.sql.dialect === 'mysql' ? ' LOCK IN SHARE MODE' : '';
  const text = `SELECT id, version, updated_at_ms AS at, legal_entity_id AS entity FROM contract WHERE tenant_id = ? AND id ${any.text} ORDER BY id${lock}`;
  const heads = await work.sql.query<Head & Record<string, unknown>>(text, [work.tenantId, ...any.params]);
  const zones = new Map((await work.find(LegalEntity, { id: unique(heads.map(({ entity }) => entity)) })).map(({ id, timeZone }) => [id, timeZone]));
  const keyOf = (head: Head) => [work.tenantId, head.id, head.version, head.at, zones.get(head.entity)].join('|');
  const fresh = heads.filter((head) => !cache.has(keyOf(head)));
  const contracts = fresh.length === 0 ? [] : await work.find(Contract, { id: fresh.map(({ id }) => id) });
  const loaded = new Map(contracts.map((contract) => [contract.id, soldUsage(contract, zones.get(contract.legalEntityId)!)]));
  for (const head of fresh) cache.set(keyOf(head), loaded.get(head.id)!);
  return new Map(heads.map((head) => [head.id, loaded.get(head.id) ?? cache.get(keyOf(head))!]));
}

function soldUsage(contract: Contract, timeZone: string): SoldUsage {
  const terms = termsOf(contract);
  const linesOf = new Map<string, LineTerms[]>();
  for (const line of terms.lines) if (line.meter) linesOf.set(line.meter.meterId, [...(linesOf.get(line.meter.meterId) ?? []), line]);
  return { contractId: contract.id, number: contract.number, terms, timeZone, linesOf, stretches: new Map() };
}

/** The counted periods that events fall into. Only what may be billed today, or by a clock that is ahead tomorrow, can be counted. */
async function countedAlready(work: Work, read: readonly ReadUsage[]): Promise<Map<ReadUsage, UsagePeriod[]>> {
  const tomorrow = new Map(unique(read.map(({ sold }) => sold.timeZone)).map((timeZone) => [timeZone, addDays(work.today(timeZone), 1)]));
  const near = read.filter(({ sold, stretches }) => stretches.some(({ billOn }) => billOn <= tomorrow.get(sold.timeZone)!));
  if (near.length === 0) return new Map();
  const ids = unique(near.map(({ sold }) => sold.contractId));
  const periods = await work.find(UsagePeriod, { contractId: ids });
  const byStretch = new Map(periods.map((period) => [`${period.contractId}|${usageKey(period)}`, period]));
  return new Map(near.map((one) => [one, one.stretches.flatMap((stretch) => byStretch.get(`${one.sold.contractId}|${usageKey(stretch)}`) ?? [])]));
}

const refusedLate = (one: ReadUsage, counted: ReadonlyMap<ReadUsage, UsagePeriod[]>) => one.meter.lateUsage === LateUsage.REFUSE && (counted.get(one)?.length ?? 0) > 0;

/** Inserts what is to be taken, in order of its keys so that two batches do not wait for each other in turn; gives what then stands under each key of the batch. */
async function insert(work: Work, { all, taken, batchId }: { all: readonly ReadUsage[]; taken: readonly ReadUsage[]; batchId: string }): Promise<Map<string, UsageEvent>> {
  const rows = taken.map(({ event }) => Object.assign(event, { tenantId: work.tenantId, batchId })).sort((a, b) => (a.eventKey < b.eventKey ? -1 : 1));
  const inserted = await insertNewRows(work.sql, UsageEvent, rows);
  const isNew = inserted === all.length;
  const stand = isNew ? rows : await selectRows(work.sql, UsageEvent, { where: { tenantId: work.tenantId, eventKey: all.map(({ event }) => event.eventKey) } });
  return new Map(stand.map((row) => [row.eventKey, row]));
}

/** What became of an event. */
function verdictOn(one: Looked, { first, known, batchId }: { first: ReadonlyMap<string, ReadUsage>; known: ReadonlyMap<string, UsageEvent>; batchId: string }): Pick<UsageOutcome, 'verdict' | 'refusal'> {
  if (one instanceof Refusal) return { verdict: UsageVerdict.REFUSED, refusal: refused(one) };
  const { event, meter } = one;
  const stands = known.get(event.eventKey);
  if (!stands) return { verdict: UsageVerdict.REFUSED, refusal: refused(new Refusal('USAGE_LATE', `What ${meter.key} counts of ${event.onDay} is billed already.`, 'time')) };
  if (!sameEvent(stands, event)) {
    const text = `Event ${event.eventId} of ${event.source} was taken with something else in it; cancel that one, or send this under another id.`;
    return { verdict: UsageVerdict.CONFLICT, refusal: refused(new Refusal('USAGE_CONFLICT', text, 'id')) };
  }
  const isNew = stands.batchId === batchId && first.get(event.eventKey) === one;
  return { verdict: isNew ? UsageVerdict.ACCEPTED : UsageVerdict.DUPLICATE, refusal: null };
}
