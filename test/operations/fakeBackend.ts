import type { Answer, Connector, Finding } from '../../connectors/connector';
import { runnerOf } from '../../cli/house';
import type { Backend, PostingDocument } from '../../sync/documents';
import { enqueue, type PostingPlan } from '../../sync/plan';
import type { Runner } from '../../sync/runner';
import type { World } from '../harness/world';

export const unsure = (sent: boolean, retryAfterMs?: number): Answer => ({
  outcome: 'UNCERTAIN', sent, code: 'NO_ANSWER', message: 'nobody knows', ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
export const NO: Answer = { outcome: 'REJECTED', code: 'NO', message: 'the backend says no' };

/** A backend whose books are a map, which answers as the test scripts it and remembers every call. */
export class FakeBackend implements Connector {
  readonly name = 'fake';
  /** `post invoice-1`, `find invoice-1`, … in the order of the calls. */
  readonly calls: string[] = [];
  /** How often each document was booked. */
  readonly booked = new Map<string, number>();
  /** What happens to a document in place of being booked and confirmed. May book it and answer otherwise. */
  script: (document: PostingDocument) => Promise<Answer | undefined> | Answer | undefined = () => undefined;

  async post(document: PostingDocument): Promise<Answer> {
    this.calls.push(`post ${document.externalId}`);
    return (await this.script(document)) ?? this.book(document);
  }

  async find(document: PostingDocument): Promise<Finding> {
    this.calls.push(`find ${document.externalId}`);
    return this.booked.has(keyOf(document)) ? confirmed(document) : { outcome: 'ABSENT' };
  }

  book(document: PostingDocument): Answer {
    this.booked.set(keyOf(document), (this.booked.get(keyOf(document)) ?? 0) + 1);
    return confirmed(document);
  }
}

const keyOf = ({ tenantId, kind, externalId, version }: PostingDocument) => `${tenantId}/${kind}/${externalId}@${version}`;
const confirmed = ({ externalId }: PostingDocument): Answer & { outcome: 'POSTED' } => ({ outcome: 'POSTED', reference: `books-of-${externalId}` });

/** Plans of documents by name: the kind, the lane, and the names of what must be in the books first. */
export interface Wanted {
  id: string;
  kind?: PostingPlan['kind'];
  lane?: string;
  entity?: string;
  after?: { kind: PostingPlan['kind']; id: string }[];
}

/** Queues documents as an act would, without the business behind them. */
export async function queue(world: World, wanted: readonly Wanted[]): Promise<void> {
  const plans = wanted.map(({ id, kind = 'invoice', lane = 'lane', entity, after = [] }): PostingPlan => ({
    kind,
    externalId: id,
    version: 1,
    resourceId: id,
    laneOf: lane,
    legalEntity: entity === undefined ? null : { code: entity, currency: 'EUR' },
    body: { totalMinor: '12000', currency: 'EUR' } as never,
    after: after.map((needed) => ({ kind: needed.kind, externalId: needed.id, version: 1 })),
  }));
  const idNamespace = await world.engine.idNamespace('demo');
  await world.database.transaction((sql) => enqueue(sql, plans, { tenantId: 'demo', idNamespace, correlationId: 'test', nowMs: world.clock.nowMs() }));
}

/** One more runner on the world's database, and what it complains of. */
export function anotherRunner(world: World, backend: Backend, connector: Connector, how: Partial<Parameters<typeof runnerOf>[2]> = {}): { runner: Runner; complaints: unknown[] } {
  const complaints: unknown[] = [];
  const say = ({ err, lane }: { err: unknown; lane: unknown }) => complaints.push(err ?? lane);
  const log = { warn: say, error: say } as never;
  return { runner: runnerOf(world.engine, { [backend]: connector }, { log, leaseMs: 30_000, ...how }), complaints };
}
