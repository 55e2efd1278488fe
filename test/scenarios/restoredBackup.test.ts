import Books from 'better-sqlite3';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../cli/config';
import { type House, openHouse } from '../../cli/house';
import { replay } from '../../cli/replay';
import { ensureTenant } from '../../cli/tenants';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/server';
import { CustomerSubscription } from '../../entities/contracts/CustomerSubscription';
import { Change } from '../../entities/operations/Change';
import { selectRows } from '../../entities/rows';
import { type Actor, perform } from '../../subgraphs/act';
import type { Command } from '../../subgraphs/domain';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { systemClock } from '../../sync/clock';
import { BACKENDS } from '../../sync/documents';
import { DATABASES, freshDatabase, type TestDatabase } from '../harness/databases';
import { type Sample, sample, sampleContract, sampleInvoice } from '../harness/sample';
import { until } from '../harness/until';
import type { World } from '../harness/world';

describe.each(DATABASES)('an ERP restored from last night\'s backup, on %s', (kind) => {
  let folder: string;
  let database: TestDatabase;
  let sandbox: Sandbox;
  let house: House;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-restored-'));
    database = await freshDatabase(kind);
    sandbox = await startSandbox({ folder, clock: systemClock });
    const file = join(folder, 'connectors.json');
    writeFileSync(file, JSON.stringify(Object.fromEntries(BACKENDS.map((backend) => [backend, { connector: 'sandbox', url: sandbox.url }]))));
    env = { EVENKEEL_DATA: folder, EVENKEEL_CONNECTORS: file, EVENKEEL_ROLE: kind === 'mysql' ? 'runner' : 'all', PORT: '0', EVENKEEL_LOG: 'silent' };
    if (kind === 'mysql') env.DATABASE_URL = database.where;
    house = await openHouse(readConfig(env), systemClock);
    await ensureTenant(house.engine, { tenantId: 'demo', name: 'demo', secret: 'demo' });
  });
  afterAll(async () => {
    await house.close();
    await sandbox.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const actor = (): Actor => ({ engine: house.engine, principal: { tenantId: 'demo', client: 'test', role: 'finance' }, correlationId: 'restored' });
  const act = <Input, Result>(command: Command<Input, Result>, input: Input) => perform(actor(), command, input);
  const asWorld = { actor, do: act } as unknown as World;
  const get = async <Result>(path: string) => (await (await fetch(`${sandbox.url}${path}`)).json()) as Result;
  const reads = () => house.engine.database.reads;
  const settled = () => until('everything is in the books', async () => (await reads().query("SELECT 1 FROM posting WHERE state <> 'POSTED' LIMIT 1")).length === 0);
  const told = async (type: string) => (await selectRows(reads(), Change, { where: { tenantId: 'demo', type } })).length;
  const others = () => Promise.all((['billing', 'crm', 'saas'] as const).map((backend) => get(`/${backend}/stats`).then((stats) => (stats as { sinceStart: object }).sinceStart)));

  /** A day's work of one customer: documents of every kind that the ERP takes. */
  async function workADay(given: Sample, name: string): Promise<void> {
    const { customer, entity } = given;
    for (let index = 0; index < 3; index++) {
      const invoice = await sampleInvoice(asWorld, given, `${name}-${index}`, '100.00');
      const amount = { amount: '50.00', currency: 'EUR' };
      const to = { reference: `${name}-${index}`, amount, customerId: customer.id, legalEntityId: entity.id, applyTo: [{ invoiceId: invoice.id }] };
      await act(recordPayment, to);
    }
    const credited = await sampleInvoice(asWorld, given, `${name}-credited`, '10.00');
    const lines = [{ lineId: 'line-1', quantity: '1' }];
    await act(creditInvoice, { invoiceId: credited.id, reason: 'Unused', reference: `CR-${name}`, lines });
  }

  const inErp = <Result>(run: (books: Books.Database) => Result): Result => {
    const books = new Books(join(folder, 'sandbox.sqlite'));
    try {
      return run(books);
    } finally {
      books.close();
    }
  };

  test('gets back exactly what it lost, once, and nobody else notices', async () => {
    const given = await sample(asWorld);
    await sampleContract(asWorld, given);
    await workADay(given, 'yesterday');
    await settled();
    const night = inErp((books) => (books.prepare("SELECT MAX(sequence) AS last FROM documents WHERE backend = 'erp'").get() as { last: number }).last);
    await workADay(given, 'today');
    await settled();
    const before = { balances: await get('/erp/balances?tenant=demo'), others: await others(), granted: await selectRows(reads(), CustomerSubscription, { where: { tenantId: 'demo' } }), posted: await told('posting.posted') };
    const lost = inErp((books) => {
      books.prepare("DELETE FROM lines WHERE backend = 'erp' AND sequence > ?").run(night);
      return books.prepare("DELETE FROM documents WHERE backend = 'erp' AND sequence > ?").run(night).changes;
    });
    expect(lost).toBe(11);
    const all = ['--backend', 'erp', '--look-up'];
    const dry = await replay(all, env);
    expect(dry).toMatchObject({ ok: true, dryRun: true, replayId: null, postings: 24, lookedUp: { present: 13, absent: lost, unknown: 0 } });
    expect(await get('/erp/stats')).toMatchObject({ sinceStart: { posts: 24 } });
    const done = await replay([...all, '--apply', '--reason', 'restored from the backup of 22:00'], env);
    expect(done).toMatchObject({ ok: true, dryRun: false, replayId: expect.stringMatching(/^rpl_/), postings: 24 });
    await settled();
    expect(await get('/erp/balances?tenant=demo')).toEqual(before.balances);
    expect(await get('/erp/documents?tenant=demo&doubles=1')).toMatchObject({ rows: [] });
    expect(await get('/erp/stats')).toMatchObject({ sinceStart: { posts: 24 + lost } });
    expect(await others()).toEqual(before.others);
    expect(await selectRows(reads(), CustomerSubscription, { where: { tenantId: 'demo' } })).toEqual(before.granted);
    expect([await told('posting.posted'), await told('posting.reposted'), await told('replay.started')]).toEqual([before.posted, 24, 1]);
  }, 120_000);

  test.each([
    [[], 'USAGE'],
    [['--backend', 'erp', '--everything'], 'USAGE'],
    [['--backend', 'erp', '--apply'], 'USAGE'],
    [['--backend', 'bank'], 'BACKEND_UNKNOWN'],
    [['--backend', 'erp', '--from', 'yesterday'], 'TIME_MALFORMED'],
    [['--backend', 'erp', '--from', '2026-11-24T22:00:00'], 'TIME_MALFORMED'],
  ])('replay %j is refused with %s', async (args, code) => {
    await expect(replay(args, env)).rejects.toMatchObject({ code });
  });

  test('a backend without an address cannot be looked up from outside', async () => {
    await expect(replay(['--backend', 'erp', '--look-up'], { ...env, EVENKEEL_CONNECTORS: '' })).rejects.toMatchObject({ code: 'LOOK_UP_IMPOSSIBLE' });
  });
});
