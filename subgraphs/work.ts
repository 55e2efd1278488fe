import { ownerOf, type DomainName } from '../entities';
import { resourceId, type IdPrefix } from '../entities/ids';
import { Refusal } from '../entities/refusal';
import { Resource } from '../entities/resource';
import { insertRows, type Sql, selectRows } from '../entities/rows';
import { canonicalJson } from '../sync/canonical';
import type { PostingPlan } from '../sync/plan';
import type { Principal } from './context';
import type { Told } from './event';

type Class<T> = new () => T;
type Where<T> = Partial<Record<keyof T, unknown>>;

/** What one act knows of itself. */
export interface Occasion {
  principal: Principal;
  correlationId: string;
  nowMs: number;
  idNamespace: string;
  newId(atMs: number): string;
}

/**
 * One act in progress: what a command reads, locks, decides to save and tells. Nothing is written before the act ends, then
 * all of it in one go; so a command never sees its own half.
 */
export class Work {
  readonly added = new Map<object, DomainName>();
  readonly changed = new Map<Resource, number>();
  readonly told: Told[] = [];
  /** How many of the told events the other domains have reacted to. */
  reacted = 0;
  readonly plans: PostingPlan[] = [];
  /** Whether the plans are in the queue; from then on there can be no more. */
  queued = false;
  private readonly known = new Map<string, object>();
  /**
   * Lets the other domains react to what was told so far; else they do when the command ends. For a command that goes on with
   * what they own: a second payment of one invoice must see what the first has left open.
   */
  catchUp: () => Promise<void>;
  /** The domain whose command or reaction is running. */
  domain: DomainName;

  constructor(
    readonly sql: Sql,
    readonly occasion: Occasion,
  ) {}

  get tenantId(): string {
    return this.occasion.principal.tenantId;
  }

  get nowMs(): number {
    return this.occasion.nowMs;
  }

  /** The calendar day now in a time zone. */
  today(timeZone: string): string {
    return dayIn(this.nowMs, timeZone);
  }

  /** The deterministic id of a natural key of this tenant. */
  id(prefix: IdPrefix, natural: { system: string; type: string; key: string; revision?: number }): string {
    return resourceId(this.occasion.idNamespace, prefix, { tenant: this.tenantId, ...natural });
  }

  /** The resource, or undefined. Sees what this act added. */
  async peek<T extends Resource>(entity: Class<T>, id: string): Promise<T | undefined> {
    return this.load(entity, id, false);
  }

  /** The resource as it is now. Refuses NOT_FOUND. */
  async read<T extends Resource>(entity: Class<T>, id: string, path = 'id'): Promise<T> {
    return found(await this.load(entity, id, false), entity, { id, path });
  }

  /** The resource, locked until the act ends. Refuses NOT_FOUND, VERSION_STALE if it is not at `expectedVersion`. */
  async lock<T extends Resource>(entity: Class<T>, id: string, expectedVersion?: number | null): Promise<T> {
    const resource = found(await this.load(entity, id, true), entity, { id, path: 'id' });
    mustBeAt(resource, expectedVersion);
    return resource;
  }

  /** Resources, locked until the act ends, in one statement and in the order of their ids; those that are not there are left out. */
  async lockAll<T extends Resource>(entity: Class<T>, ids: readonly string[]): Promise<T[]> {
    const wanted = [...new Set(ids)].sort().filter((id) => !this.locked.has(this.known.get(`${entity.name}|${id}`) ?? this));
    const rows = wanted.length === 0 ? [] : await selectRows(this.sql, entity, { where: { tenantId: this.tenantId, id: wanted }, lock: true, orderBy: 'id' });
    for (const row of rows) {
      const known = this.known.get(keyOf(row));
      this.locked.add(known ? Object.assign(known, row) : this.keep(row));
    }
    return ids.map((id) => this.known.get(`${entity.name}|${id}`) as T | undefined).filter((one) => one !== undefined);
  }

  /**
   * The resource, locked until the act ends, or a new one of this identity if there is none yet; `put` saves either. Refuses VERSION_STALE if it is not at
   * `expectedVersion`: what is not there yet is at 0.
   */
  async lockOrNew<T extends Resource>(entity: Class<T>, identity: Partial<T> & { id: string }, expectedVersion?: number | null): Promise<T> {
    const resource = (await this.load(entity, identity.id, true)) ?? Object.assign(new entity(), identity, { version: 0 });
    mustBeAt(resource, expectedVersion);
    return resource;
  }

  /** Saves a resource with these values, a new one or the next version. False, and nothing is saved, if it has them all. */
  put<T extends Resource>(resource: T, values: Partial<T>): boolean {
    const isNew = resource.version === 0;
    const differs = Object.entries(values).some(([field, value]) => canonicalJson(resource[field as keyof T]) !== canonicalJson(value));
    if (!isNew && !differs) return false;
    Object.assign(resource, values);
    if (isNew) this.add(resource);
    else this.change(resource);
    return true;
  }

  /** Rows by equality; an array means any of. What this act has loaded or added stands in for its row. */
  async find<T extends object>(entity: Class<T>, where: Where<T>, options: { orderBy?: string; limit?: number } = {}): Promise<T[]> {
    const rows = await selectRows(this.sql, entity, { where: { tenantId: this.tenantId, ...where }, ...options });
    const current = rows.map((row) => (this.known.get(keyOf(row)) as T | undefined) ?? this.keep(row));
    return [...current, ...this.mine(entity, where)];
  }

  /** Rows of this kind that this act has added so far. */
  mine<T extends object>(entity: Class<T>, where: Where<T>): T[] {
    return [...this.added.keys()].filter((item) => item instanceof entity && matches(item as T, where)) as T[];
  }

  /** A new row, saved when the act ends. */
  add<T extends object>(item: T): T {
    this.mayWrite(item);
    const fresh = item as Partial<Resource>;
    fresh.tenantId = this.tenantId;
    if (isResource(item)) Object.assign(item, { version: 1, createdAtMs: this.nowMs, updatedAtMs: this.nowMs });
    this.added.set(item, this.domain);
    return this.keep(item);
  }

  /** New rows that are written at once. For an act that is about to hold what others wait for: what can be written before is. */
  async addNow<T extends object>(entity: Class<T>, items: readonly T[]): Promise<void> {
    for (const item of items) {
      this.mayWrite(item);
      (item as Partial<Resource>).tenantId = this.tenantId;
    }
    await insertRows(this.sql, entity, items);
  }

  /** Marks a locked resource as changed: version n becomes n+1, once per act. */
  change<T extends Resource>(resource: T): T {
    this.mayWrite(resource);
    if (this.added.has(resource) || this.changed.has(resource)) return resource;
    this.changed.set(resource, resource.version);
    resource.version += 1;
    resource.updatedAtMs = Math.max(resource.updatedAtMs, this.nowMs); // clocks of processes differ; versions are in order of time all the same
    return resource;
  }

  tell(event: Told<never> | Told): void {
    this.told.push(event as Told);
  }

  /** Plans a document for the backends that take its kind; the rows are made when the act ends. */
  post(plan: PostingPlan): void {
    if (this.queued) throw new Error(`the ${plan.kind} comes after the queue was written`);
    this.plans.push(plan);
  }

  /** Takes the next number of a gapless series, beginning with 1, or the first of so many. Holds the series until the act ends. */
  async takeNumber(series: string, count = 1): Promise<number> {
    const insert = 'INSERT INTO number_series (tenant_id, series, next_number) VALUES (?, ?, ?)';
    const update = this.sql.dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE' : 'ON CONFLICT (tenant_id, series) DO UPDATE SET';
    await this.sql.query(`${insert} ${update} next_number = next_number + ?`, [this.tenantId, series, count, count]);
    const text = 'SELECT next_number FROM number_series WHERE tenant_id = ? AND series = ?';
    const [row] = await this.sql.query<{ next_number: unknown }>(text, [this.tenantId, series]);
    return Number(row!.next_number) - count + 1;
  }

  /** Lets one act at a time go on from here until it ends: for what must be true of several rows together. */
  async hold(name: string): Promise<void> {
    await this.takeNumber(`hold|${name}`, 0);
  }

  private async load<T extends Resource>(entity: Class<T>, id: string, lock: boolean): Promise<T | undefined> {
    const known = this.known.get(`${entity.name}|${id}`) as (T & { locked?: true }) | undefined;
    if (known && (!lock || this.locked.has(known) || this.added.has(known))) return known;
    const [row] = await selectRows(this.sql, entity, { where: { tenantId: this.tenantId, id }, lock });
    if (!row) return undefined;
    if (known) Object.assign(known, row);
    const kept = known ?? this.keep(row);
    if (lock) this.locked.add(kept);
    return kept;
  }
  private readonly locked = new Set<object>();

  private keep<T extends object>(item: T): T {
    if (isResource(item)) this.known.set(keyOf(item), item);
    return item;
  }

  private mayWrite(item: object): void {
    const owner = ownerOf(item.constructor);
    if (owner !== this.domain) throw new Error(`${this.domain} may not write ${item.constructor.name}: it belongs to ${owner}`);
  }
}

/** Somebody changed a row between our read and our write: the same act may pass if it is tried again. */
export class LostRace extends Error {}

/** Refuses VERSION_STALE if what is asked for is not at the version the caller has seen; without one any will do. */
export function mustBeAt(item: { id: string; version: number }, expectedVersion: number | null | undefined): void {
  if (expectedVersion === undefined || expectedVersion === null || expectedVersion === item.version) return;
  const text = `${item.constructor.name} ${item.id} is at version ${item.version}, not ${expectedVersion}; read it again and decide anew.`;
  throw new Refusal('VERSION_STALE', text, 'expectedVersion');
}

export const isResource = (item: unknown): item is Resource => item instanceof Resource;

const keyOf = (item: object) => `${item.constructor.name}|${(item as { id?: string }).id}`;

function matches<T>(item: T, where: Where<T>): boolean {
  return Object.entries(where).every(([property, value]) => {
    const actual = (item as Record<string, unknown>)[property];
    return Array.isArray(value) ? value.includes(actual) : actual === value;
  });
}

function found<T>(resource: T | undefined, entity: Function, { id, path }: { id: string; path: string }): T {
  if (resource === undefined) throw new Refusal('NOT_FOUND', `There is no ${entity.name} ${id}.`, path);
  return resource;
}

const QUARTER_MS = 15 * 60_000;
const DAYS_MAX = 10_000;
const days = new Map<string, string>();

/** The calendar day `YYYY-MM-DD` of an instant in an IANA zone. Zones are shifted by whole quarters of an hour, so a quarter lies in one day, and is asked for once. */
export function dayIn(atMs: number, timeZone: string): string {
  const key = `${Math.floor(atMs / QUARTER_MS)}|${timeZone}`;
  let day = days.get(key);
  if (day === undefined) {
    if (days.size === DAYS_MAX) days.clear();
    days.set(key, (day = formatOf(timeZone).format(new Date(atMs))));
  }
  return day;
}

/** The first instant of a calendar day in an IANA zone, in milliseconds: a whole quarter of an hour, as all zones are. */
export function startOfDay(day: string, timeZone: string): number {
  let before = Date.parse(`${day}T00:00:00Z`) / QUARTER_MS - 15 * 4; // no zone is more than 14 hours ahead
  let after = before + 30 * 4;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayIn(middle * QUARTER_MS, timeZone) < day) before = middle;
    else after = middle;
  }
  return after * QUARTER_MS;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format;
}
