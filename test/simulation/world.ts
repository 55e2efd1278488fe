import { createHash } from 'node:crypto';
import type { Database } from '../../entities/database';
import { uuidSequence } from '../../entities/ids';
import { perform } from '../../subgraphs/act';
import type { Principal } from '../../subgraphs/context';
import { DOMAINS } from '../../subgraphs/domains';
import { createEngine, type Engine } from '../../subgraphs/engine';
import { settlePostings } from '../../subgraphs/operations/commands/settlePostings';
import { type Backend, BACKENDS, type PostingDocument } from '../../sync/documents';
import type { BackendLimits } from '../../sync/limits';
import { SequencerLoop } from '../../sync/loop';
import { Runner } from '../../sync/runner';
import type { Outcome, Settle, Settlement } from '../../sync/settlement';
import { type Fault, FakeBackend, FAULTS, type Weather } from './backend';
import { TENANT } from './furniture';
import { ENTITIES } from './ledger';
import { type Perils, Process } from './process';
import { Random } from './random';
import { SimulatedTime } from './time';
import { slotOf, Timeline } from './timeline';

export const LEASE_MS = 1_500;
const CALL_TIMEOUT_MS = 400;
/** Two clocks then differ by less than a call may take. */
export const SKEW_MS_MAX = 250;
const TRACE_LINES_KEPT = 4_000;

/** A process and the product in it. */
interface Member {
  process: Process;
  engine: Engine;
}

/** A company in trouble: processes that die and stall, backends that lie, all by one seed. */
export class World {
  readonly time = new SimulatedTime();
  readonly random: Random;
  readonly perils: Perils;
  readonly weather: Weather;
  readonly timeline = new Timeline();
  readonly backends: Record<Backend, FakeBackend>;
  readonly trace: string[] = [];
  kills = 0;
  /** What backends can take, as all runners are told. */
  private readonly limits: Partial<Record<Backend, BackendLimits>>;
  private readonly pollIdleMs: number;
  /** Runners are told of other processes' commits, mostly. */
  private readonly areTold: boolean;
  private readonly wakes = new Map<Process, () => void>();
  private readonly hash = createHash('sha256');
  private processes = 0;
  private over = false;

  constructor(seed: number, readonly store: Database) {
    const random = (this.random = new Random(seed));
    this.perils = {
      random,
      killPerMille: random.pick([0, 2, 5, 15]),
      pausePerMille: random.pick([0, 0, 3, 10]),
      pauseMsMax: random.pick([LEASE_MS, LEASE_MS * 3]),
      killsLeft: random.between(0, 12),
      latePerMille: random.pick([0, 0, 10, 40]),
      lateMsMax: random.pick([50, LEASE_MS * 2]),
      skewMsMax: random.pick([0, 0, 30, SKEW_MS_MAX]),
    };
    const refuses = random.chance(200) ? { backend: random.pick(BACKENDS), kind: 'customer' as const } : null;
    const openFrom = random.pick(['2026-11-26', null]);
    const closed = random.chance(200) ? { backend: random.pick(['billing', 'erp'] as const), until: '2026-11-25', openFrom } : null;
    this.weather = { faults: someFaults(random), down: new Set(), refuses, closed, hangs: null };
    this.limits = Object.fromEntries(BACKENDS.filter(() => random.chance(250)).map((name) => [name, someLimits(random)]));
    this.pollIdleMs = random.pick([300, 1_000, 3_000]);
    this.areTold = random.chance(250);
    this.backends = Object.fromEntries(BACKENDS.map((name) => [name, this.backend(name)])) as Record<Backend, FakeBackend>;
  }

  private backend(name: Backend): FakeBackend {
    return new FakeBackend(name, {
      time: this.time,
      random: this.random,
      weather: this.weather,
      callTimeoutMs: CALL_TIMEOUT_MS,
      note: this.note,
      booked: (booking) => this.timeline.booked(booking),
      rejected: (document) => this.timeline.setBack(slotOf(document), this.time.nowMs),
    });
  }

  /** A line of the trace. Two runs of one seed have the same lines. */
  readonly note = (text: string): void => {
    const line = `${this.time.nowMs} ${text}`;
    this.hash.update(`${line}\n`);
    this.trace.push(line);
    if (this.trace.length > 2 * TRACE_LINES_KEPT) this.trace.splice(0, TRACE_LINES_KEPT);
  };

  traceHash(): string {
    return this.hash.copy().digest('hex');
  }

  /** A process that answers clients. */
  gateway(): Member {
    const process = this.process('gateway');
    const engine = this.engine(process);
    engine.onCommit(() => this.tellOthers(process));
    return { process, engine };
  }

  /** Keeps a runner process alive: when one dies, another takes its place after a while. */
  async keepRunner(): Promise<void> {
    while (!this.over) {
      await this.runner().death;
      this.kills++;
      await this.time.sleep(this.random.between(1, LEASE_MS));
    }
  }

  private process(role: string): Process {
    return new Process(`${role}-${++this.processes}`, { time: this.time, perils: this.perils, note: this.note });
  }

  private engine(process: Process): Engine {
    const random = new Random(this.random.below(1_000_000_000));
    const newId = uuidSequence((bytes) => Buffer.from(Array.from({ length: bytes }, () => random.below(256))));
    return { ...createEngine(process.database(this.store), process.clock, DOMAINS), newId };
  }

  private runner(): Process {
    const process = this.process('runner');
    const { name: owner } = process;
    const engine = this.engine(process);
    const { clock, database } = engine;
    const log = { warn: (facts: object) => this.left(owner, facts), error: (facts: object) => this.left(owner, facts) };
    const connectors = Object.fromEntries(BACKENDS.map((name) => [name, process.connector(this.backends[name])]));
    const settle: Settle = async (_tenant, settlements) => {
      const answer = await this.settle({ process, engine }, settlements);
      if (this.random.chance(50)) await this.settleAgain({ process, engine }, settlements);
      return answer;
    };
    const runner = new Runner({ database, clock, connectors, owner, settle, log, limits: this.limits, leaseMs: LEASE_MS, callTimeoutMs: CALL_TIMEOUT_MS, pollIdleMs: () => this.pollIdleMs });
    const sequencer = new SequencerLoop({ database, clock, growth: engine.growth, log });
    const wake = () => (sequencer.wake(), runner.wake());
    this.wakes.set(process, wake);
    engine.onCommit(() => (wake(), this.tellOthers(process)));
    sequencer.start();
    runner.start();
    return process;
  }

  /** A message that there may be something to do: late, and sometimes lost. */
  private tellOthers(teller: Process): void {
    for (const [process, wake] of this.areTold ? this.wakes : []) {
      if (!process.alive) this.wakes.delete(process);
      else if (process !== teller && !this.random.chance(300)) this.time.after(this.random.between(0, 20), () => process.alive && wake());
    }
  }

  private async settle({ process, engine }: Member, settlements: Settlement[]): Promise<{ lost: string[] }> {
    const audited: Database = {
      ...this.store,
      transaction: (work) =>
        this.store.transaction(async (sql) => {
          const result = await work(sql);
          const { lost } = result as { lost: string[] };
          for (const { lane, outcomes } of settlements.filter((settlement) => !lost.includes(settlement.lane.id))) {
            const [row] = await sql.query<{ fence: bigint }>('SELECT fence FROM lane WHERE tenant_id = ? AND id = ?', [TENANT, lane.id]);
            if (Number(row?.fence) !== lane.fence) this.violate(`${process.name} settled ${lane.id} under fence ${lane.fence} of ${row?.fence}`);
            await this.learn(outcomes, (id) => sql.query<{ document: string }>('SELECT document FROM posting WHERE tenant_id = ? AND id = ?', [TENANT, id]));
          }
          return result;
        }),
    };
    const principal: Principal = { tenantId: TENANT, client: 'posting-runner', role: 'ops' };
    const actor = { engine: { ...engine, database: process.database(audited) }, principal, correlationId: 'runner' };
    const answer = await perform(actor, settlePostings, { settlements });
    for (const { lane, outcomes } of settlements) this.note(`${process.name} settled ${lane.id} ${lane.fence} ${outcomes.map(({ answer: said }) => said.outcome).join()}`);
    return answer;
  }

  private async learn(outcomes: readonly Outcome[], read: (id: string) => Promise<{ document: string }[]>): Promise<void> {
    const learned = [];
    for (const { postingId, answer } of outcomes) {
      const [row] = await read(postingId);
      learned.push({ slot: slotOf(JSON.parse(row!.document) as PostingDocument), outcome: answer.outcome });
    }
    this.timeline.settled(learned, this.time.nowMs);
  }

  /** The same settlements a second time must be lost: the lanes were given back. */
  private async settleAgain(member: Member, settlements: Settlement[]): Promise<void> {
    const { lost } = await this.settle(member, settlements);
    const twice = settlements.find(({ lane }) => !lost.includes(lane.id));
    if (twice) this.violate(`${member.process.name} settled ${twice.lane.id} twice under fence ${twice.lane.fence}`);
  }

  /** A lane left to its lease: right if another runner has it, else a settlement that can't be written. */
  private left(owner: string, { err }: { err?: unknown }): void {
    if (err === undefined) return this.note(`${owner} had lost a lane`);
    const { code, message } = err as { code?: string; message?: string };
    this.note(`${owner} left a lane: ${code} ${message}`);
    this.violate(`${owner} failed: ${code} ${message}`);
  }

  violate(text: string): void {
    this.note(`VIOLATION ${text}`);
    this.timeline.violations.push(text);
  }

  /** Breaks something for a while, or mends it. */
  changeWeather(): void {
    const { random, weather } = this;
    weather.down.clear();
    if (random.chance(200)) weather.down.add(random.pick(BACKENDS));
    weather.hangs = random.chance(150) ? { backend: random.pick(BACKENDS), entity: random.pick(Object.keys(ENTITIES)) } : null;
    weather.faults = someFaults(random);
  }

  /** No more faults: from here on everything must come to its end. */
  heal(): void {
    this.weather.down.clear();
    Object.assign(this.weather, { faults: {}, refuses: null, closed: null, hangs: null });
    Object.assign(this.perils, { killPerMille: 0, pausePerMille: 0, latePerMille: 0 });
    this.note('healed');
  }
}

function someLimits(random: Random): BackendLimits {
  const limits: BackendLimits = {};
  if (random.chance(400)) limits.concurrency = random.between(1, 4);
  if (random.chance(400)) limits.channelConcurrency = 1;
  if (random.chance(400)) limits.perSecond = random.pick([20, 100]);
  return limits;
}

/** Each run, and each hour of it, has some kinds of trouble and not others. */
function someFaults(random: Random): Partial<Record<Fault, number>> {
  const severity = random.pick([0, 3, 10, 25]);
  return Object.fromEntries(FAULTS.filter(() => severity > 0 && random.chance(500)).map((fault) => [fault, severity]));
}
