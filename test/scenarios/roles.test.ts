import { readConfig } from '../../cli/config';
import { type House, openHouse } from '../../cli/house';
import { ensureTenant } from '../../cli/tenants';
import { perform } from '../../subgraphs/act';
import type { Principal } from '../../subgraphs/context';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { INTERNAL_KEY_HEADER, PRINCIPAL_HEADER, signPrincipal } from '../../subgraphs/principalHeader';
import { systemClock } from '../../sync/clock';
import { freshDatabase, type TestDatabase } from '../harness/databases';
import { needs } from '../harness/services';

const describeMysql = needs('mysql') ? describe : describe.skip;
const KEY = 'a-key-that-router-and-subgraphs-share-0123';

describeMysql('several processes on one database', () => {
  let database: TestDatabase;
  let subgraph: House;
  beforeAll(async () => {
    database = await freshDatabase('mysql');
    const config = readConfig({ DATABASE_URL: database.where, EVENKEEL_ROLE: 'subgraph:customers', EVENKEEL_INTERNAL_KEY: KEY });
    subgraph = await openHouse({ ...config, port: 0 }, systemClock);
    for (const tenantId of ['north', 'south']) await ensureTenant(subgraph.engine, { tenantId, name: tenantId, secret: tenantId });
  });
  afterAll(async () => {
    await subgraph.close();
    await database.drop();
  });

  const principal = (tenantId: string): Principal => ({ tenantId, client: 'crm', role: 'crm' });
  const entities = async (id: string, headers: Record<string, string>) => {
    const query = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { id name } } }';
    const body = JSON.stringify({ query, variables: { r: [{ __typename: 'Customer', id }] } });
    const response = await fetch(subgraph.subgraph!.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    return { status: response.status, body: (await response.json()) as any };
  };
  const signed = (tenantId: string) => ({
    [INTERNAL_KEY_HEADER]: KEY,
    [PRINCIPAL_HEADER]: signPrincipal({ principal: principal(tenantId), correlationId: 'roles' }, KEY, systemClock.nowMs()),
  });

  test('a subgraph in a process of its own answers the router for one tenant, nothing of another, and nobody without the key', async () => {
    const actor = { engine: subgraph.engine, principal: principal('north'), correlationId: 'roles' };
    const { id } = await perform(actor, upsertCustomer, { system: 'crm', key: 'K', name: 'North', currency: 'EUR' });
    expect((await entities(id, signed('north'))).body.data._entities).toEqual([{ id, name: 'North' }]);
    expect((await entities(id, signed('south'))).body.data._entities).toEqual([null]);
    expect((await entities(id, {})).status).toBe(401);
    expect((await entities(id, { ...signed('north'), [INTERNAL_KEY_HEADER]: 'another-key-of-the-same-length-as-it-0123' })).status).toBe(401);
  });
});

test.each([
  [{ PORT: 'many' }, /PORT/],
  [{ EVENKEEL_ROLE: 'runner' }, /DATABASE_URL/],
  [{ EVENKEEL_ROLE: 'subgraph:payments', DATABASE_URL: 'mysql://x@localhost/y' }, /EVENKEEL_INTERNAL_KEY/],
  [{ DATABASE_URL: 'postgres://x@localhost/y' }, /mysql:/],
])('the settings %j are refused by name', (env, reason) => {
  expect(() => readConfig(env as NodeJS.ProcessEnv)).toThrow(reason);
});
