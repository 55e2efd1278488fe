import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/house';
import { ensureTenant } from '../../cli/tenants';
import { type Database, openDatabase } from '../../entities/database';
import { authorize, forbidReadersToWrite } from '../../gateway/authorization';
import { type Execution, inProcessExecution } from '../../gateway/execution';
import { type Actor, perform } from '../../subgraphs/act';
import { buildSubgraphs } from '../../subgraphs/build';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { DOMAINS } from '../../subgraphs/domains';
import { createEngine, type Engine } from '../../subgraphs/engine';
import { systemClock } from '../../sync/clock';
import { type DatabaseKind, freshDatabase } from './databases';
import { startMariadb } from './servers';

export const TENANT = 'bench';

/** An engine on a database of its own, with one legal entity, that counts what its transactions cost. */
export interface BenchHouse {
  engine: Engine;
  /** Where the database is. */
  where: string;
  actor: Actor;
  entityId: string;
  counts: { transactions: number; statements: number };
  close(): Promise<void>;
}

export async function openBenchHouse(kind: DatabaseKind): Promise<BenchHouse> {
  const { where, drop } = await freshDatabase(kind);
  const database = await openDatabase(where).catch(async (error: unknown) => {
    await drop();
    throw error;
  });
  const counts = { transactions: 0, statements: 0 };
  const engine = createEngine(counted(database, counts), systemClock, DOMAINS);
  await ensureTenant(engine, { tenantId: TENANT, name: 'Bench', secret: 'bench' });
  const actor: Actor = { engine, principal: { tenantId: TENANT, client: 'bench-finance', role: 'finance' }, correlationId: 'bench' };
  const entity = await perform(actor, upsertLegalEntity, {
    code: 'DE01', name: 'Bench GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [],
  });
  const close = async () => {
    await database.close();
    await drop();
  };
  return { engine, where, actor, entityId: entity.id, counts, close };
}

/** The same database, which counts each attempt at a transaction and its statements, COMMIT among them. */
function counted(database: Database, counts: BenchHouse['counts']): Database {
  return {
    ...database,
    transaction: (work) =>
      database.transaction(async (sql) => {
        counts.transactions++;
        try {
          return await work(sql);
        } finally {
          counts.statements += sql.statements + (database.dialect === 'mysql' ? 1 : 2); // MySQL is not told to begin
        }
      }),
  };
}

/** The same on a MariaDB of its own, so that what else uses a shared one is not measured. */
export async function openPrivateHouse(): Promise<BenchHouse> {
  const server = await startMariadb();
  const house = await openBenchHouse('mysql').catch(async (error: unknown) => {
    await server?.stop();
    throw error;
  });
  const close = async () => {
    await house.close();
    await server?.stop();
  };
  return { ...house, close };
}

export async function makeCustomers({ actor }: BenchHouse, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const customer = await perform(actor, upsertCustomer, { system: 'crm', key: `C${index}`, name: `Customer ${index}`, currency: 'EUR' });
    ids.push(customer.id);
  }
  return ids;
}

/** The product's own execution over the committed supergraph. */
export async function openExecution(): Promise<Execution> {
  const subgraphs = await buildSubgraphs({ authChecker: authorize, beforeMutation: forbidReadersToWrite });
  return inProcessExecution(readFileSync(join(root(), 'schema', 'supergraph.graphql'), 'utf8'), subgraphs);
}
