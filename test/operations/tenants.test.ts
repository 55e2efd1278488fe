import {
  execute, getNamedType, type GraphQLField, type GraphQLOutputType, type GraphQLSchema, isInterfaceType, isLeafType, isObjectType, isRequiredArgument, isUnionType, parse,
} from 'graphql';
import { ALL_ENTITIES } from '../../entities';
import { ID_PREFIXES, typeOfId } from '../../entities/ids';
import { shapeOf } from '../../entities/rows';
import { authorize, forbidReadersToWrite } from '../../gateway/authorization';
import { contextOf } from '../../gateway/context';
import { buildSubgraphs } from '../../subgraphs/build';
import { openCollectionCase } from '../../subgraphs/collections/commands/openCollectionCase';
import { MeterAggregation } from '../../entities/invoices/Meter';
import { RatingModel } from '../../entities/terms/rating';
import { TaxBuyer } from '../../entities/customers/taxes';
import { RevenueMethod } from '../../entities/terms/revenue';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { upsertPriceBook } from '../../subgraphs/customers/commands/upsertPriceBook';
import { upsertProductAccounting } from '../../subgraphs/customers/commands/upsertProductAccounting';
import { upsertTaxRegistration } from '../../subgraphs/customers/commands/upsertTaxRegistration';
import { beginPeriodClose } from '../../subgraphs/invoices/commands/beginPeriodClose';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { recognizeRevenue } from '../../subgraphs/invoices/commands/recognizeRevenue';
import { recordUsage } from '../../subgraphs/invoices/commands/recordUsage';
import { upsertMeter } from '../../subgraphs/invoices/commands/upsertMeter';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import type { Subgraph } from '../../subgraphs/schema';
import { DATABASES } from '../harness/databases';
import { sample, sampleContract, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

const TENANTS = ['north', 'south'] as const;
const DEPTH_MAX = 4;
const ID = /\b[a-z]{3}_[0-9a-f]{32}\b/g;

/** Selects every field of a type that needs no argument, so that nothing can hide behind one we forgot. */
function allOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (isUnionType(named)) return '{ __typename }';
  if (isInterfaceType(named)) return '{ __typename id }';
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).filter((field) => !field.args.some(isRequiredArgument) && (depth > 0 || isLeafType(getNamedType(field.type))));
  return `{ __typename ${fields.map((field) => `${field.name} ${allOf(field.type, depth - 1)}`).join(' ')} }`;
}
const asksOf = (schema: GraphQLSchema) => Object.values(schema.getQueryType()!.getFields()).filter(({ name }) => !name.startsWith('_'));
const takesId = (field: GraphQLField<unknown, unknown>) => field.args.some(({ name }) => name === 'id');
const needsMore = (field: GraphQLField<unknown, unknown>) => field.args.some(isRequiredArgument);

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  let subgraphs: Subgraph[];
  const idsOf: Record<string, Set<string>> = {};

  /** The same business under the same keys, with an exception, a case and postings in every state a machine may leave them in. */
  async function business(tenant: string): Promise<void> {
    const given = await sample(world, tenant);
    const actor = world.actor('finance', tenant);
    await sampleContract(world, given);
    await world.do(upsertCustomer, { system: 'crm', key: 'ACME-AGAIN', name: 'ACME', currency: 'EUR' }, actor);
    const invoice = await sampleInvoice(world, given, 'R-1');
    const [line] = invoice.lineItems;
    await sampleInvoice(world, given, 'R-2');
    await world.do(creditInvoice, { invoiceId: invoice.id, reference: 'K-1', reason: 'Less', lines: [{ lineId: line!.lineId, quantity: '1' }] }, actor);
    const second = await sampleInvoice(world, given, 'R-3');
    const input = { reference: 'P-1', customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '130.00', currency: 'EUR' }, applyTo: [{ invoiceId: second.id }] };
    await world.do(recordPayment, input, actor);
    await world.do(upsertProductAccounting, { productId: given.product.id, legalEntityId: given.entity.id, revenueMethod: RevenueMethod.DAY, deferredAccount: '2400' }, actor);
    await world.do(upsertPriceBook, { key: 'LIST', name: 'List', currency: 'EUR', validFrom: '2026-01-01', entries: [{ productId: given.product.id, unitPrice: { amount: '10.00', currency: 'EUR' } }] }, actor);
    const contract = await world.do(createContract, {
      number: 'BY-RUN', customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-10-01', endDate: '2027-09-30', currency: 'EUR', billingFrom: '2026-10-01',
      lines: [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '10.00', currency: 'EUR' } }],
    }, actor);
    const meter = await world.do(upsertMeter, { key: 'calls', name: 'Calls', unit: 'calls', aggregation: MeterAggregation.SUM }, actor);
    const used = { productId: given.product.id, lineKey: 'CALLS', quantity: '1', usage: { meterId: meter.id, model: RatingModel.PER_UNIT, tiers: [{ unitPrice: '0.01' }] } };
    await world.do(amendContract, { contractId: contract.id, reason: 'Calls', effectiveDate: '2026-10-01', lines: [used] }, actor);
    await world.do(recordUsage, { events: [{ source: 'app', id: '1', type: 'calls', subject: 'BY-RUN', time: '2026-10-05T12:00:00Z', value: '100' }] }, actor);
    await world.do(billContract, { contractId: contract.id }, actor);
    await world.do(recognizeRevenue, { legalEntityId: given.entity.id, month: '2026-10' }, actor);
    await world.do(beginPeriodClose, { legalEntityId: given.entity.id, month: '2026-10' }, actor);
    const rates = [{ category: 'VAT20', buyer: TaxBuyer.ANY, taxCode: 'DE19', ratePercent: '19', from: '2026-01-01' }];
    await world.do(upsertTaxRegistration, { legalEntityId: given.entity.id, countryCode: 'DE', number: 'DE1', validFrom: '2026-01-01', rates }, actor);
    await world.do(openCollectionCase, { customerId: given.customer.id, legalEntityId: given.entity.id }, actor);
  }

  beforeAll(async () => {
    world = await World.open({ database, tenants: [...TENANTS] });
    subgraphs = await buildSubgraphs({ authChecker: authorize, beforeMutation: forbidReadersToWrite });
    world.sandbox!.faults.set({ backend: 'erp', fault: 'reject', match: 'invoice' } as never);
    for (const tenant of TENANTS) await business(tenant);
    await world.settles();
    for (const tenant of TENANTS) idsOf[tenant] = await idsIn(tenant);
  }, 60_000);
  afterAll(() => world.close());

  /** Every id in every table of a tenant. */
  async function idsIn(tenant: string): Promise<Set<string>> {
    const { reads } = world.database;
    const tables = ALL_ENTITIES.map((entity) => shapeOf(reads.source, entity).table);
    const found: string[] = [];
    for (const table of tables) {
      const rows = await reads.query(`SELECT * FROM \`${table}\` WHERE tenant_id = ?`, [tenant]);
      found.push(...(JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? value.toString() : value)).match(ID) ?? []));
    }
    return new Set(found);
  }

  const contextAs = (tenantId: string) => contextOf(world.engine, { principal: world.principal('ops', tenantId), correlationId: 'test', idempotencyKey: undefined });
  /** What a tenant is answered by one subgraph, as text. */
  async function answer(tenant: string, schema: GraphQLSchema, asked: { query: string; variables?: Record<string, unknown> }): Promise<string> {
    const result = await execute({ schema, document: parse(asked.query), variableValues: asked.variables ?? {}, contextValue: contextAs(tenant) });
    return JSON.stringify(result);
  }
  const foreignIn = (text: string, tenant: string, except: readonly string[] = []) => {
    const other = TENANTS.find((name) => name !== tenant)!;
    return (text.match(ID) ?? []).filter((id) => idsOf[other]!.has(id) && !except.includes(id));
  };

  test('the same natural keys give two tenants different ids', () => {
    const [north, south] = TENANTS.map((tenant) => idsOf[tenant]!);
    expect(north!.size).toBeGreaterThan(30);
    expect(south!.size).toBe(north!.size);
    expect([...north!].filter((id) => south!.has(id))).toEqual([]);
  });

  test.each(['customers', 'contracts', 'invoices', 'payments', 'collections', 'operations'])('no list of %s holds a thing of another tenant, however deep one asks', async (name) => {
    const { schema } = subgraphs.find((subgraph) => subgraph.name === name)!;
    for (const field of asksOf(schema).filter((item) => !takesId(item) && !needsMore(item))) {
      const query = `{ ${field.name} ${allOf(field.type, DEPTH_MAX)} }`;
      for (const tenant of TENANTS) {
        const text = await answer(tenant, schema, { query });
        expect(JSON.parse(text).errors).toBeUndefined();
        if (!/^(viewer|bankStatements|channels|matchingRules)$/.test(field.name)) expect(text.match(ID)?.length ?? 0).toBeGreaterThan(0);
        expect(foreignIn(text, tenant)).toEqual([]);
      }
    }
  });

  test.each(['customers', 'contracts', 'invoices', 'payments', 'collections', 'operations'])('no id of another tenant opens anything in %s', async (name) => {
    const { schema } = subgraphs.find((subgraph) => subgraph.name === name)!;
    for (const field of asksOf(schema).filter(takesId)) {
      const query = `query($id: ID!) { ${field.name}(id: $id) { __typename } }`;
      for (const id of idsOf.north!) expect(JSON.parse(await answer('south', schema, { query, variables: { id } })).data?.[field.name] ?? null).toBeNull();
    }
  });

  test('no preview and no month of the books is of another tenant', async () => {
    const [contractId] = [...idsOf.north!].filter((id) => id.startsWith('con_'));
    const [legalEntityId] = [...idsOf.north!].filter((id) => id.startsWith('ent_'));
    const asked = { contractId, reason: 'Curious', lines: [] };
    const preview = await world.ask('query($input: AmendContractInput!) { previewAmendment(input: $input) { __typename ... on Refused { code } } }', { input: asked }, { tenant: 'south' });
    expect(preview.data.previewAmendment).toEqual({ __typename: 'Refused', code: 'NOT_FOUND' });
    const month = await world.ask('query($id: ID!) { monthOfLedger(legalEntityId: $id, month: "2026-10") { report } }', { id: legalEntityId }, { tenant: 'south' });
    expect(month.data.monthOfLedger).toBeNull();
  });

  test.each(['customers', 'contracts', 'invoices', 'payments', 'collections', 'operations'])('_entities of %s tells nothing of what another tenant has', async (name) => {
    const { schema, references } = subgraphs.find((subgraph) => subgraph.name === name)!;
    const prefixes = new Map(Object.entries(ID_PREFIXES).map(([prefix, type]) => [type as string, prefix]));
    const telling: string[] = [];
    for (const type of Object.keys(references)) {
      const ids = [...idsOf.north!].filter((id) => id.startsWith(prefixes.get(type)!));
      const representations = ids.map((id) => ({ __typename: type, id }));
      const query = `query($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${type} ${allOf(schema.getType(type) as never, 2)} } }`;
      const theirs = await answer('south', schema, { query, variables: { representations } });
      expect(foreignIn(theirs, 'south', ids)).toEqual([]);
      expect(theirs).not.toMatch(/Acme|ACME|Test GmbH|"C-1"|INV-DE01|"R-\d"|"P-1"|"SEAT"|"(PENDING|BLOCKED|REJECTED)"/);
      const ours = await answer('north', schema, { query, variables: { representations } });
      if (ours !== theirs) telling.push(type);
    }
    expect(telling).not.toEqual([]); // asked by its owner, the same question is answered
  });

  test("through the whole graph, node knows what is one's own and nothing that is another tenant's", async () => {
    for (const id of idsOf.north!) {
      const { data } = await world.ask('query($id: ID!) { node(id: $id) { __typename id } }', { id }, { tenant: 'south' });
      expect(data.node).toBeNull();
      const own = await world.ask('query($id: ID!) { node(id: $id) { __typename id } }', { id }, { tenant: 'north' });
      expect(own.errors).toBeUndefined();
      if (typeOfId(id)) expect(own.data.node).toEqual({ __typename: typeOfId(id), id });
    }
  });

  test('the change log of a tenant tells its own changes only', async () => {
    const logs = await Promise.all(TENANTS.map((tenant) => world.ask('{ changes(first: 500) { hasMore nodes { id type resourceId customerId data resource { id } } } }', {}, { tenant })));
    const [north, south] = logs.map(({ data }) => data.changes.nodes);
    expect(north.length).toBeGreaterThan(10);
    expect(south.length).toBe(north.length);
    expect(foreignIn(JSON.stringify(north), 'north')).toEqual([]);
    expect(foreignIn(JSON.stringify(south), 'south')).toEqual([]);
  });

  test("the financial status sums what is the tenant's own", async () => {
    const query = '{ customers { nodes { id financialStatus { state activeContracts openExceptions } } } }';
    const [north, south] = await Promise.all(TENANTS.map((tenant) => world.ask(query, {}, { tenant })));
    const statusOf = (asked: typeof north) => asked!.data.customers.nodes.map((node: { financialStatus: { activeContracts: number } }) => node.financialStatus).filter(({ activeContracts }: { activeContracts: number }) => activeContracts > 0);
    expect(statusOf(north)).toMatchObject([{ state: 'BLOCKED', activeContracts: 2 }]);
    expect(statusOf(south)).toEqual(statusOf(north));
  });

  test.each([
    ['customerId', 'invoices'], ['customerId', 'payments'], ['customerId', 'contracts'], ['customerId', 'collectionCases'],
  ])('a filter by the %s of another tenant finds none of %s', async (field, list) => {
    const customer = [...idsOf.north!].find((id) => id.startsWith('cus_'));
    const { data, errors } = await world.ask(`query($id: ID!) { ${list}(filter: { ${field}: $id }) { nodes { id } } }`, { id: customer }, { tenant: 'south' });
    expect(errors).toBeUndefined();
    expect(data[list].nodes).toEqual([]);
  });
});
