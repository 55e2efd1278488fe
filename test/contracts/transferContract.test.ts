import type { Contract } from '../../entities/contracts/Contract';
import type { TransferContractInput } from '../../subgraphs/contracts/api';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { transferContract } from '../../subgraphs/contracts/commands/transferContract';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, unknownId } from '../harness/refusals';
import { anotherEntity, type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';
import { allOf, postings } from './given';

describe.each(DATABASES)('transferContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let other: string;
  let late: string;
  let numbers = 0;
  const contractOf10 = () => sampleContract(world, given, `T-${++numbers}`);
  const transfer = ({ id }: Pick<Contract, 'id'>, change: Partial<TransferContractInput> = {}) =>
    world.do(transferContract, { contractId: id, legalEntityId: other, reason: 'Moved to France', ...change });

  beforeAll(async () => {
    world = await World.open({ database });
    given = await sample(world);
    other = (await anotherEntity(world)).id;
    late = (await world.do(upsertLegalEntity, { code: 'NEW1', name: 'New', currency: 'EUR', timeZone: 'UTC', booksFrom: '2026-12-01', bankAccounts: [] })).id;
  });
  afterAll(() => world.close());

  test('another legal entity bills from today on: version 2, told, and posted in its name', async () => {
    const contract = await contractOf10();
    const moved = await transfer(contract, { expectedVersion: 1 });
    expect(moved).toMatchObject({ version: 2, legalEntityId: other, billedBy: [{ from: '2026-01-01', legalEntityId: given.entity.id }, { from: '2026-11-24', legalEntityId: other }] });
    expect((await world.told()).at(-1)).toBe('contract.transferred');
    await world.settles();
    expect(await postings(world, contract.id, 2)).toEqual(allOf('POSTED'));
  });

  test('on a day to come the one of today still bills, and each day knows its own', async () => {
    const contract = await contractOf10();
    expect(await transfer(contract, { effectiveDate: '2026-12-10' })).toMatchObject({ legalEntityId: given.entity.id, nextChangeOn: '2026-12-10' });
    const { data } = await world.ask(`query($id: ID!) { contract(id: $id) { legalEntity { id } before: billedByOn(day: "2026-12-09") { id } after: billedByOn(day: "2026-12-10") { id }
      amendments { kind effectiveDate reason client changes valueBefore { amount } valueAfter { amount } } } }`, { id: contract.id });
    expect(data.contract).toMatchObject({ legalEntity: { id: given.entity.id }, before: { id: given.entity.id }, after: { id: other } });
    expect(data.contract.amendments.at(-1)).toEqual({
      kind: 'TRANSFER', effectiveDate: '2026-12-10', reason: 'Moved to France', client: 'demo-finance', changes: [`billed by ${other} from 2026-12-10 on`],
      valueBefore: { amount: '12000.00' }, valueAfter: { amount: '12000.00' },
    });
  });

  test.each<[string, string, string, () => Partial<TransferContractInput>]>([
    ['a malformed contract', 'ID_MALFORMED', 'input.contractId', () => ({ contractId: MALFORMED_ID })],
    ['an unknown contract', 'NOT_FOUND', 'id', () => ({ contractId: unknownId('con') })],
    ['a version that never was', 'VERSION_STALE', 'expectedVersion', () => ({ expectedVersion: 2 })],
    ['an unknown legal entity', 'NOT_FOUND', 'input.legalEntityId', () => ({ legalEntityId: unknownId('ent') })],
    ['the one that bills already', 'LEGAL_ENTITY_SAME', 'input.legalEntityId', () => ({ legalEntityId: given.entity.id })],
    ['a day before its books begin', 'PERIOD_BEFORE_FIRST', 'input.effectiveDate', () => ({ legalEntityId: late })],
    ['a day before the contract', 'EFFECTIVE_OUT_OF_TERM', 'input.effectiveDate', () => ({ effectiveDate: '2025-12-31' })],
    ['a day after the contract', 'EFFECTIVE_OUT_OF_TERM', 'input.effectiveDate', () => ({ effectiveDate: '2027-01-01' })],
    ['no reason', 'TEXT_INVALID', 'input.reason', () => ({ reason: '' })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const contract = await contractOf10();
    expect(await refusalOf(world, () => transfer(contract, change()))).toMatchObject({ code, path, retryable: false });
  });

  test('a cancelled contract is transferred no more', async () => {
    const contract = await contractOf10();
    await world.do(cancelContract, { contractId: contract.id, reason: 'Left' });
    expect(await refusalOf(world, () => transfer(contract))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
  });
});
