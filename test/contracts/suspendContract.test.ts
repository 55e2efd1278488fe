import type { Contract } from '../../entities/contracts/Contract';
import type { SuspendContractInput } from '../../subgraphs/contracts/api';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { suspendContract } from '../../subgraphs/contracts/commands/suspendContract';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';
import { entitlements } from './given';

describe.each(DATABASES)('suspendContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let numbers = 0;
  const contractOf10 = () => sampleContract(world, given, `S-${++numbers}`);
  const suspend = ({ id }: Pick<Contract, 'id'>, change: Partial<SuspendContractInput> = {}) =>
    world.do(suspendContract, { contractId: id, reason: 'Sabbatical', ...change });

  beforeAll(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterAll(() => world.close());

  test('service stops at once, and what it comes to is less by the days without it', async () => {
    const contract = await contractOf10();
    await world.settles();
    expect(await suspend(contract, { expectedVersion: 1, until: '2026-12-01' })).toMatchObject({ version: 2, suspensions: [{ from: '2026-11-24', until: '2026-12-01' }], nextChangeOn: '2026-12-01' });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ENDED 0/0']);
    expect((await world.told()).slice(-2)).toEqual(['contract.suspended', 'entitlement.ended']);
    const { data } = await world.ask('query($id: ID!) { contract(id: $id) { suspended { from until } linesOn(day: "2026-11-25") { quantity } amendments { valueAfter { amount } } } }', { id: contract.id });
    expect(data.contract).toEqual({ suspended: [{ from: '2026-11-24', until: '2026-12-01' }], linesOn: [], amendments: [{ valueAfter: { amount: '12000.00' } }, { valueAfter: { amount: '11766.67' } }] });
  });

  test.each<[string, string, string, () => Partial<SuspendContractInput>]>([
    ['a malformed contract', 'ID_MALFORMED', 'input.contractId', () => ({ contractId: MALFORMED_ID })],
    ['an unknown contract', 'NOT_FOUND', 'id', () => ({ contractId: unknownId('con') })],
    ['a version that never was', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 2 })],
    ['an end before the beginning', 'SUSPENSION_INVALID', 'input.until', () => ({ until: '2026-11-24' })],
    ['a day after the contract', 'EFFECTIVE_OUT_OF_TERM', 'input.effectiveDate', () => ({ effectiveDate: '2027-01-01' })],
    ['no reason', 'TEXT_INVALID', 'input.reason', () => ({ reason: '' })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const contract = await contractOf10();
    expect(await refusalOf(world, () => suspend(contract, change()))).toMatchObject({ code, path, retryable: false });
  });

  test('a second suspension over the same days is refused, and so is one of a cancelled contract', async () => {
    const contract = await contractOf10();
    await suspend(contract);
    expect(await refusalOf(world, () => suspend(contract, { effectiveDate: '2026-12-01' }))).toMatchObject({ code: 'SUSPENSION_OVERLAPS', path: 'input.effectiveDate' });
    await world.do(cancelContract, { contractId: contract.id, reason: 'Left' });
    expect(await refusalOf(world, () => suspend(contract))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
  });
});
