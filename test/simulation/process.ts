import type { Connector } from '../../connectors/connector';
import type { Database } from '../../entities/database';
import { Sql } from '../../entities/rows';
import type { Clock } from '../../sync/clock';
import type { Random } from './random';
import type { SimulatedTime } from './time';

/** How hard the life of processes is in one run, per mille at each of their awaits. */
export interface Perils {
  random: Random;
  killPerMille: number;
  pausePerMille: number;
  pauseMsMax: number;
  killsLeft: number;
  /** Transactions that commit long after they began. */
  latePerMille: number;
  lateMsMax: number;
  /**
   * How far a process's clock may be off. Leases bear a difference of less than the time a call may take, as the seconds between two
   * machines are beside the product's ten.
   */
  skewMsMax: number;
}

const GATE_MS_MAX = 3;
const STATEMENTS_BEFORE_KILL_MAX = 12;

export class Killed extends Error {}

const never = <Result>() => new Promise<Result>(() => undefined);

/**
 * What one operating system process would be: killed, none of its promises ever continues and an open transaction is rolled back;
 * suspended, all of it stands still while the world goes on.
 */
export class Process {
  alive = true;
  readonly death: Promise<void>;
  private resumesAtMs = 0;
  private readonly skewMs: number;
  private die: () => void;

  constructor(
    readonly name: string,
    private readonly world: { time: SimulatedTime; perils: Perils; note(text: string): void },
  ) {
    this.death = new Promise((resolve) => (this.die = resolve));
    const { random, skewMsMax } = world.perils;
    this.skewMs = random.between(-skewMsMax, skewMsMax);
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.world.note(`${this.name} killed`);
    this.die();
  }

  /** An await at which the process may be killed or suspended. */
  async gate(): Promise<void> {
    const { perils, time, note } = this.world;
    if (this.mayDie()) this.kill();
    else if (perils.random.chance(perils.pausePerMille)) {
      this.resumesAtMs = Math.max(this.resumesAtMs, time.nowMs + perils.random.between(50, perils.pauseMsMax));
      note(`${this.name} suspended until ${this.resumesAtMs}`);
    }
    await this.receive(time.sleep(perils.random.below(GATE_MS_MAX + 1)));
  }

  /** What comes from outside: seen when the process runs again, and never if it is dead. */
  async receive<Result>(answer: Promise<Result>): Promise<Result> {
    try {
      return await answer;
    } finally {
      const { time } = this.world;
      while (this.alive && this.resumesAtMs > time.nowMs) await time.sleep(this.resumesAtMs - time.nowMs);
      if (!this.alive) await never();
    }
  }

  private mayDie(): boolean {
    const { perils } = this.world;
    if (perils.killsLeft === 0 || !perils.random.chance(perils.killPerMille)) return false;
    perils.killsLeft--;
    return true;
  }

  get clock(): Clock {
    const { time } = this.world;
    return {
      nowMs: () => time.nowMs + this.skewMs,
      wait: (ms, signal) => {
        if (signal?.aborted) return Promise.resolve();
        const passed = new Promise<void>((resolve) => {
          const end = () => (cancel(), signal?.removeEventListener('abort', end), resolve());
          const cancel = time.after(ms, end);
          signal?.addEventListener('abort', end);
        });
        return this.receive(passed);
      },
    };
  }

  /** The store as this process sees it. It may die before a transaction, at any statement of it, and between commit and answer. */
  database(real: Database): Database {
    return {
      dialect: real.dialect,
      reads: new Sql(real.reads.source, real.dialect, (text, params) => this.receive(real.reads.query(text, params))),
      close: () => Promise.resolve(),
      transaction: async (work) => {
        await this.gate();
        const dies = this.mayDie() ? this.world.perils.random.between(1, STATEMENTS_BEFORE_KILL_MAX) : Infinity;
        let result;
        try {
          result = await real.transaction(async (sql) => {
            const done = await work(this.mortal(sql, dies));
            await this.tarry();
            return done;
          });
        } catch (error) {
          if (error instanceof Killed) return never();
          throw error;
        }
        if (dies !== Infinity) this.kill();
        await this.gate();
        return result;
      },
    };
  }

  /** Between the last statement and the commit: seldom long, and then nobody else can write. A process that dies there has written nothing. */
  private async tarry(): Promise<void> {
    const { time, note, perils } = this.world;
    const { random, latePerMille, lateMsMax } = perils;
    if (!random.chance(latePerMille)) return;
    const ms = random.between(1, lateMsMax);
    note(`${this.name} commits ${ms} ms late`);
    await time.sleep(ms);
    if (this.mayDie()) this.kill();
    if (!this.alive) throw new Killed();
  }

  private mortal(sql: Sql, statements: number): Sql {
    let left = statements;
    return new Sql(sql.source, sql.dialect, async (text, params, structured) => {
      if (--left === 0) this.kill();
      if (!this.alive) throw new Killed();
      return structured ? { affected: await sql.change(text, params) } : sql.query(text, params);
    });
  }

  connector(real: Connector): Connector {
    return {
      name: real.name,
      post: (document, signal) => this.receive(real.post(document, signal)),
      find: (document, signal) => this.receive(real.find(document, signal)),
    };
  }
}
