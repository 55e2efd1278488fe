import { advanceOf } from '../../cli/house';
import { Contract } from '../../entities/contracts/Contract';
import { ContractAmendment } from '../../entities/contracts/ContractAmendment';
import type { CreateContractInput } from '../../subgraphs/contracts/api';
import { advanceContract } from '../../subgraphs/contracts/commands/advanceContract';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { renewContract } from '../../subgraphs/contracts/commands/renewContract';
import { withdrawAmendment } from '../../subgraphs/contracts/commands/withdrawAmendment';
import { advanceDue, type DueContract, dueContracts } from '../../sync/calendar';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';
import { entitlements } from './given';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

describe.each(DATABASES)('advanceContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let numbers = 0;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    world.clock.travelTo('2026-11-24T10:00:00Z');
  });
  afterEach(() => world.close());

  const create = (change: Partial<CreateContractInput> = {}) =>
    world.do(createContract, {
      number: `N-${++numbers}`, customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR',
      lines: [{ productId: given.product.id, quantity: '10', unitPrice: EUR('100.00') }], ...change,
    });
  const seats = (quantity: string) => [{ productId: given.product.id, quantity }];
  const onDay = async ({ id }: Contract, day: string) => {
    world.clock.travelTo(`${day}T10:00:00Z`);
    const contract = await world.do(advanceContract, { contractId: id }, world.actor('ops'));
    await world.settles();
    return contract;
  };

  test('nothing that is due changes nothing', async () => {
    const contract = await create();
    expect(await onDay(contract, '2026-12-01')).toMatchObject({ version: 1, nextChangeOn: '2027-01-01' });
    expect((await world.told()).filter((type) => type === 'contract.advanced')).toEqual([]);
  });

  test('a change agreed for later is granted on its day, and not before', async () => {
    const contract = await create();
    await world.settles();
    const amended = await world.do(amendContract, { contractId: contract.id, reason: 'Ten more from December', effectiveDate: '2026-12-01', activationDate: '2026-12-05', lines: seats('20') });
    await world.settles();
    expect(amended).toMatchObject({ version: 2, nextChangeOn: '2026-12-01', lineItems: [{ quantity: '10' }] });
    expect(await onDay(contract, '2026-12-01')).toMatchObject({ version: 3, nextChangeOn: '2026-12-05', lineItems: [{ quantity: '20' }] });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
    expect(await onDay(contract, '2026-12-05')).toMatchObject({ version: 4, nextChangeOn: '2027-01-01' });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 20/20']);
    expect(await refusalOf(world, () => world.do(withdrawAmendment, { contractId: contract.id, reason: 'Too late' }))).toMatchObject({ code: 'ALREADY_IN_EFFECT' });
  });

  test('a contract that has not begun grants nothing until its first day', async () => {
    const contract = await create({ startDate: '2026-12-01', endDate: '2027-11-30' });
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual([]);
    await onDay(contract, '2026-12-01');
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
  });

  test('a term that is over expires with its entitlements, and may be renewed late without a gap', async () => {
    const contract = await create();
    await world.settles();
    expect(await onDay(contract, '2027-01-01')).toMatchObject({ state: 'EXPIRED', version: 2, nextChangeOn: null });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ENDED 0/0']);
    expect(await refusalOf(world, () => world.do(amendContract, { contractId: contract.id, reason: 'More', lines: seats('20') }))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
    const renewed = await world.do(renewContract, { contractId: contract.id, endDate: '2027-12-31', reason: 'Late', lines: [] });
    expect(renewed).toMatchObject({ state: 'ACTIVE', version: 3, termSpans: [{ until: '2027-01-01' }, { from: '2027-01-01', until: '2028-01-01' }] });
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
  });

  test('a contract with a rule of renewal goes on by itself, so many percent dearer, and its story says so', async () => {
    const contract = await create({ renewal: { months: 12, upliftPercent: '3.5' } });
    expect(await onDay(contract, '2027-01-01')).toMatchObject({ state: 'ACTIVE', version: 2, endDate: '2027-12-31', lineItems: [{ quantity: '10', unitPriceMinor: '10350' }] });
    const story = await rowsOf(world, ContractAmendment, { contractId: contract.id });
    expect(story.map(({ kind, reason, valueBeforeMinor, valueAfterMinor }) => [kind, reason, valueBeforeMinor, valueAfterMinor])).toEqual(expect.arrayContaining([
      ['CREATION', 'Created', 0n, 1_200_000n], ['RENEWAL', 'Renewed by its own rule', 1_200_000n, 2_442_000n],
    ]));
  });

  test('a cancellation for a day to come leaves everything as it is until then', async () => {
    const contract = await create({ renewal: { months: 12, upliftPercent: '0' } });
    await world.settles();
    expect(await world.do(cancelContract, { contractId: contract.id, reason: 'Leaves', effectiveDate: '2026-12-15' })).toMatchObject({ state: 'ACTIVE', cancelledFrom: '2026-12-15' });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
    expect(await onDay(contract, '2026-12-15')).toMatchObject({ state: 'CANCELLED' });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ENDED 0/0']);
  });

  test('a look lets every contract take effect whose day has come; one that fails keeps no other waiting, and is told', async () => {
    const contracts = [await create(), await create(), await create()];
    world.clock.travelTo('2027-01-01T10:00:00Z');
    const advance = advanceOf(world.engine);
    const failing = (due: DueContract) => (due.contractId === contracts[1]!.id ? Promise.reject(new Error('struck')) : advance(due));
    await expect(advanceDue(world.database.reads, { nowMs: world.clock.nowMs(), advance: failing })).rejects.toThrow('struck');
    const states = async () => (await rowsOf(world, Contract)).map(({ id, state }) => [id === contracts[1]!.id, state]);
    expect(await states()).toEqual(expect.arrayContaining([[true, 'ACTIVE'], [false, 'EXPIRED'], [false, 'EXPIRED']]));
    await advanceDue(world.database.reads, { nowMs: world.clock.nowMs(), advance });
    expect((await states()).every(([, state]) => state === 'EXPIRED')).toBe(true);
    await advanceDue(world.database.reads, { nowMs: world.clock.nowMs(), advance: () => Promise.reject(new Error('nothing is due any more')) });
  });

  test('contracts with something due are found, in the zone of their legal entity too, and no others', async () => {
    const contract = await create();
    await create({ startDate: '2026-12-02', endDate: '2027-12-01' });
    const due = async (instant: string) => {
      world.clock.travelTo(instant);
      const found: string[] = [];
      for await (const { contractId } of dueContracts(world.database.reads, world.clock.nowMs())) found.push(contractId);
      return found;
    };
    expect(await due('2026-11-30T10:00:00Z')).toEqual([]);
    expect(await due('2026-12-02T10:00:00Z')).toHaveLength(1);
    expect(await due('2027-01-01T10:00:00Z')).toContain(contract.id);
  });
});
