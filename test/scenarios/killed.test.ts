import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../cli/scenario/client';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/server';
import { BACKENDS } from '../../sync/documents';
import { systemClock } from '../../sync/clock';
import { DATABASES, freshDatabase, type TestDatabase } from '../harness/databases';
import { Product } from '../harness/product';
import { until } from '../harness/until';

const INVOICES = 60;

describe.each(DATABASES)('on %s', (kind) => {
  let folder: string;
  let database: TestDatabase;
  let sandbox: Sandbox;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-killed-'));
    database = await freshDatabase(kind);
    sandbox = await startSandbox({ clock: systemClock });
    const file = join(folder, 'connectors.json');
    writeFileSync(file, JSON.stringify(Object.fromEntries(BACKENDS.map((backend) => [backend, { connector: 'sandbox', url: sandbox.url }]))));
    env = { EVENKEEL_DATA: folder, EVENKEEL_CONNECTORS: file, EVENKEEL_LEASE_MS: '3000' };
    if (kind === 'mysql') env.DATABASE_URL = database.where;
  });
  afterAll(async () => {
    await sandbox.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const list = async (path: string) => ((await (await fetch(`${sandbox.url}${path}`)).json()) as { rows: { externalId: string; kind: string }[] }).rows;

  test('a product killed three times while it drains loses nothing it acknowledged and books nothing twice', async () => {
    let product = await Product.start(env);
    const acknowledged: string[] = [];
    try {
      const api = () => new ApiClient(product.url, 'demo-finance');
      const { customers, legalEntities, products } = await api().ask('{ customers { nodes { id } } legalEntities { nodes { id } } products { nodes { id } } }');
      sandbox.faults.set({ backend: 'erp', fault: 'down' } as never);
      for (let index = 0; index < INVOICES; index++) {
        const lines = [{ productId: products.nodes[0].id, quantity: '1', unitPrice: { amount: '10.00', currency: 'EUR' } }];
        const input = { reference: `K-${index}`, customerId: customers.nodes[index % 3].id, legalEntityId: legalEntities.nodes[0].id, lines };
        acknowledged.push((await api().run('issueInvoice', input, '... on Invoice { id }')).id);
      }
      const open = await api().ask(`query($id: ID!) { invoice(id: $id) { sync { state erp } } }`, { id: acknowledged[0] });
      expect(open.invoice.sync).toEqual({ state: 'PENDING', erp: expect.stringMatching(/PENDING|UNCERTAIN/) });
      sandbox.faults.set({ backend: 'erp', fault: 'slow', delayMs: 60 } as never);
      for (const killAt of [5, 20, 40]) {
        await until(`${killAt} invoices in the ERP`, async () => (await booked()).length >= killAt);
        await product.kill();
        product = await Product.start(env);
      }
      await until('everything drained', async () => (await unsettled(api())).length === 0).catch(async (error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(await unsettled(api()))}`);
      });
      expect((await booked()).map((row) => row.externalId).sort()).toEqual(expect.arrayContaining([...acknowledged].sort()));
      for (const backend of BACKENDS) expect(await list(`/${backend}/documents?tenant=demo&doubles=1`)).toEqual([]);
    } finally {
      await product.kill();
    }
  }, 120_000);

  /** Postings still under way, with why. */
  const unsettled = async (api: ApiClient) => {
    const fields = 'nodes { backend kind state attempts errorCode createdAt }';
    const { pending, uncertain } = await api.ask(`{ pending: postings(filter: { state: PENDING }) { ${fields} } uncertain: postings(filter: { state: UNCERTAIN }) { ${fields} } }`);
    return [...pending.nodes, ...uncertain.nodes];
  };
  const booked = async () => (await list('/erp/documents?tenant=demo')).filter((row) => row.kind === 'invoice');
});
