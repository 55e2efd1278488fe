import { ClosedPeriodPolicy } from '../../entities/customers/LegalEntity';
import { Refusal } from '../../entities/refusal';
import { perform } from '../../subgraphs/act';
import type { Command } from '../../subgraphs/domain';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { Auditor } from './auditor';
import { entityInput, type Furnished, PRINCIPAL } from './furniture';
import { ENTITIES, type EntityCode, Ledger, must } from './ledger';
import type { Act, Office } from './office';
import type { Random } from './random';
import { nextAct } from './workload';
import { LEASE_MS, SKEW_MS_MAX, World } from './world';

const RUNNERS_MAX = 3;
const DRAIN_MS_MAX = 60_000;

/** What came of one seed. */
export interface Verdict {
  seed: number;
  acts: number;
  bookings: number;
  kills: number;
  steps: number;
  simulatedMs: number;
  hash: string;
  violations: string[];
  trace: string[];
}

/** Most lives are short, for more of them fit into a night; some are long enough for what takes many steps. */
function actsOf(random: Random): number {
  const [least, most] = { short: [4, 14], long: [15, 40], epic: [60, 120] }[random.weighted({ short: 84, long: 13, epic: 3 })] as [number, number];
  return random.between(least, most);
}

/** Runs the product through one seed. */
export async function simulate(seed: number, furnished: Furnished): Promise<Verdict> {
  furnished.store.reset();
  const run = new Run(seed, furnished);
  const { world } = run;
  const beganMs = world.time.nowMs;
  await world.time.runUntil(run.live()).catch((error: Error) => world.violate(error.message));
  const { kills, trace, timeline } = world;
  return {
    seed, kills, trace,
    acts: run.acts,
    bookings: timeline.bookings.length,
    steps: world.time.steps,
    simulatedMs: world.time.nowMs - beganMs,
    hash: world.traceHash(),
    violations: timeline.violations,
  };
}

class Run {
  readonly world: World;
  acts = 0;
  private readonly ledger = new Ledger();
  private readonly auditor: Auditor;
  private readonly office: Office;
  private gateway: ReturnType<World['gateway']> | undefined;
  private keys = 0;

  constructor(seed: number, { store, ids }: Furnished) {
    const world = (this.world = new World(seed, store.database));
    this.auditor = new Auditor(store.database, this.ledger, world.timeline);
    this.office = {
      ids,
      ledger: this.ledger,
      random: world.random,
      customersMax: world.random.between(1, 4),
      counters: new Map(),
      applicationsOf: (payment) =>
        store.database.reads.query('SELECT id, invoice_id AS invoice, amount_minor AS "amountMinor" FROM payment_application WHERE payment_id = ?', [payment]),
    };
  }

  async live(): Promise<void> {
    const { world, auditor } = this;
    const { random } = world;
    for (let runners = random.between(1, RUNNERS_MAX); runners > 0; runners--) void world.keepRunner();
    if (random.chance(300)) await this.setPolicies();
    const acts = actsOf(random);
    const pauseMsMax = random.pick([5, 50, 200, 400]);
    while (this.acts < acts) {
      if (random.chance(60)) world.changeWeather();
      if (random.chance(80)) await this.retrySome();
      await this.act(nextAct(this.office));
      await world.time.sleep(random.below(pauseMsMax + 1));
    }
    await auditor.accounts();
    world.heal();
    await this.drain();
    await auditor.concludes({ orderMs: LEASE_MS + 2 * SKEW_MS_MAX, clockMs: SKEW_MS_MAX });
  }

  /** What becomes of documents that a legal entity's books no longer take. */
  private async setPolicies(): Promise<void> {
    for (const code of Object.keys(ENTITIES) as EntityCode[]) {
      await this.ask(upsertLegalEntity, { ...entityInput(code), closedPeriodPolicy: this.world.random.pick(Object.values(ClosedPeriodPolicy)) });
    }
  }

  /** Asks until there is an answer: a client whose gateway dies asks another one, with the same key. */
  private async ask<Input extends object, Result>(command: Command<Input, Result>, input: Input): Promise<Result> {
    const { world } = this;
    for (;;) {
      if (!this.gateway?.process.alive) this.gateway = world.gateway();
      const { process, engine } = this.gateway;
      const answer = perform({ engine, principal: PRINCIPAL, correlationId: 'client' }, command, input).then((result) => ({ result }));
      const heard = await Promise.race([answer, process.death]);
      if (heard) return heard.result;
      await world.time.sleep(world.random.below(100));
    }
  }

  /** Asks, and tells a refusal's code from an answer. */
  private async outcome(command: Command<any, any>, input: object): Promise<{ answer?: any; refusal: string | null }> {
    try {
      return { answer: await this.ask(command, input), refusal: null };
    } catch (error) {
      if (error instanceof Refusal) return { refusal: error.code };
      throw error;
    }
  }

  private async act(act: Act): Promise<void> {
    const { random, note } = this.world;
    this.acts++;
    const { command, input } = act;
    if (act.version !== undefined && random.chance(100)) await this.expect(act, { ...input, expectedVersion: act.version + random.pick([-1, 1]) }, 'VERSION_STALE');
    const versioned = act.version !== undefined && random.chance(200) ? { ...input, expectedVersion: act.version } : input;
    const keyed = { ...versioned, idempotencyKey: this.key() };
    const { answer, refusal } = await this.outcome(command, keyed);
    note(`${command.name} ${refusal ?? `${answer.id}@${answer.version}`}`);
    must(refusal === act.refusal, `${command.name} ${JSON.stringify(input)} ended in ${refusal ?? 'success'}, the auditor expected ${act.refusal ?? 'success'}`);
    if (refusal !== null) return;
    await act.accepted(answer);
    if (random.chance(100)) await this.repeat(act, keyed, answer);
  }

  private key(): string {
    return `key-${++this.keys}`;
  }

  private async expect({ command }: Act, input: object, code: string): Promise<void> {
    const { refusal } = await this.outcome(command, { ...input, idempotencyKey: this.key() });
    must(refusal === code, `${command.name} ended in ${refusal ?? 'success'} instead of ${code}`);
  }

  /** The same key gives the first answer again, a new key the document that is there; nothing is done twice. */
  private async repeat({ command, idempotentByDocument }: Act, input: Record<string, unknown>, first: { id: string; version: number }): Promise<void> {
    const again = await this.ask(command, input);
    must(again.id === first.id && again.version === first.version, `${command.name} was answered with ${again.id}@${again.version} under the key of ${first.id}@${first.version}`);
    const other = await this.outcome(command, { ...input, reason: 'otherwise', name: 'otherwise' });
    must(other.refusal === 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH', `${command.name} took another input under a used key: ${other.refusal}`);
    if (!idempotentByDocument) return;
    const { expectedVersion, ...plain } = input;
    const same = await this.ask(command, { ...plain, idempotencyKey: this.key() });
    must(same.id === first.id, `${command.name} made ${same.id} of the document that is ${first.id}`);
  }

  /** A person sends again what was rejected. It may have been overtaken by a later version meanwhile. */
  private async retrySome(): Promise<void> {
    const { world } = this;
    for (const { id, slot } of await this.auditor.rejected()) {
      world.timeline.retried(slot, world.time.nowMs);
      const { refusal } = await this.outcome(retryPosting, { postingId: id, idempotencyKey: this.key() });
      must(refusal === null || refusal === 'MOVE_NOT_ALLOWED', `a retry of ${slot} ended in ${refusal}`);
      world.timeline.retryAnswered(slot, world.time.nowMs);
    }
  }

  /**
   * Healed, what waits for nothing is brought to its end without anybody; and once rejected ones are sent again, everything is in
   * the books. Both within bounded time.
   */
  private async drain(): Promise<void> {
    await this.until('free to go', () => this.auditor.free());
    await this.until('not in the books', async () => {
      await this.retrySome();
      return this.auditor.open();
    });
    await this.until('without a position', () => this.world.store.reads.query('SELECT type FROM `change` WHERE position IS NULL'));
  }

  private async until(what: string, left: () => Promise<unknown[]>): Promise<void> {
    const { time } = this.world;
    const endMs = time.nowMs + DRAIN_MS_MAX;
    for (let open = await left(); open.length > 0; open = await left()) {
      must(time.nowMs < endMs, `${open.length} are ${what} ${DRAIN_MS_MAX} ms after all faults healed, such as ${String(open[0])}`);
      await time.sleep(500);
    }
  }
}
