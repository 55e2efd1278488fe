import { exact } from '../entities/columns';
import { AuditEntry } from '../entities/operations/AuditEntry';
import { Change } from '../entities/operations/Change';
import { IdempotencyKey } from '../entities/operations/IdempotencyKey';
import { ResourceVersion } from '../entities/operations/ResourceVersion';
import { Refusal } from '../entities/refusal';
import type { Resource } from '../entities/resource';
import { fromDriver, insertRows, isContention, isDuplicate, selectRows, shapeOf, type Sql } from '../entities/rows';
import { canonicalJson, sha256 } from '../sync/canonical';
import { enqueue } from '../sync/plan';
import type { Principal } from './context';
import type { Command } from './domain';
import type { Engine } from './engine';
import type { Told } from './event';
import { refused, type Refused } from './refusal';
import { saveChanged } from './saveChanged';
import { isResource, LostRace, Work } from './work';

const ATTEMPTS_MAX = 8;
const EVENTS_MAX = 20_000;
/** Part of every input fingerprint: a key used before an incompatible release is no replay after it. */
const API_VERSION = '2026-11';

/** Who acts and how the act is traced. */
export interface Actor {
  engine: Engine;
  principal: Principal;
  correlationId: string;
  idempotencyKey?: string | undefined;
  replayed?: boolean;
}

/** The one door for writes: runs a command and answers its result or the refusal. Anything else it throws is a fault. */
export async function act<Input, Result>(actor: Actor, command: Command<Input, Result>, input: Input): Promise<Result | Refused> {
  try {
    return await perform(actor, command, input);
  } catch (error) {
    if (error instanceof Refusal) return refused(error);
    throw error;
  }
}

/**
 * One transaction: claim the idempotency key, run the command and the reactions of other domains, write resources, versions,
 * changes, audit entry and postings, commit. Throws Refusal for what is expected; deadlocks and races are tried again.
 */
export async function perform<Input, Result>(actor: Actor, command: Command<Input, Result>, input: Input): Promise<Result> {
  const result = await attempt(actor, (work) => once(actor, work, { command, input }));
  actor.engine.committed();
  return result;
}

/** Runs in a transaction of its own, and again after a deadlock or a lost race, a bounded number of times. */
async function attempt<Result>({ engine, principal, correlationId }: Actor, run: (work: Work) => Promise<Result>): Promise<Result> {
  const idNamespace = await engine.idNamespace(principal.tenantId);
  for (let count = 1; ; count++) {
    try {
      return await engine.database.transaction((sql) => run(new Work(sql, { principal, correlationId, nowMs: engine.clock.nowMs(), idNamespace, newId: engine.newId })));
    } catch (error) {
      const again = isContention(error) || isDuplicate(error) || error instanceof LostRace;
      if (!again || count === ATTEMPTS_MAX) throw error;
      await engine.clock.wait(2 ** count);
    }
  }
}

/** Carries what a rehearsal found out of the transaction that is rolled back. */
class Curtain extends Error {
  constructor(readonly outcome: unknown) {
    super('rehearsed');
  }
}

/**
 * Runs a command and the reactions to it as `perform` does, lets `look` see what came of it, and takes all of it back. Nothing is written, nobody is
 * told. Throws Refusal for what the command would refuse.
 */
export async function rehearse<Input, Result, Seen>(
  actor: Actor,
  { command, input }: Call<Input, Result>,
  look: (work: Work, result: Result) => Promise<Seen>,
): Promise<Seen> {
  const { engine } = actor;
  try {
    return await attempt(actor, async (work) => {
      const result = await play(engine, work, { command, input });
      throw new Curtain(await look(work, result));
    });
  } catch (error) {
    if (error instanceof Curtain) return error.outcome as Seen;
    throw error;
  }
}

interface Call<Input, Result> {
  command: Command<Input, Result>;
  input: Input;
}

async function once<Input, Result>(actor: Actor, work: Work, { command, input }: Call<Input, Result>): Promise<Result> {
  const inputHash = sha256(`${API_VERSION}${canonicalJson({ ...input, idempotencyKey: undefined })}`);
  const key = (input as { idempotencyKey?: string } | null)?.idempotencyKey ?? actor.idempotencyKey;
  const claim = key === undefined ? undefined : claimOf(actor, { key, command: command.name, inputHash, nowMs: work.nowMs });
  if (claim) {
    const earlier = await claimKey(work.sql, claim);
    if (earlier) {
      actor.replayed = true;
      return (await recall(work, earlier.answer)) as Result;
    }
  }
  const result = await play(actor.engine, work, { command, input });
  if (work.plans.some(({ undoes }) => undoes)) await takeBack(actor.engine, work);
  await save(work);
  await insertRows(work.sql, AuditEntry, [auditOf(work, command.name, inputHash)]);
  if (claim) await answerClaim(work.sql, claim, result);
  return result;
}

/** The command, and the reactions of the other domains to all that it told. */
async function play<Input, Result>(engine: Engine, work: Work, { command, input }: Call<Input, Result>): Promise<Result> {
  work.domain = engine.domainOf(command);
  work.catchUp = () => react(engine, work);
  const result = await command(work, input);
  await work.catchUp();
  return result;
}

/** Lets other domains react to what was told and not reacted to yet, in the order it was told. */
async function react(engine: Engine, work: Work): Promise<void> {
  const { domain: caller } = work;
  while (work.reacted < work.told.length) {
    if (work.reacted === EVENTS_MAX) throw new Error('reactions do not come to an end');
    const event = work.told[work.reacted++] as Told<never>;
    for (const { domain, reaction } of engine.reactionsTo(event.type)) {
      work.domain = domain;
      await reaction.run(work, event);
    }
  }
  work.domain = caller;
}

/** Queues what the act posts before the rest of it is saved, so that what is taken back and never was sent need not go out. */
async function takeBack(engine: Engine, work: Work): Promise<void> {
  await queue(work);
  const { domain: caller } = work;
  work.domain = engine.queueKeeper!.name;
  await engine.queueKeeper!.queued!(work);
  work.domain = caller;
  await work.catchUp();
}

async function queue(work: Work): Promise<void> {
  if (!work.queued) await enqueue(work.sql, work.plans, { tenantId: work.tenantId, ...work.occasion });
  work.queued = true;
}

async function save(work: Work): Promise<void> {
  const { sql } = work;
  const byClass = new Map<new () => object, object[]>();
  for (const item of work.added.keys()) {
    const entity = item.constructor as new () => object;
    byClass.set(entity, [...(byClass.get(entity) ?? []), item]);
  }
  for (const [entity, rows] of byClass) await insertRows(sql, entity, rows);
  await saveChanged(work);
  const resources = [...[...work.added.keys()].filter(isResource), ...work.changed.keys()];
  mustBeTold(work, resources);
  await insertRows(sql, ResourceVersion, resources.map((resource) => versionOf(sql, resource)));
  await insertRows(sql, Change, work.told.map((event) => changeOf(event, work)));
  await queue(work);
}

/** No silent change: each written resource is the subject of an event. */
function mustBeTold(work: Work, resources: Resource[]): void {
  const told = new Set<unknown>(work.told.map((event) => event.resource));
  const silent = resources.find((resource) => !told.has(resource));
  if (silent) throw new Error(`${silent.constructor.name} ${silent.id} was written, but no event tells it`);
}

function versionOf(sql: Sql, resource: Resource): ResourceVersion {
  return Object.assign(new ResourceVersion(), {
    tenantId: resource.tenantId,
    resourceId: resource.id,
    version: resource.version,
    recordedAtMs: resource.updatedAtMs,
    body: bodyOf(sql, resource),
  });
}

function bodyOf(sql: Sql, item: object): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { propertyName } of shapeOf(sql.source, item.constructor).columns) {
    const value = (item as Record<string, unknown>)[propertyName];
    body[propertyName] = typeof value === 'bigint' ? value.toString() : value;
  }
  return body;
}

/** A row as its body had it. */
export function restore<T extends object>(sql: Pick<Sql, 'source'>, entity: new () => T, body: Record<string, unknown>): T {
  const item = new entity() as Record<string, unknown>;
  for (const column of shapeOf(sql.source, entity).columns) {
    const value = body[column.propertyName] ?? fromDriver(column, column.default);
    item[column.propertyName] = column.transformer === exact && value !== null ? BigInt(value as string) : value;
  }
  return item as T;
}

function changeOf(event: Told, work: Work): Change {
  const { resource } = event;
  const customerId = (resource as { customerId?: string | null }).customerId ?? (resource.constructor.name === 'Customer' ? resource.id : null);
  return Object.assign(new Change(), {
    tenantId: work.tenantId,
    id: work.occasion.newId(work.nowMs),
    position: null,
    type: event.type,
    resourceType: resource.constructor.name,
    resourceId: resource.id,
    version: resource.version,
    customerId,
    correlationId: work.occasion.correlationId,
    occurredAtMs: work.nowMs,
    data: event.data,
  });
}

function auditOf(work: Work, command: string, inputHash: string): AuditEntry {
  const { principal, correlationId, nowMs, newId } = work.occasion;
  const written = [...[...work.added.keys()].filter(isResource), ...work.changed.keys()];
  return Object.assign(new AuditEntry(), {
    tenantId: work.tenantId,
    id: newId(nowMs),
    command,
    client: principal.client,
    role: principal.role,
    correlationId,
    inputHash,
    atMs: nowMs,
    resources: written.map((resource) => `${resource.id}@${resource.version}`),
  });
}

const KEY_LENGTH_MAX = 255;

function claimOf(actor: Actor, call: { key: string; command: string; inputHash: string; nowMs: number }): IdempotencyKey {
  const { key, command, inputHash, nowMs } = call;
  if (key.length < 1 || key.length > KEY_LENGTH_MAX) {
    throw new Refusal('IDEMPOTENCY_KEY_MALFORMED', `An idempotency key has 1 to ${KEY_LENGTH_MAX} characters.`, 'idempotencyKey');
  }
  const { tenantId, client } = actor.principal;
  const scopeHash = sha256(canonicalJson([client, command, key]));
  return Object.assign(new IdempotencyKey(), { tenantId, scopeHash, inputHash, answer: null, createdAtMs: nowMs });
}

/** Writes the claim, or returns the earlier one with the same input. Refuses IDEMPOTENCY_KEY_PARAMETER_MISMATCH. */
async function claimKey(sql: Sql, claim: IdempotencyKey): Promise<IdempotencyKey | undefined> {
  try {
    await insertRows(sql, IdempotencyKey, [claim]);
    return undefined;
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
  const { tenantId, scopeHash, inputHash } = claim;
  const [earlier] = await selectRows(sql, IdempotencyKey, { where: { tenantId, scopeHash } });
  if (!earlier) throw new LostRace(scopeHash);
  if (earlier.inputHash !== inputHash) {
    const text = 'This idempotency key was used with other input; use a new key for a new request.';
    throw new Refusal('IDEMPOTENCY_KEY_PARAMETER_MISMATCH', text, 'idempotencyKey');
  }
  return earlier;
}

async function answerClaim(sql: Sql, claim: IdempotencyKey, result: unknown): Promise<void> {
  const text = 'UPDATE idempotency_key SET answer = ? WHERE tenant_id = ? AND scope_hash = ?';
  await sql.query(text, [JSON.stringify(answerOf(sql, result)), claim.tenantId, claim.scopeHash]);
}

/** What is kept of a result: the version of a resource, the body of a row that has no versions (a posting), or the value. */
function answerOf(sql: Sql, result: unknown): object {
  if (isResource(result)) return { resource: result.constructor.name, id: result.id, version: result.version };
  const isRow = typeof result === 'object' && result !== null && sql.source.hasMetadata(result.constructor);
  return isRow ? { row: result.constructor.name, body: bodyOf(sql, result) } : { value: result };
}

/** The first answer again: the resource in the version it had then. */
async function recall(work: Work, answer: unknown): Promise<unknown> {
  const kept = answer as { resource?: string; id: string; version: number; row?: string; body: Record<string, unknown>; value?: unknown };
  const name = kept.resource ?? kept.row;
  if (name === undefined) return kept.value;
  const entity = work.sql.source.entityMetadatas.find((metadata) => metadata.name === name)!.target as new () => object;
  if (kept.row !== undefined) return restore(work.sql, entity, kept.body);
  const where = { tenantId: work.tenantId, resourceId: kept.id, version: kept.version };
  const [version] = await selectRows(work.sql, ResourceVersion, { where });
  return restore(work.sql, entity, version!.body);
}
