import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { stepsOf } from '../../subgraphs/operations/rules';
import { DATABASES } from '../harness/databases';
import { sample } from '../harness/sample';
import { World } from '../harness/world';

test('a step comes after all that it depends on, and a circle comes to an end', () => {
  const after = (postingId: string, ...on: string[]) => on.map((dependsOn) => ({ postingId, dependsOn }));
  expect([...stepsOf(['c', 'b', 'a', 'x'], [...after('c', 'a', 'b'), ...after('b', 'a'), ...after('a', 'elsewhere')])]).toEqual([['c', 2], ['b', 1], ['a', 0], ['x', 0]]);
  expect(stepsOf(['a', 'b'], [...after('a', 'b'), ...after('b', 'a')]).size).toBe(2);
});

describe.each(DATABASES)('the steps of an act on %s', (database) => {
  let world: World;
  beforeEach(async () => {
    world = await World.open({ database });
  });
  afterEach(() => world.close());

  test('come in order, each with what it waits for and what waits for it, until all are in the books', async () => {
    const { entity, product, customer } = await sample(world);
    await world.settles();
    const input = {
      number: 'C-1', customerId: customer.id, legalEntityId: entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR',
      lines: [{ productId: product.id, quantity: '10', unitPrice: { amount: '100.00', currency: 'EUR' } }],
    };
    await world.do(createContract, input, { ...world.actor(), correlationId: 'act-1' });
    const query = `{ postings(filter: { correlationId: "act-1" }) { nodes { kind backend state waitsFor { kind backend } holds { kind backend } } edges { node { kind } } } }`;
    const nodes = async () => {
      const { data, context } = await world.ask(query);
      const name = ({ kind, backend }: { kind: string; backend: string }) => `${kind}/${backend}`;
      const rows = data.postings.nodes.map((node: any) => [name(node), node.state, node.waitsFor.map(name).sort(), node.holds.map(name).sort()]);
      return { rows, statements: context.reads.statements };
    };
    expect((await nodes()).rows).toEqual([
      ['contractCheck/erp', 'PENDING', [], ['contract/billing', 'contract/crm', 'entitlement/saas']],
      ['contract/billing', 'PENDING', ['contractCheck/erp'], ['contract/crm', 'entitlement/saas']],
      ['contract/crm', 'PENDING', ['contract/billing', 'contractCheck/erp'], ['entitlement/saas']],
      ['entitlement/saas', 'PENDING', ['contract/billing', 'contract/crm', 'contractCheck/erp'], []],
    ]);
    await world.settles();
    expect((await nodes()).rows.map((row: unknown[]) => row.slice(1))).toEqual(Array(4).fill(['POSTED', [], []]));
    expect((await world.ask('{ postings(filter: { correlationId: "nobody" }) { nodes { id } } }')).data.postings.nodes).toEqual([]);
  });
});
