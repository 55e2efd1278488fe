import { RevenueJournal } from '../../entities/invoices/RevenueJournal';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import type { RecognizeRevenueInput } from '../../subgraphs/invoices/api';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { beginPeriodClose } from '../../subgraphs/invoices/commands/beginPeriodClose';
import { closePeriod } from '../../subgraphs/invoices/commands/closePeriod';
import { recognizeRevenue } from '../../subgraphs/invoices/commands/recognizeRevenue';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { World } from '../harness/world';
import { yearOfRevenue } from './ledgerGiven';

describe.each(DATABASES)('recognizeRevenue on %s', (database) => {
  let world: World;
  let given: Awaited<ReturnType<typeof yearOfRevenue>>;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await yearOfRevenue(world);
  });
  afterEach(() => world.close());

  const recognize = (month: string, change: Partial<RecognizeRevenueInput> = {}) => world.do(recognizeRevenue, { legalEntityId: given.entity.id, month, ...change });
  const booked = async () => {
    const rows = await world.audit<{ entity: string; kind: string; debitMinor: string; creditMinor: string }[]>('/erp/balances?tenant=demo');
    return Object.fromEntries(rows.map(({ kind, debitMinor, creditMinor }) => [kind, BigInt(debitMinor) - BigInt(creditMinor)]));
  };
  const seats = (quantity: string) => [{ productId: given.product.id, quantity }];
  const balances = async () => (await world.ask(
    'query($id: ID!) { contract(id: $id) { revenue { balances { billed { amount } recognized { amount } deferred { amount } contractAsset { amount } } months { month scheduled { amount } recognized { amount } } } } }',
    { id: given.contract.id },
  )).data.contract.revenue;

  test('what is billed waits as deferred revenue; each month takes its part into revenue, once, and the ERP books it', async () => {
    expect(await booked()).toEqual({ receivable: 144_000n, deferredRevenue: -120_000n, tax: -24_000n });
    const { journalIds, last } = await recognize('2026-10');
    expect(last).toBeNull();
    const [journal] = await rowsOf(world, RevenueJournal, { id: journalIds[0] });
    expect(journal).toMatchObject({ number: 'RVJ-DE01-2026-000001', month: '2026-10', journalDate: '2026-10-31', recognizedMinor: 10_000n, currency: 'EUR' });
    expect((await world.told()).at(-1)).toBe('revenue.recognized');
    expect(await recognize('2026-10')).toEqual({ journalIds: [], last: null });
    await world.settles();
    expect(await booked()).toEqual({ receivable: 144_000n, deferredRevenue: -110_000n, revenue: -10_000n, tax: -24_000n });
    expect((await balances()).balances).toEqual([{ billed: { amount: '1200.00' }, recognized: { amount: '100.00' }, deferred: { amount: '1100.00' }, contractAsset: { amount: '0.00' } }]);
  });

  test('an amendment changes the months to come, a cancellation takes back what is not earned, and what is recognized and deferred is what was billed', async () => {
    await recognize('2026-10');
    world.clock.travelTo('2026-12-01T09:00:00Z');
    await recognize('2026-11');
    await world.do(amendContract, { contractId: given.contract.id, reason: 'Twice as many', lines: seats('20') });
    await world.do(billContract, { contractId: given.contract.id });
    await recognize('2026-12');
    world.clock.travelTo('2027-01-05T09:00:00Z');
    await world.do(cancelContract, { contractId: given.contract.id, reason: 'Left', effectiveDate: '2027-01-01' });
    await world.do(billContract, { contractId: given.contract.id });
    await recognize('2027-01');
    await world.settles();
    const { balances: [balance], months } = await balances();
    expect(balance.deferred).toEqual({ amount: '0.00' });
    expect(balance.contractAsset).toEqual({ amount: '0.00' });
    expect(balance.billed).toEqual(balance.recognized);
    expect(months.map(({ month, scheduled, recognized }: any) => [month, scheduled.amount === recognized.amount])).toEqual([['2026-10', true], ['2026-11', true], ['2026-12', true], ['2027-01', true]]);
    const { receivable, deferredRevenue = 0n, revenue, tax } = await booked() as Record<string, bigint>;
    expect(deferredRevenue).toBe(0n);
    expect(receivable! + revenue! + tax!).toBe(0n);
  });

  test('what is one obligation as a whole is caught up when it changes: the month of the change takes what earlier ones would have had', async () => {
    const { key, name, revenueAccount, taxCode, taxRatePercent } = given.product;
    await world.do(upsertProduct, { key, name, revenueAccount, taxCode, taxRatePercent, oneObligation: true });
    world.clock.travelTo('2026-12-01T09:00:00Z');
    await recognize('2026-11');
    await world.do(amendContract, { contractId: given.contract.id, reason: 'Twice as many', lines: seats('20') });
    const { data } = await world.ask('query($id: ID!) { contract(id: $id) { amendments { treatment } } }', { id: given.contract.id });
    expect(data.contract.amendments.at(-1).treatment).toContain('CATCH_UP');
    // 1200.00 and, for 304 of 365 days, as much again are 2199.45: a quarter of it by December, less 200.00
    const months = (await balances()).months.map(({ month, scheduled }: any) => `${month} ${scheduled.amount}`);
    expect(months.slice(0, 4)).toEqual(['2026-10 100.00', '2026-11 100.00', '2026-12 349.86', '2027-01 183.29']);
    await recognize('2026-12');
    expect((await balances()).balances[0].recognized).toEqual({ amount: '549.86' });
  });

  test('several at once recognize once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => recognize('2026-10')));
    expect(all.filter(({ journalIds }) => journalIds.length > 0)).toHaveLength(1);
  });

  test('a closed month takes no journal', async () => {
    await world.do(upsertLegalEntity, { code: 'DE01', name: 'Test GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2026-10-01', bankAccounts: [] });
    await recognize('2026-10');
    await world.settles();
    const month = { legalEntityId: given.entity.id, month: '2026-10' };
    await world.do(beginPeriodClose, month);
    await world.do(closePeriod, month, world.actor('approver'));
    expect(await refusalOf(world, () => recognize('2026-10'))).toMatchObject({ code: 'REVENUE_PERIOD_CLOSED', path: 'input.month' });
  });

  test.each<[string, string, string, () => Partial<RecognizeRevenueInput>]>([
    ['a malformed legal entity', 'ID_MALFORMED', 'input.legalEntityId', () => ({ legalEntityId: MALFORMED_ID })],
    ['an unknown legal entity', 'NOT_FOUND', 'id', () => ({ legalEntityId: unknownId('ent') })],
    ['no month', 'MONTH_MALFORMED', 'input.month', () => ({ month: '2026-13' })],
    ['a month before the books', 'PERIOD_BEFORE_FIRST', 'input.month', () => ({ month: '2024-12' })],
    ['a month that has not begun', 'PERIOD_IN_FUTURE', 'input.month', () => ({ month: '2026-11' })],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => recognize('2026-10', change()))).toMatchObject({ code, path, retryable: false });
  });

  test('the public schema answers the journals', async () => {
    const mutation = `mutation($input: RecognizeRevenueInput!) { recognizeRevenue(input: $input) { __typename
      ... on RecognizedRevenue { last journals { month recognized { amount } lines { side account debit { amount } credit { amount } } } } ... on Refused { code } } }`;
    const { data } = await world.ask(mutation, { input: { legalEntityId: given.entity.id, month: '2026-10' } });
    expect(data.recognizeRevenue).toEqual({
      __typename: 'RecognizedRevenue', last: null, journals: [{ month: '2026-10', recognized: { amount: '100.00' }, lines: [
        { side: 'DEFERRED', account: '2400', debit: { amount: '100.00' }, credit: { amount: '0.00' } }, { side: 'REVENUE', account: '4010', debit: { amount: '0.00' }, credit: { amount: '100.00' } },
      ] }],
    });
    expect((await world.ask(mutation, { input: { legalEntityId: given.entity.id, month: '2027-10' } })).data.recognizeRevenue).toEqual({ __typename: 'Refused', code: 'PERIOD_IN_FUTURE' });
  });
});
