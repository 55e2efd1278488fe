import type { Contract } from '../../entities/contracts/Contract';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { renewContract } from '../../subgraphs/contracts/commands/renewContract';
import { withdrawAmendment } from '../../subgraphs/contracts/commands/withdrawAmendment';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { resolveException } from '../../subgraphs/operations/commands/resolveException';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';
import { allOf, entitlements, postings } from './given';

describe.each(DATABASES)('withdrawAmendment on %s', (database) => {
  let world: World;
  let given: Sample;
  let contract: Contract;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    contract = await sampleContract(world, given);
    await world.settles();
    world.clock.travelTo('2026-11-24T10:00:00Z');
  });
  afterEach(() => world.close());

  const renew = (quantity = '15') =>
    world.do(renewContract, { contractId: contract.id, endDate: '2027-12-31', reason: 'Renewal', effectiveDate: '2026-11-24', lines: [{ productId: given.product.id, quantity }] });
  const withdraw = (change = {}) => world.do(withdrawAmendment, { contractId: contract.id, reason: 'Signed by mistake', ...change });
  const refuses = (backend: string, match: string) => world.sandbox!.faults.set({ backend, fault: 'reject', match } as never);
  const inBooks = async (backend: string, kind: string) =>
    (await world.audit<{ rows: { kind: string; version: number }[] }>(`/${backend}/documents?tenant=demo`)).rows.filter((row) => row.kind === kind).map(({ version }) => version);
  const granted = async () => (await world.audit<{ rows: unknown } & { quantity: string }[]>('/saas/entitlements?tenant=demo')).map(({ quantity }) => quantity);
  const open = () => rowsOf(world, ExceptionItem, { state: 'OPEN' } as never);
  const GONE = ['SUPERSEDED NEVER_SENT', 'SUPERSEDED NOTHING_TO_UNDO'];
  const fates = async (kind: string, backend: string) =>
    (await rowsOf(world, Posting, { resourceId: contract.id, kind, backend } as never)).sort((a, b) => a.sequence - b.sequence)
      .filter(({ document }) => document.version > 1).map(({ state, supersededReason }) => [state, supersededReason].filter(Boolean).join(' '));

  test('a renewal that all backends have is followed by the terms before it', async () => {
    await renew();
    await world.settles();
    const back = await withdraw({ expectedVersion: 2 });
    expect(back).toMatchObject({ version: 3, withdraws: 2, endDate: '2026-12-31', reason: 'Signed by mistake', lineItems: [{ quantity: '10' }] });
    expect((await world.told()).at(-2)).toBe('contract.amendmentWithdrawn');
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
    await world.settles();
    expect(await postings(world, contract.id, 3)).toEqual(allOf('POSTED'));
    expect(await Promise.all([inBooks('billing', 'contract'), inBooks('crm', 'contract'), granted()])).toEqual([[3], [3], ['10']]);
  });

  test('one that nobody has goes nowhere, and neither does its withdrawal', async () => {
    await renew();
    await withdraw();
    for (const version of [2, 3]) expect(await postings(world, contract.id, version)).toEqual(allOf('SUPERSEDED'));
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
    await world.settles();
    expect(await Promise.all([inBooks('billing', 'contract'), inBooks('crm', 'contract'), granted()])).toEqual([[1], [1], ['10']]);
  });

  test('one that the CRM refused is withdrawn in billing, and nowhere was a seat more to be used', async () => {
    refuses('crm', 'contract');
    await renew();
    await world.settles();
    expect(await postings(world, contract.id, 2)).toEqual(['contract/billing POSTED', 'contract/crm REJECTED', 'contractCheck/erp POSTED', 'entitlement/saas PENDING']);
    world.sandbox!.faults.clear();
    await withdraw();
    expect(await open()).toEqual([]);
    await world.settles();
    expect(await fates('contract', 'billing')).toEqual(['POSTED', 'POSTED']);
    expect(await fates('contract', 'crm')).toEqual(['SUPERSEDED REJECTED', 'SUPERSEDED NOTHING_TO_UNDO']);
    expect(await fates('entitlement', 'saas')).toEqual(GONE);
    expect(await Promise.all([inBooks('billing', 'contract'), inBooks('crm', 'contract'), inBooks('saas', 'entitlement'), granted()])).toEqual([[3], [1], [1], ['10']]);
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
  });

  test('one that the ERP refused to invoice goes nowhere, and its exception is resolved', async () => {
    refuses('erp', 'contractCheck');
    await renew();
    await world.settles();
    world.sandbox!.faults.clear();
    await withdraw();
    expect(await open()).toEqual([]);
    expect(await fates('contractCheck', 'erp')).toEqual(['SUPERSEDED REJECTED', 'SUPERSEDED NOTHING_TO_UNDO']);
    expect(await fates('contract', 'billing')).toEqual(GONE);
    await world.settles();
    expect(await inBooks('billing', 'contract')).toEqual([1]);
  });

  test('where the version before is not in place either, the withdrawal goes out alone', async () => {
    refuses('erp', 'contractCheck');
    contract = await sampleContract(world, given, 'C-2');
    await world.runner.round('erp');
    world.sandbox!.faults.clear();
    await world.do(amendContract, { contractId: contract.id, reason: 'More', lines: [{ productId: given.product.id, quantity: '12' }] });
    await world.runner.round('erp');
    expect(await postings(world, contract.id, 1)).toEqual(allOf('SUPERSEDED'));
    await withdraw();
    expect(await fates('contract', 'billing')).toEqual(['SUPERSEDED NEVER_SENT', 'PENDING']);
    await world.settles();
    expect(await postings(world, contract.id, 3)).toEqual(allOf('POSTED'));
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
  });

  test('a backend that has it and refuses the withdrawal leaves an exception of its own, which only posting resolves', async () => {
    await renew();
    await world.settles();
    await withdraw();
    refuses('billing', 'contract');
    await world.settles();
    const [item] = await open();
    expect(item).toMatchObject({ kind: 'COMPENSATION_FAILED', atRiskMinor: 150000n, currency: 'EUR' });
    expect(item!.nextAction).toContain('billing keeps what was taken back');
    expect(await refusalOf(world, () => world.do(resolveException, { exceptionId: item!.id, resolution: 'never mind' }))).toMatchObject({ code: 'COMPENSATION_OPEN' });
    await world.do(retryPosting, { postingId: item!.subjectId });
    expect(await open()).toMatchObject([{ id: item!.id }]);
    await world.settles();
    expect(await open()).toMatchObject([{ id: item!.id }]);
    world.sandbox!.faults.clear();
    await world.do(retryPosting, { postingId: item!.subjectId });
    await world.settles();
    expect(await open()).toEqual([]);
    expect(await postings(world, contract.id, 3)).toEqual(allOf('POSTED'));
  });

  test('terms that were invoiced are withdrawn only once the invoice is', async () => {
    await renew();
    const invoice = await world.do(issueInvoice, { reference: 'R-1', contractId: contract.id });
    expect(await refusalOf(world, () => withdraw())).toMatchObject({ code: 'TERMS_INVOICED', path: 'input.contractId' });
    await world.do(voidInvoice, { invoiceId: invoice.id, reason: 'Withdrawn' });
    expect(await withdraw()).toMatchObject({ version: 3 });
  });

  const amended = () => world.do(amendContract, { contractId: contract.id, reason: 'More', lines: [{ productId: given.product.id, quantity: '12' }] });
  test.each<[string, string, () => Promise<unknown>, object?]>([
    ['a first version', 'NOTHING_TO_WITHDRAW', async () => undefined],
    ['a withdrawal', 'ALREADY_WITHDRAWN', async () => (await amended(), withdraw())],
    ['a cancelled contract', 'MOVE_NOT_ALLOWED', async () => (await amended(), world.do(cancelContract, { contractId: contract.id, reason: 'Left' }))],
    ['a stale version', 'VERSION_STALE', amended, { expectedVersion: 1 }],
    ['a withdrawal without a reason', 'TEXT_INVALID', amended, { reason: '' }],
    ['a malformed contract', 'ID_MALFORMED', amended, { contractId: MALFORMED_ID }],
    ['an unknown contract', 'NOT_FOUND', amended, { contractId: unknownId('con') }],
  ].map(([what, code, before, change = {}]) => [what, code, before, change] as never))('%s is refused with %s', async (_what, code, before, change) => {
    await before();
    expect(await refusalOf(world, () => withdraw(change))).toMatchObject({ code, retryable: false });
  });

  test('the public schema answers the contract, with the version that was taken back', async () => {
    await amended();
    const mutation = `mutation($input: WithdrawAmendmentInput!) { withdrawAmendment(input: $input) {
      __typename ... on Contract { version withdraws reason lines { quantity } } ... on Refused { code } } }`;
    const input = { contractId: contract.id, reason: 'Signed by mistake', expectedVersion: 2 };
    const answer = { __typename: 'Contract', version: 3, withdraws: 2, reason: 'Signed by mistake', lines: [{ quantity: '10' }] };
    expect((await world.ask(mutation, { input }, { role: 'crm' })).data.withdrawAmendment).toEqual(answer);
    expect((await world.ask(mutation, { input: { ...input, expectedVersion: 3 } })).data.withdrawAmendment).toEqual({ __typename: 'Refused', code: 'ALREADY_WITHDRAWN' });
  });
});
