import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import pino from 'pino';
import { releaseOf, runnerOf } from '../../cli/house';
import { ensureTenant } from '../../cli/tenants';
import type { Connector } from '../../connectors/connector';
import { sandboxConnector } from '../../connectors/sandbox/connector';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/server';
import { type Database, openDatabase } from '../../entities/database';
import { selectRows } from '../../entities/rows';
import { Change } from '../../entities/operations/Change';
import { authorize, forbidReadersToWrite } from '../../gateway/authorization';
import { contextOf } from '../../gateway/context';
import { type Execution, inProcessExecution } from '../../gateway/execution';
import { type Actor, perform } from '../../subgraphs/act';
import { buildSubgraphs } from '../../subgraphs/build';
import type { Principal, RequestContext, Role } from '../../subgraphs/context';
import type { Command } from '../../subgraphs/domain';
import { DOMAINS } from '../../subgraphs/domains';
import { createEngine, type Engine } from '../../subgraphs/engine';
import { type Backend, BACKENDS } from '../../sync/documents';
import { releaseDue } from '../../sync/holds';
import type { Runner } from '../../sync/runner';
import { sequence } from '../../sync/sequencer';
import { TestClock } from './clock';
import { type DatabaseKind, migratedDatabase } from './databases';

const SUPERGRAPH = join(__dirname, '..', '..', 'schema', 'supergraph.graphql');
let execution: Promise<Execution> | undefined;

/** The product's own execution over the committed supergraph; built once for a test file. */
export function theExecution(): Promise<Execution> {
  execution ??= buildSubgraphs({ authChecker: authorize, beforeMutation: forbidReadersToWrite }).then((subgraphs) =>
    inProcessExecution(readFileSync(SUPERGRAPH, 'utf8'), subgraphs),
  );
  return execution;
}

export interface WorldOptions {
  database?: DatabaseKind;
  /** In place of the sandbox's connectors. */
  connectors?: Partial<Record<Backend, Connector>>;
  tenants?: string[];
  /** How many times as fast as real time the clock runs. */
  speed?: number;
}

export interface Answer {
  data: any;
  errors?: readonly { message: string; path?: readonly (string | number)[]; extensions: Record<string, unknown> }[];
  context: RequestContext;
}

/** The whole product in one test: a database and sandbox of its own, and time that stands where the test puts it. */
export class World {
  readonly clock: TestClock;
  engine: Engine;
  runner: Runner;
  database: Database;
  sandbox: Sandbox | undefined;
  where: string;
  private drop: () => Promise<void>;

  private constructor(speed?: number) {
    this.clock = new TestClock(undefined, speed);
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const world = new World(options.speed);
    const { where, drop } = await migratedDatabase(options.database ?? 'sqlite');
    world.where = where;
    world.drop = drop;
    world.database = await openDatabase(where);
    world.engine = createEngine(world.database, world.clock, DOMAINS);
    world.sandbox = await startSandbox({ clock: world.clock });
    const connectors = { ...Object.fromEntries(BACKENDS.map((backend) => [backend, world.connector(backend)])), ...options.connectors };
    world.runner = runnerOf(world.engine, connectors, { log: pino({ level: 'silent' }), leaseMs: 30_000 });
    for (const tenantId of options.tenants ?? ['demo']) await ensureTenant(world.engine, { tenantId, name: tenantId, secret: tenantId });
    return world;
  }

  connector(backend: Backend): Connector {
    return sandboxConnector({ url: this.sandbox!.url, backend, clock: this.clock });
  }

  async close(): Promise<void> {
    await this.runner.stop();
    await this.sandbox?.close();
    await this.database.close();
    await this.drop();
  }

  principal(role: Role = 'finance', tenantId = 'demo'): Principal {
    return { tenantId, client: `${tenantId}-${role}`, role };
  }

  actor(role: Role = 'finance', tenantId = 'demo'): Actor {
    return { engine: this.engine, principal: this.principal(role, tenantId), correlationId: 'test' };
  }

  /** Runs a command as `act` does, and throws its refusal. */
  do<Input, Result>(command: Command<Input, Result>, input: Input, actor = this.actor()): Promise<Result> {
    return perform(actor, command, input);
  }

  /** Asks through the public schema, as a role of a tenant. */
  async ask(query: string, variables: Record<string, unknown> = {}, as: { role?: Role; tenant?: string; idempotencyKey?: string } = {}): Promise<Answer> {
    const { execute } = await theExecution();
    const principal = this.principal(as.role, as.tenant);
    const context = contextOf(this.engine, { principal, correlationId: 'test', idempotencyKey: as.idempotencyKey });
    const result = await execute({ document: parse(query), variableValues: variables, contextValue: context });
    return { ...(JSON.parse(JSON.stringify(result)) as Answer), context };
  }

  /** Posts until nothing is due any more, what waits for a closed period too, and sequences the changes. */
  async settles(rounds = 100): Promise<void> {
    await releaseDue(this.database.reads, this.clock.nowMs(), releaseOf(this.engine));
    for (let round = 0; round < rounds; round++) {
      const worked = await Promise.all(BACKENDS.map((backend) => this.runner.round(backend)));
      if (worked.every((lanes) => lanes === 0)) break;
    }
    while ((await sequence(this.database)) > 0);
  }

  /** Types of the changes so far, in the order of the log. */
  async told(tenantId = 'demo'): Promise<string[]> {
    while ((await sequence(this.database)) > 0);
    return (await selectRows(this.database.reads, Change, { where: { tenantId }, orderBy: 'position' })).map((change) => change.type);
  }

  /** A GET of the sandbox's audit. */
  async audit<Result>(path: string): Promise<Result> {
    const response = await fetch(`${this.sandbox!.url}${path}`);
    return (await response.json()) as Result;
  }
}
