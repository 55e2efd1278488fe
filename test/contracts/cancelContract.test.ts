import type { Contract } from '../../entities/contracts/Contract';
import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import type { CancelContractInput } from '../../subgraphs/contracts/api';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';
import { allOf, entitlements, postings, storage } from './given';

describe.each(DATABASES)('cancelContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let foreign: Sample;
  let numbers = 0;
  const contractOf10 = () => sampleContract(world, given, `X-${++numbers}`);
  const cancel = ({ id }: Pick<Contract, 'id'>, change: Partial<CancelContractInput> = {}) =>
    world.do(cancelContract, { contractId: id, reason: 'Left', ...change });

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    foreign = await sample(world, 'other');
  });
  afterAll(() => world.close());

  test('a cancellation makes the last version with its reason, and is told and posted', async () => {
    const contract = await contractOf10();
    expect(await cancel(contract, { expectedVersion: 1 })).toMatchObject({ id: contract.id, version: 2, state: 'CANCELLED', reason: 'Left', lineItems: contract.lineItems });
    expect((await world.told()).slice(-2)).toEqual(['contract.cancelled', 'entitlement.ended']);
    expect(await postings(world, contract.id, 2)).toEqual(allOf('PENDING'));
    await world.settles();
    expect(await postings(world, contract.id, 2)).toEqual(allOf('POSTED'));
  });

  test('it ends every entitlement at once, granted or held, and no late posting grants it again', async () => {
    const contract = await contractOf10();
    await world.settles();
    const { id: productId } = await storage(world);
    await world.do(amendContract, { contractId: contract.id, reason: 'More', lines: [{ productId, quantity: '2', unitPrice: { amount: '1', currency: 'EUR' } }] });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10', 'STORAGE HELD 0/2']);
    await cancel(contract);
    const ended = ['SEAT ENDED 0/0', 'STORAGE ENDED 0/0'];
    expect(await entitlements(world, contract.id)).toEqual(ended);
    await world.settles();
    expect(await entitlements(world, contract.id)).toEqual(ended);
  });

  test('the SaaS platform is told that nothing is granted any more', async () => {
    const contract = await contractOf10();
    await cancel(contract);
    const sent = await rowsOf(world, Posting, { resourceId: contract.id, backend: 'saas' });
    expect(sent.find(({ document }) => document.version === 2)!.document.body).toMatchObject({ contractNumber: contract.number, grants: [] });
  });

  test('what was invoiced stays due', async () => {
    const contract = await contractOf10();
    const invoice = await world.do(issueInvoice, { reference: 'DUE', contractId: contract.id });
    await cancel(contract);
    expect((await rowsOf(world, Invoice, { id: invoice.id }))[0]).toMatchObject({ state: 'ISSUED', version: 1, openMinor: invoice.totalMinor });
  });

  test('the same idempotency key cancels once, and without a key the second time is refused', async () => {
    const contract = await contractOf10();
    const once = { idempotencyKey: `cancel-${contract.id}` };
    await cancel(contract, once);
    expect(await cancel(contract, once)).toMatchObject({ id: contract.id, version: 2, state: 'CANCELLED' });
    expect(await postings(world, contract.id, 3)).toEqual([]);
    expect(await refusalOf(world, () => cancel(contract))).toMatchObject({
      code: 'MOVE_NOT_ALLOWED', message: 'Cannot cancel what is CANCELLED; possible: nothing.', retryable: false,
    });
  });

  test.each<[string, string, string, Partial<CancelContractInput>]>([
    ['a malformed contract', 'ID_MALFORMED', 'input.contractId', { contractId: MALFORMED_ID }],
    ['a customer as contract', 'ID_MALFORMED', 'input.contractId', { contractId: unknownId('cus') }],
    ['an unknown contract', 'NOT_FOUND', 'id', { contractId: unknownId('con') }],
    ['a version that never was', 'VERSION_STALE', 'expectedVersion', { expectedVersion: 2 }],
    ['no reason', 'TEXT_INVALID', 'input.reason', { reason: ' ' }],
    ['a reason with a control character', 'TEXT_INVALID', 'input.reason', { reason: 'a\u0007' }],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    const contract = await contractOf10();
    expect(await refusalOf(world, () => cancel(contract, change))).toMatchObject({ code, path, retryable: false });
  });

  test("another tenant's contract is not there", async () => {
    const theirs = await sampleContract(world, foreign);
    expect(await refusalOf(world, () => cancel(theirs))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('the public schema answers the contract, or what it was refused with', async () => {
    const mutation = `mutation($input: CancelContractInput!) { cancelContract(input: $input) {
      __typename ... on Contract { version state } ... on Refused { code message path retryable } } }`;
    const input = { contractId: (await contractOf10()).id, reason: 'Left' };
    expect((await world.ask(mutation, { input })).data.cancelContract).toEqual({ __typename: 'Contract', version: 2, state: 'CANCELLED' });
    expect((await world.ask(mutation, { input })).data.cancelContract).toEqual({
      __typename: 'Refused', code: 'MOVE_NOT_ALLOWED', message: 'Cannot cancel what is CANCELLED; possible: nothing.', path: '', retryable: false,
    });
  });
});
