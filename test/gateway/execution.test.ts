import { type ExecutionResult, parse } from 'graphql';
import { authorize } from '../../gateway/authorization';
import { composeSupergraph } from '../../gateway/compose';
import { type Execution, inProcessExecution } from '../../gateway/execution';
import { INTERNAL_KEY_HEADER, PRINCIPAL_HEADER, signPrincipal, verifyPrincipal } from '../../subgraphs/principalHeader';
import { type Subgraph, buildSubgraph } from '../../subgraphs/schema';
import { type RunningSubgraph, serveSubgraph } from '../../subgraphs/serve';
import { alice, batches, contextOf, customers, fixtureExecution, fixtureSubgraphs, open } from './fixture';

const INTERNAL_KEY = 'internal-key-of-the-tests';
const clock = { nowMs: () => 1_800_000_000_000 };

let subgraphs: Subgraph[];
let execution: Execution;

beforeAll(async () => {
  subgraphs = await fixtureSubgraphs();
  execution = await fixtureExecution(subgraphs);
});

async function ask(query: string, { variables = {}, principal = alice } = {}): Promise<ExecutionResult> {
  const { document, errors } = execution.prepare(query);
  if (errors) return { errors };
  return execution.execute({ document, variableValues: variables, contextValue: contextOf({ principal }) });
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as any;

describe('in-process federation', () => {
  test('a field of another subgraph is resolved by reference, there and back', async () => {
    const { data, errors } = plain(await ask('{ invoices(count: 1) { id customer { id name invoices(state: PAID) { id state customer { name } } } } }'));
    expect(errors).toBeUndefined();
    expect(data.invoices).toEqual([
      { id: 'inv_0', customer: { id: 'cus_0', name: 'Name of cus_0', invoices: [{ id: 'inv_2_cus_0', state: 'PAID', customer: { name: 'Name of cus_0' } }] } },
    ]);
  });

  test('a compound key with a nested selection leads to the owner', async () => {
    const { data } = plain(await ask('{ results { __typename ... on Payment { invoice { id total { amountMinor } } } ... on Refusal { code } } }'));
    expect(data.results).toEqual([
      { __typename: 'Payment', invoice: { id: 'inv_7_DE01', total: { amountMinor: '123456789012345685' } } },
      { __typename: 'Refusal', code: 'PAID_ALREADY' },
    ]);
  });

  test('node(id) gives an interface whose concrete fields come from every subgraph', async () => {
    const query = 'query ($id: ID!) { node(id: $id) { __typename id ... on Customer { name invoices { id } } ... on Payment { amount { currency } } } }';
    expect(plain(await ask(query, { variables: { id: 'cus_9' } })).data.node).toEqual({
      __typename: 'Customer', id: 'cus_9', name: 'Name of cus_9', invoices: [{ id: 'inv_1_cus_9' }, { id: 'inv_2_cus_9' }],
    });
    expect(plain(await ask(query, { variables: { id: 'pay_9' } })).data.node).toEqual({ __typename: 'Payment', id: 'pay_9', amount: { currency: 'JPY' } });
  });

  test('enums have their internal values, in defaults too, and scalars their functions', async () => {
    expect((await ask('{ filtered }')).data).toEqual({ filtered: 'open paid undefined undefined' });
    expect((await ask('{ filtered(filter: { least: "90071992547409931" }, state: OPEN) }')).data).toEqual({ filtered: 'open open bigint 90071992547409931' });
    const variables = { filter: { state: 'PAID', least: '7' } };
    expect((await ask('query ($filter: InvoiceFilter!) { filtered(filter: $filter) }', { variables })).data).toEqual({ filtered: 'paid paid bigint 7' });
    expect((await ask('query ($filter: InvoiceFilter!) { filtered(filter: $filter) }', { variables: { filter: { least: 'x' } } })).errors?.[0]?.message).toContain('not minor units: x');
  });

  test('lists nest, hold promises and null', async () => {
    expect(plain(await ask('{ nested { id customer { name } } }')).data).toEqual({ nested: [[{ id: 'inv_1', customer: { name: 'Name of cus_1' } }, null], null] });
  });

  test('fifty references of a type are one batch, shared by sibling fields', async () => {
    batches.length = 0;
    const { data } = plain(await ask('{ invoices(count: 50) { customer { name tenantId limit { amountMinor } } } }'));
    expect(data.invoices[49]).toEqual({ customer: { name: 'Name of cus_49', tenantId: 'acme', limit: { amountMinor: '900' } } });
    expect(batches.map(({ name, keys }) => [name, keys.length])).toEqual([['Customer', 50]]);
  });

  test('a null reference gives null to nullable fields, and an error with its path to required ones', async () => {
    const query = 'query ($ids: [ID!]) { invoices(count: 2, customers: $ids) { id customer { id invoices { id } name } } }';
    const { data, errors } = plain(await ask(query, { variables: { ids: ['cus_absent', 'cus_1'] } }));
    expect(data.invoices[0]).toEqual({ id: 'inv_0', customer: null });
    expect(data.invoices[1].customer.name).toBe('Name of cus_1');
    expect(errors).toEqual([expect.objectContaining({ path: ['invoices', 0, 'customer', 'name'], extensions: { code: 'NOT_FOUND' } })]);
  });

  test('a rejecting reference fails at each of its fields, and nowhere else', async () => {
    const query = 'query ($ids: [ID!]) { invoices(count: 2, customers: $ids) { customer { id called: name } } }';
    const { data, errors } = await ask(query, { variables: { ids: ['cus_broken', 'cus_1'] } });
    expect(plain(data).invoices).toEqual([{ customer: null }, { customer: { id: 'cus_1', called: 'Name of cus_1' } }]);
    expect(errors?.map(({ path, message }) => [path, message])).toEqual([[['invoices', 0, 'customer', 'called'], 'storage lost cus_broken']]);
  });

  test('two tenants at once share objects of the code but never what was resolved', async () => {
    batches.length = 0;
    const query = '{ shared { customer { tenantId name } } }';
    const globex = { ...alice, tenantId: 'globex' };
    const answers = await Promise.all([ask(query), ask(query, { principal: globex }), ask(query)]);
    expect(answers.map((answer) => plain(answer).data.shared[0].customer.tenantId)).toEqual(['acme', 'globex', 'acme']);
    expect(batches.map(({ tenantId }) => tenantId).sort()).toEqual(['acme', 'acme', 'globex']);
  });

  test.each(['auditor', 'partner'] as const)('the role %s runs no mutation', async (role) => {
    const { data, errors } = await ask('mutation { invoiceCustomer(customer: "cus_1") { id } }', { principal: { ...alice, role } });
    expect([data, errors?.[0]?.extensions.code]).toEqual([null, 'FORBIDDEN']);
  });

  test('@Authorized lets only the named roles in', async () => {
    expect((await ask('{ ledger }')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await ask('{ ledger }', { principal: { ...alice, role: 'approver' } })).data).toEqual({ ledger: 'secret ledger' });
  });

  test('events of a subscription are enriched by other subgraphs, each with a context of its own', async () => {
    batches.length = 0;
    const { document } = execution.prepare('subscription { paymentChanged(count: 2) { cursor payment { id payer { name } } } }');
    const events = await execution.subscribe({ document: document!, contextValue: contextOf({ principal: alice }), contextOfEvent: () => contextOf({ principal: alice }) });
    const seen: unknown[] = [];
    for await (const event of events as AsyncIterable<ExecutionResult>) seen.push(plain(event).data.paymentChanged);
    expect(seen).toEqual([1, 2].map((at) => ({ cursor: `c${at}`, payment: { id: `pay_${at}`, payer: { name: 'Name of cus_1' } } })));
    expect(batches).toHaveLength(2);
    expect(open.feeds).toBe(0);
  });

  test('documents are parsed and validated once, and wrong ones stay wrong', () => {
    expect(execution.prepare('{ shared { id } }')).toBe(execution.prepare('{ shared { id } }'));
    expect(execution.prepare('{ nothing }').errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(execution.prepare('{').errors?.[0]?.extensions.code).toBe('GRAPHQL_PARSE_FAILED');
  });

  test.each([
    ['depth', `{ invoices ${'{ customer { invoices '.repeat(8)}{ id }${'} }'.repeat(8)} }`],
    ['aliases', `{ ${Array.from({ length: 101 }, (_, at) => `a${at}: filtered`).join(' ')} }`],
    ['doubling fragments', `{ ...f0 } ${Array.from({ length: 40 }, (_, at) => `fragment f${at} on Query { a${at}: filtered ...f${at + 1} ...f${at + 1} }`).join(' ')} fragment f40 on Query { z: filtered }`],
  ])('a document past the limit of %s is refused quickly', (_, text) => {
    expect(execution.prepare(text).errors?.map(({ extensions }) => extensions.code)).toContain('OPERATION_TOO_LARGE');
  });

  test('a document of too many tokens is refused by the parser', () => {
    expect(execution.prepare(`{ ${'filtered '.repeat(5_001)} }`).errors?.[0]?.message).toContain('5000 tokens');
  });
});

describe('building', () => {
  test('the SDL is stable', async () => {
    expect((await fixtureSubgraphs()).map(({ sdl }) => sdl)).toEqual(subgraphs.map(({ sdl }) => sdl));
  });

  test('an entity without a reference resolver is refused by name, and a resolver without an entity', async () => {
    const options = { authChecker: authorize };
    await expect(buildSubgraph({ ...customers, references: {} }, options)).rejects.toThrow('Customer has a resolvable @key but no entry');
    const ghost = { ...customers.references, Ghost: () => null };
    await expect(buildSubgraph({ ...customers, references: ghost }, options)).rejects.toThrow('names Ghost, which has no resolvable @key');
  });

  test('composition says what does not fit', () => {
    const clash = { name: 'clash', sdl: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"]) type Query { filtered: Int }' };
    expect(() => composeSupergraph([...subgraphs, clash])).toThrow(/do not compose:\n {2}[A-Z_]+: .*filtered/);
  });

  test('@requires is refused when binding', () => {
    const { supergraphSdl } = composeSupergraph(subgraphs);
    const sdl = supergraphSdl.replace('name: String! @join__field(graph: CUSTOMERS)', 'name: String! @join__field(graph: CUSTOMERS, requires: "invoices { id }")');
    expect(() => inProcessExecution(sdl, subgraphs)).toThrow('Customer.name uses @requires');
  });
});

describe('remote subgraphs', () => {
  let running: Map<string, RunningSubgraph>;
  const logged: object[] = [];

  beforeAll(async () => {
    running = new Map();
    const serving = { port: 0, internalKey: INTERNAL_KEY, clock, contextOf, log: { error: (fields: object) => void logged.push(fields) } };
    for (const subgraph of subgraphs) running.set(subgraph.name, await serveSubgraph(subgraph, serving));
  });
  afterAll(async () => {
    for (const server of running.values()) await server.close();
  });

  async function remote(name: string, query: string, { variables = {}, headers = {} } = {}) {
    const signed = signPrincipal({ principal: alice, correlationId: 'corr-7' }, INTERNAL_KEY, clock.nowMs());
    const answer = await fetch(running.get(name)!.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [INTERNAL_KEY_HEADER]: INTERNAL_KEY, [PRINCIPAL_HEADER]: signed, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return { status: answer.status, body: (await answer.json()) as any };
  }

  test.each([
    ['invoices', '{ invoices { id number state total { amountMinor currency } entity { code } customer { id invoices(state: OPEN) { id } } } }'],
    ['invoices', '{ filtered nested { id number } shared { id state } }'],
    ['payments', '{ results { __typename ... on Payment { id amount { amountMinor } payer { id } invoice { number entity { code } } } ... on Refusal { code message } } }'],
    ['payments', '{ a: node(id: "cus_1") { __typename id } b: node(id: "pay_1") { id ... on Payment { payer { id } } } c: node(id: "nothing") { id } }'],
    ['customers', '{ customer(id: "cus_3") { id name limit { amountMinor } } absent: customer(id: "cus_absent") { id } }'],
  ])('%s answers the same remotely as in process: %s', async (name, query) => {
    expect((await remote(name, query)).body.data).toEqual(plain(await ask(query)).data);
  });

  test('entities are resolved by _entities as in process, frozen ones too', async () => {
    const query = 'query ($refs: [_Any!]!) { _entities(representations: $refs) { __typename ... on Customer { name tenantId } } }';
    const refs = ['cus_1', 'cus_absent', 'cus_2'].map((id) => ({ __typename: 'Customer', id }));
    const { body } = await remote('customers', query, { variables: { refs } });
    expect(body.data._entities).toEqual([
      { __typename: 'Customer', name: 'Name of cus_1', tenantId: 'acme' }, null, { __typename: 'Customer', name: 'Name of cus_2', tenantId: 'acme' },
    ]);
  });

  test('_service tells the SDL', async () => {
    const { body } = await remote('customers', '{ _service { sdl } }');
    const names = parse(body.data._service.sdl).definitions.map((node) => ('name' in node ? node.name?.value : undefined));
    expect(names).toEqual(expect.arrayContaining(['Customer', 'Money', 'Node', 'Query']));
  });

  test('errors are masked, refusals keep their code, both with the correlation id', async () => {
    const broken = await remote('customers', '{ customer(id: "cus_broken") { id } }');
    expect(broken.body.errors[0].extensions).toEqual({ code: 'INTERNAL', correlationId: 'corr-7' });
    expect(JSON.stringify(broken.body)).not.toContain('secret');
    expect(JSON.stringify(logged)).toContain('secret of cus_broken');
    const refused = await remote('customers', '{ customer(id: "cus_refused") { id } }');
    expect(refused.body.errors[0].extensions).toEqual({ code: 'CUSTOMER_LOCKED', path: 'id', retryable: true, correlationId: 'corr-7' });
  });

  test.each([
    ['without the key', { [INTERNAL_KEY_HEADER]: '' }],
    ['with a wrong key', { [INTERNAL_KEY_HEADER]: 'internal-key-of-the-others' }],
    ['without a principal', { [PRINCIPAL_HEADER]: '' }],
    ['with a principal signed by another', { [PRINCIPAL_HEADER]: signPrincipal({ principal: alice, correlationId: 'c' }, 'other', clock.nowMs()) }],
  ])('%s everything is refused', async (_, headers) => {
    expect((await remote('customers', '{ _service { sdl } }', { headers })).status).toBe(401);
  });

  test('a signed principal comes back whole, and not once altered or expired', () => {
    const signed = signPrincipal({ principal: alice, correlationId: 'c-1' }, INTERNAL_KEY, 1_000);
    expect(verifyPrincipal(signed, INTERNAL_KEY, 60_999)).toEqual({ principal: alice, correlationId: 'c-1' });
    expect(verifyPrincipal(signed, INTERNAL_KEY, 61_000)).toBeUndefined();
    expect(verifyPrincipal(`A${signed.slice(1)}`, INTERNAL_KEY, 1_000)).toBeUndefined();
    expect(verifyPrincipal(`${signed}x`, INTERNAL_KEY, 1_000)).toBeUndefined();
  });
});
