import { type Config, readConfig } from '../../cli/config';
import { type House, openHouse } from '../../cli/house';
import { ensureTenant } from '../../cli/tenants';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/server';
import { perform } from '../../subgraphs/act';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { type Clock, systemClock } from '../../sync/clock';
import { BACKENDS } from '../../sync/documents';
import { changesAfter, follow } from '../../sync/feed';
import { Broker } from '../harness/broker';
import { freshDatabase, type TestDatabase } from '../harness/databases';
import { needs } from '../harness/services';
import { until } from '../harness/until';

/** Nobody polls by this clock: what happens was told. */
const unpolled: Clock = { nowMs: () => systemClock.nowMs(), wait: (ms, signal) => systemClock.wait(ms < 200 ? ms : 2 ** 31 - 1, signal) };

const describeBoth = needs('mysql') && needs('nats') ? describe : describe.skip;

describeBoth('a gateway and two runners on one database', () => {
  let database: TestDatabase;
  let sandbox: Sandbox;
  let broker: Broker | undefined;
  let houses: House[] = [];
  beforeEach(async () => {
    database = await freshDatabase('mysql');
    sandbox = await startSandbox({ clock: systemClock });
  });
  afterEach(async () => {
    await Promise.all(houses.splice(0).map((house) => house.close()));
    await sandbox.close();
    await broker?.lose();
    await database.drop();
  });

  async function open(natsUrl: string, clock: Clock = systemClock): Promise<{ gateway: House; runners: House[] }> {
    const config = readConfig({ DATABASE_URL: database.where, NATS_URL: natsUrl, EVENKEEL_LOG: 'silent' });
    const connectors = Object.fromEntries(BACKENDS.map((backend) => [backend, { connector: 'sandbox', url: sandbox.url }])) as Config['connectors'];
    for (const role of ['gateway', 'runner', 'runner'] as const) houses.push(await openHouse({ ...config, connectors, role, port: 0 }, clock));
    const [gateway, ...runners] = houses as [House, ...House[]];
    await ensureTenant(gateway.engine, { tenantId: 'demo', name: 'demo', secret: 'demo' });
    return { gateway, runners };
  }
  const connected = (is = true) => until(`connected: ${is}`, async () => houses.every(({ wakeups }) => wakeups.connected() === is), 20_000);
  const change = ({ engine }: House, key: string) => {
    const principal = { tenantId: 'demo', client: 'crm', role: 'crm' as const };
    return perform({ engine, principal, correlationId: 'wake' }, upsertCustomer, { system: 'crm', key, name: key, currency: 'EUR' });
  };
  const booked = async (backend = 'erp', more = '') =>
    ((await (await fetch(`${sandbox.url}/${backend}/documents?tenant=demo${more}`)).json()) as { rows: { externalId: string }[] }).rows.map((row) => row.externalId);

  async function delivered(gateway: House, key: string): Promise<void> {
    const { id } = await change(gateway, key);
    await until('booked', async () => (await booked()).includes(id));
  }

  test('a commit wakes the runners and followers of other processes, which never poll here', async () => {
    broker = await Broker.start();
    const { gateway, runners } = await open(broker.url, unpolled);
    await connected();
    const seen: string[] = [];
    const ended = new AbortController();
    const { engine } = runners[0]!;
    const following = (async () => {
      for await (const { resourceId } of follow(engine.database.reads, engine.growth, { tenantId: 'demo', after: 0, signal: ended.signal })) seen.push(resourceId);
    })();
    for (let index = 0; index < 5; index++) {
      await delivered(gateway, `W-${index}`);
      const { id } = await change(gateway, `F-${index}`);
      await until('seen by a follower elsewhere', async () => seen.includes(id));
    }
    ended.abort();
    await following;
  });

  test('a broker that dies and loses its data in mid-run loses no document and doubles none, and wakes again when it is back', async () => {
    broker = await Broker.start();
    const { gateway } = await open(broker.url);
    await connected();
    const acknowledged: string[] = [];
    const some = async (name: string, count: number) => {
      for (let index = 0; index < count; index++) acknowledged.push((await change(gateway, `${name}-${index}`)).id);
    };
    await some('before', 20);
    const dying = broker.lose();
    await some('during', 20);
    await dying;
    await connected(false);
    await some('without', 20);
    await until('all are booked by polling', async () => (await booked()).length === 60);
    await broker.start();
    await connected();
    await some('after', 20);
    await until('all are booked', async () => (await booked()).length === 80);
    expect((await booked()).sort()).toEqual([...acknowledged].sort());
    for (const backend of BACKENDS) expect(await booked(backend, '&doubles=1')).toEqual([]);
    await delivered(gateway, 'woken');
    const posted = async () => (await changesAfter(gateway.engine.database.reads, 'demo', { after: 0, limit: 1_000 })).filter(({ type }) => type === 'posting.posted').length;
    await until('each posting is told once', async () => (await posted()) === 81 * 3);
  });

  test('with an address where nobody answers everything works by polling', async () => {
    const { gateway } = await open('nats://nobody:secret@127.0.0.1:1');
    for (let index = 0; index < 5; index++) await delivered(gateway, `P-${index}`);
    expect(houses.map(({ wakeups }) => wakeups.connected())).toEqual([false, false, false]);
  });
});
