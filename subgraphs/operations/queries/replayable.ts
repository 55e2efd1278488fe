import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Posting } from '../../../entities/operations/Posting';
import { Refusal } from '../../../entities/refusal';
import { anyOf, hydrate, shapeOf, type Sql } from '../../../entities/rows';
import { Money } from '../../../entities/types';
import { type Backend, type DocumentKind, UPSERT_KINDS } from '../../../sync/documents';
import { below } from '../../../sync/lanes';

export const REPLAY_POSTINGS_MAX = 10_000;

/** Which postings of one backend; instants in milliseconds, `from` included and `to` not. */
export interface ReplayRange {
  backend: Backend;
  createdFromMs?: number;
  createdToMs?: number;
  postedFromMs?: number;
  postedToMs?: number;
  legalEntityCode?: string;
  kinds?: readonly DocumentKind[];
  customerId?: string;
}

export type SkipReason = 'OLDER_VERSION' | 'UNDER_WAY' | 'NOT_POSTED';

@ObjectType({ simpleResolvers: true })
export class ReplayKind {
  @Field()
  kind: string;

  @Field(() => Int)
  postings: number;
}

const SKIPS = { OLDER_VERSION: 'OLDER_VERSION', UNDER_WAY: 'UNDER_WAY', NOT_POSTED: 'NOT_POSTED' } as const satisfies Record<SkipReason, SkipReason>;
registerEnumType(SKIPS, {
  name: 'ReplaySkipReason',
  description: 'OLDER_VERSION: a later one was posted. UNDER_WAY: in a replay already. NOT_POSTED: never confirmed, so it is on its way or has an exception.',
});

@ObjectType({ simpleResolvers: true })
export class ReplaySkip {
  @Field(() => SKIPS)
  reason: SkipReason;

  @Field(() => Int)
  postings: number;
}

/** What a replay looks up at the backend, and posts where it is absent. */
@ObjectType({ simpleResolvers: true })
export class Replay {
  @Field(() => ID, { nullable: true, description: 'Names the replay in postings and events; null of a dry run.' })
  id: string | null;

  @Field()
  dryRun: boolean;

  @Field()
  backend: string;

  @Field(() => Int, { description: 'Postings to be looked up.' })
  postings: number;

  @Field(() => [ReplayKind])
  kinds: ReplayKind[];

  @Field(() => [Money], { description: 'The money on these documents, by currency.' })
  money: Money[];

  @Field(() => [ReplaySkip], { description: 'What lies in the range and is left alone.' })
  skipped: ReplaySkip[];
}

export interface Replayable {
  /** In the books as far as we know, each thing in its latest posted version; in the order they were queued. */
  postings: Posting[];
  /** What else lies in the range, by the reason it is left alone. */
  skipped: ReplaySkip[];
}

/** What a replay of a range would look up. With `lock` the postings are locked until the transaction ends. Refuses REPLAY_TOO_LARGE. */
export async function replayable(sql: Sql, { tenantId, range, lock = false }: { tenantId: string; range: ReplayRange; lock?: boolean }): Promise<Replayable> {
  const { text, params } = conditionOf(sql, tenantId, range);
  const count = await sql.query<{ n: unknown }>(`SELECT COUNT(*) AS n FROM posting WHERE ${text} AND state = 'POSTED'`, params);
  const found = Number(count[0]!.n);
  if (found > REPLAY_POSTINGS_MAX) {
    throw new Refusal('REPLAY_TOO_LARGE', `${found} postings lie in this range, and a replay takes ${REPLAY_POSTINGS_MAX}; narrow it, and replay one part after the other.`);
  }
  const { list } = shapeOf(sql.source, Posting);
  const locked = lock && sql.dialect === 'mysql' ? ' FOR UPDATE' : '';
  const rows = await sql.query(`SELECT ${list} FROM posting WHERE ${text} AND state = 'POSTED' ORDER BY created_at_ms, lane, sequence LIMIT ${REPLAY_POSTINGS_MAX}${locked}`, params);
  const posted = hydrate(sql, Posting, rows);
  const latest = await latestVersions(sql, tenantId, posted);
  const postings = posted.filter((posting) => posting.document.version === (latest.get(thingOf(posting)) ?? posting.document.version));
  const skipped = [{ reason: 'OLDER_VERSION' as const, postings: posted.length - postings.length }, ...(await unsettledIn(sql, { text, params }))];
  return { postings, skipped: skipped.filter((skip) => skip.postings > 0) };
}

interface Condition {
  text: string;
  params: unknown[];
}

function conditionOf(sql: Sql, tenantId: string, range: ReplayRange): Condition {
  const parts: [string, ...unknown[]][] = [['tenant_id = ?', tenantId], ['backend = ?', range.backend]];
  const { createdFromMs, createdToMs, postedFromMs, postedToMs, legalEntityCode, kinds, customerId } = range;
  if (createdFromMs !== undefined) parts.push(['created_at_ms >= ?', createdFromMs]);
  if (createdToMs !== undefined) parts.push(['created_at_ms < ?', createdToMs]);
  if (postedFromMs !== undefined) parts.push(['settled_at_ms >= ?', postedFromMs]);
  if (postedToMs !== undefined) parts.push(['settled_at_ms < ?', postedToMs]);
  if (legalEntityCode !== undefined) parts.push([`${inDocument(sql, '$.legalEntity.code')} = ?`, legalEntityCode]);
  if (kinds !== undefined) parts.push([`kind IN (${kinds.map(() => '?').join(', ')})`, ...kinds]);
  if (customerId !== undefined) parts.push(['lane >= ? AND lane < ?', ...below(customerId)]);
  return { text: parts.map(([text]) => text).join(' AND '), params: parts.flatMap(([, ...params]) => params) };
}

const inDocument = (sql: Sql, path: string) => (sql.dialect === 'mysql' ? `JSON_UNQUOTE(JSON_EXTRACT(document, '${path}'))` : `json_extract(document, '${path}')`);

/** What a version belongs to: of things that replace each other the newest is enough. */
const thingOf = ({ kind, resourceId }: Pick<Posting, 'kind' | 'resourceId'>) => `${kind}/${resourceId}`;

/** The latest posted version of each thing of an upsert kind, wherever it lies. */
async function latestVersions(sql: Sql, tenantId: string, posted: readonly Posting[]): Promise<Map<string, number>> {
  const things = posted.filter(({ kind }) => UPSERT_KINDS.has(kind));
  if (things.length === 0) return new Map();
  const any = anyOf(sql, [...new Set(things.map(({ resourceId }) => resourceId))]);
  const kinds = [...UPSERT_KINDS];
  const rows = await sql.query<{ kind: DocumentKind; resource_id: string; version: unknown }>(
    `SELECT kind, resource_id, MAX(${inDocument(sql, '$.version')} + 0) AS version FROM posting
     WHERE tenant_id = ? AND resource_id ${any.text} AND backend = ? AND state = 'POSTED' AND kind IN (${kinds.map(() => '?').join(', ')})
     GROUP BY kind, resource_id`,
    [tenantId, ...any.params, things[0]!.backend, ...kinds],
  );
  return new Map(rows.map((row) => [thingOf({ kind: row.kind, resourceId: row.resource_id }), Number(row.version)]));
}

/** What of the range is not in the books as far as we know: in a replay already, on its way for the first time, or refused. */
async function unsettledIn(sql: Sql, { text, params }: Condition): Promise<Replayable['skipped']> {
  const rows = await sql.query<{ again: unknown; n: unknown }>(
    `SELECT CASE WHEN replay_id IS NULL THEN 0 ELSE 1 END AS again, COUNT(*) AS n FROM posting
     WHERE ${text} AND state IN ('PENDING', 'UNCERTAIN', 'REJECTED') GROUP BY CASE WHEN replay_id IS NULL THEN 0 ELSE 1 END`,
    params,
  );
  return rows.map(({ again, n }) => ({ reason: Number(again) === 1 ? 'UNDER_WAY' : 'NOT_POSTED', postings: Number(n) }));
}
