import { CollectionCase } from '../../entities/collections/CollectionCase';
import type { OpenCollectionCaseInput } from '../../subgraphs/collections/api';
import { closeCollectionCase } from '../../subgraphs/collections/commands/closeCollectionCase';
import { openCollectionCase } from '../../subgraphs/collections/commands/openCollectionCase';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherCustomer, anotherEntity, type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';
import { debtor, openCase, pay } from './given';

describe.each(DATABASES)('openCollectionCase on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
  });
  afterAll(() => world.close());

  test('who owes something overdue gets a case', async () => {
    const who = await debtor(world, given);
    expect(await openCase(world, given, who)).toMatchObject({ state: 'OPEN', version: 1, customerId: who.customer.id, closeReason: null });
  });

  test('an open case is answered as it is; ten at once open one', async () => {
    const who = await debtor(world, given);
    const cases = await Promise.all(Array.from({ length: 10 }, () => openCase(world, given, who)));
    expect(new Set(cases.map(({ id, version }) => `${id}@${version}`)).size).toBe(1);
    expect(await rowsOf(world, CollectionCase, { customerId: who.customer.id })).toHaveLength(1);
  });

  test('after a case was closed the next one is another, with an id of its own', async () => {
    const who = await debtor(world, given);
    const first = await openCase(world, given, who);
    await world.do(closeCollectionCase, { caseId: first.id, reason: 'Promised' });
    const second = await openCase(world, given, who);
    expect(second).toMatchObject({ state: 'OPEN', version: 1 });
    expect(second.id).not.toBe(first.id);
  });

  test("a day is the legal entity's: due yesterday there is overdue, due today is not", async () => {
    const who = await debtor(world, given);
    world.clock.travelTo('2026-11-15T22:59:00Z'); // 23:59 in Berlin, on the due date
    expect(await refusalOf(world, () => openCase(world, given, who))).toMatchObject({ code: 'NOTHING_OVERDUE', path: 'input.customerId' });
    world.clock.travelTo('2026-11-15T23:01:00Z'); // the day after
    expect(await openCase(world, given, who)).toMatchObject({ state: 'OPEN' });
    world.clock.travelTo('2026-11-24T09:00:00Z');
  });

  const paid = async () => {
    const who = await debtor(world, given);
    await pay(world, who.overdue[0]!);
    return { customerId: who.customer.id };
  };

  test.each<[string, string, string, () => Promise<Partial<OpenCollectionCaseInput>>]>([
    ['a customer without invoices', 'NOTHING_OVERDUE', 'input.customerId', async () => ({ customerId: (await anotherCustomer(world)).id })],
    ['a customer who has paid', 'NOTHING_OVERDUE', 'input.customerId', paid],
    ['a legal entity that is owed nothing', 'NOTHING_OVERDUE', 'input.customerId', async () => ({ legalEntityId: (await anotherEntity(world)).id })],
    ['a malformed customer', 'ID_MALFORMED', 'input.customerId', async () => ({ customerId: MALFORMED_ID })],
    ['a malformed legal entity', 'ID_MALFORMED', 'input.legalEntityId', async () => ({ legalEntityId: MALFORMED_ID })],
    ['an unknown customer', 'NOT_FOUND', 'input.customerId', async () => ({ customerId: unknownId('cus') })],
    ["another tenant's customer", 'NOT_FOUND', 'input.customerId', async () => ({ customerId: foreign.customer.id })],
    ["another tenant's legal entity", 'NOT_FOUND', 'input.legalEntityId', async () => ({ legalEntityId: foreign.entity.id })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const { customer } = await debtor(world, given);
    const wanted = { customerId: customer.id, legalEntityId: given.entity.id, ...(await change()) };
    expect(await refusalOf(world, () => world.do(openCollectionCase, wanted))).toMatchObject({ code, path, retryable: false });
  });

  test('the public schema answers the case, or what it was refused with', async () => {
    const mutation = `mutation($input: OpenCollectionCaseInput!) { openCollectionCase(input: $input) {
      __typename ... on CollectionCase { state customer { key } } ... on Refused { code path retryable } } }`;
    const { customer } = await debtor(world, given);
    const done = await world.ask(mutation, { input: { customerId: customer.id, legalEntityId: given.entity.id } }, { role: 'ops' });
    expect(done.data.openCollectionCase).toEqual({ __typename: 'CollectionCase', state: 'OPEN', customer: { key: customer.key } });
    const no = await world.ask(mutation, { input: { customerId: given.customer.id, legalEntityId: given.entity.id } }, { role: 'ops' });
    expect(no.data.openCollectionCase).toEqual({ __typename: 'Refused', code: 'NOTHING_OVERDUE', path: 'input.customerId', retryable: false });
  });
});
