import type { Contract } from '../../entities/contracts/Contract';
import type { TransferContractInput } from '../../subgraphs/contracts/api';
import { CustomerSubscription } from '../../entities/contracts/CustomerSubscription';
import { advanceContract } from '../../subgraphs/contracts/commands/advanceContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { transferContract } from '../../subgraphs/contracts/commands/transferContract';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherCustomer, anotherEntity, type Sample, sample, sampleContract } from '../harness/sample';
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
    ['nobody to transfer it to', 'TRANSFER_EMPTY', 'input', () => ({ legalEntityId: null })],
    ['an unknown customer', 'NOT_FOUND', 'input.customerId', () => ({ customerId: unknownId('cus') })],
    ['a malformed customer', 'ID_MALFORMED', 'input.customerId', () => ({ customerId: MALFORMED_ID })],
    ['the customer who has it', 'CUSTOMER_SAME', 'input.customerId', () => ({ legalEntityId: null, customerId: given.customer.id })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const contract = await contractOf10();
    expect(await refusalOf(world, () => transfer(contract, change()))).toMatchObject({ code, path, retryable: false });
  });

  test('another customer has it from a day on: it may use it from then, and each day knows its own', async () => {
    const contract = await contractOf10();
    const { id } = await anotherCustomer(world);
    expect(await transfer(contract, { legalEntityId: null, customerId: id, effectiveDate: '2026-12-10' })).toMatchObject({ customerId: given.customer.id, nextChangeOn: '2026-12-10' });
    world.clock.travelTo('2026-12-10T09:00:00Z');
    expect(await world.do(advanceContract, { contractId: contract.id })).toMatchObject({ customerId: id, ownedBy: [{ from: '2026-01-01', customerId: given.customer.id }, { from: '2026-12-10', customerId: id }] });
    expect(await rowsOf(world, CustomerSubscription, { contractId: contract.id })).toMatchObject([{ customerId: id, soldUnits: 10n }]);
    await world.settles();
    expect(await postings(world, contract.id, 3)).toEqual(allOf('POSTED'));
    world.clock.travelTo('2026-11-24T10:00:00Z');
  });

  test('a cancelled contract is transferred no more', async () => {
    const contract = await contractOf10();
    await world.do(cancelContract, { contractId: contract.id, reason: 'Left' });
    expect(await refusalOf(world, () => transfer(contract))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
  });
});
