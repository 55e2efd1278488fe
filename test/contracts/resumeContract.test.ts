import type { Contract } from '../../entities/contracts/Contract';
import type { ResumeContractInput } from '../../subgraphs/contracts/api';
import { resumeContract } from '../../subgraphs/contracts/commands/resumeContract';
import { suspendContract } from '../../subgraphs/contracts/commands/suspendContract';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';
import { entitlements } from './given';

describe.each(DATABASES)('resumeContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let numbers = 0;
  const suspended = async () => {
    const { id } = await sampleContract(world, given, `U-${++numbers}`);
    return world.do(suspendContract, { contractId: id, reason: 'Sabbatical', effectiveDate: '2026-11-10' });
  };
  const resume = ({ id }: Pick<Contract, 'id'>, change: Partial<ResumeContractInput> = {}) => world.do(resumeContract, { contractId: id, reason: 'Back', ...change });

  beforeAll(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterAll(() => world.close());

  test('service goes on from today, once the backends have it', async () => {
    const contract = await suspended();
    await world.settles();
    expect(await resume(contract, { expectedVersion: 2 })).toMatchObject({ version: 3, suspensions: [{ from: '2026-11-10', until: '2026-11-24' }] });
    expect((await world.told()).slice(-2)).toEqual(['contract.resumed', 'entitlement.held']);
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
  });

  test('resumed from the day it was suspended, it never was', async () => {
    const contract = await suspended();
    expect(await resume(contract, { effectiveDate: '2026-11-10' })).toMatchObject({ suspensions: [] });
  });

  test.each<[string, string, string, () => Partial<ResumeContractInput>]>([
    ['a malformed contract', 'ID_MALFORMED', 'input.contractId', () => ({ contractId: MALFORMED_ID })],
    ['an unknown contract', 'NOT_FOUND', 'id', () => ({ contractId: unknownId('con') })],
    ['a version that never was', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 5 })],
    ['a day after the contract', 'EFFECTIVE_OUT_OF_TERM', 'input.effectiveDate', () => ({ effectiveDate: '2027-01-01' })],
    ['no reason', 'TEXT_INVALID', 'input.reason', () => ({ reason: '' })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const contract = await suspended();
    expect(await refusalOf(world, () => resume(contract, change()))).toMatchObject({ code, path, retryable: false });
  });

  test('what is not suspended is not resumed', async () => {
    const contract = await sampleContract(world, given, `U-${++numbers}`);
    expect(await refusalOf(world, () => resume(contract))).toMatchObject({ code: 'NOT_SUSPENDED', path: 'input.effectiveDate' });
  });
});
