import { AccountingPeriod } from '../../entities/invoices/AccountingPeriod';
import { Invoice } from '../../entities/invoices/Invoice';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { beginPeriodClose } from '../../subgraphs/invoices/commands/beginPeriodClose';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { closePeriod } from '../../subgraphs/invoices/commands/closePeriod';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { recognizeRevenue } from '../../subgraphs/invoices/commands/recognizeRevenue';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { yearOfRevenue } from './ledgerGiven';

describe.each(DATABASES)('closePeriod on %s', (database) => {
  let world: World;
  let given: Awaited<ReturnType<typeof yearOfRevenue>>;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await yearOfRevenue(world);
    await world.do(upsertLegalEntity, { code: 'DE01', name: 'Test GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2026-10-01', bankAccounts: [] });
  });
  afterEach(() => world.close());

  const month = (name = '2026-10') => ({ legalEntityId: given.entity.id, month: name });
  const begin = (name?: string) => world.do(beginPeriodClose, month(name));
  const close = (name?: string) => world.do(closePeriod, month(name), world.actor('approver'));
  const ledger = async (name = '2026-10') => (await world.ask('query($legalEntityId: ID!, $month: String!) { monthOfLedger(legalEntityId: $legalEntityId, month: $month) { state report reportHash missing { what count nextAction } } }', month(name))).data.monthOfLedger;
  const closed = async () => {
    await world.do(recognizeRevenue, month());
    await world.settles();
    await begin();
    return close();
  };

  test('a month is closed when nothing is missing, and says before what is', async () => {
    await begin();
    expect((await ledger()).missing).toEqual([{ what: 'REVENUE_NOT_RECOGNIZED', count: 1, nextAction: 'Recognize the revenue of the month.' }]);
    expect(await refusalOf(world, close)).toMatchObject({ code: 'PERIOD_NOT_READY', message: '2026-10 cannot be closed yet: 1 × REVENUE_NOT_RECOGNIZED.', retryable: true });
    await world.do(recognizeRevenue, month());
    expect((await ledger()).missing).toMatchObject([{ what: 'POSTING_OPEN', count: 1 }]);
    await world.settles();
    expect((await ledger()).missing).toEqual([]);
    expect(await close()).toMatchObject({ state: 'CLOSED', version: 2, reportHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await world.told()).at(-1)).toBe('accountingPeriod.changed');
    expect(await ledger()).toMatchObject({ state: 'CLOSED', missing: [] });
  });

  test('an amendment of a closed month is accepted, its correction lands in the open one, and the report of the closed one stays the same to the byte', async () => {
    await closed();
    const before = await ledger();
    const [period] = await rowsOf(world, AccountingPeriod, { month: '2026-10' });
    world.clock.travelTo('2026-11-10T09:00:00Z');
    const lines = [{ productId: given.product.id, quantity: '13' }];
    const late = { contractId: given.contract.id, reason: 'Agreed in October, heard of in November', effectiveDate: '2026-10-01', lines };
    const { data } = await world.ask('query($input: AmendContractInput!) { previewAmendment(input: $input) { ... on ContractPreview { closedPeriods { month correctedIn } } } }', { input: late });
    expect(data.previewAmendment.closedPeriods).toEqual([{ month: '2026-10', correctedIn: '2026-11' }]);
    await world.do(amendContract, late);
    await world.do(billContract, { contractId: given.contract.id });
    await world.do(recognizeRevenue, month('2026-11'));
    await world.settles();
    expect(await ledger()).toEqual(before);
    expect((await rowsOf(world, AccountingPeriod, { month: '2026-10' }))[0]).toEqual(period);
    const { documents } = JSON.parse((await ledger('2026-11')).report);
    expect(documents.invoices).toMatchObject([{ net: '36000', day: '2026-11-10' }]);
    expect(documents.revenueJournals).toMatchObject([{ total: '16000' }]); // 130.00 of November, and 30.00 that October lacks
  });

  test('neither a void nor what a contract owes lands in it, and both do once there is an open day', async () => {
    const [invoice] = await rowsOf(world, Invoice);
    await closed();
    expect(await refusalOf(world, () => world.do(voidInvoice, { invoiceId: invoice!.id, reason: 'Wrong' }))).toMatchObject({ code: 'PERIOD_CLOSED_HERE', path: 'input.invoiceId' });
    await world.do(amendContract, { contractId: given.contract.id, reason: 'More', effectiveDate: '2026-10-01', lines: [{ productId: given.product.id, quantity: '11' }] });
    expect(await refusalOf(world, () => world.do(billContract, { contractId: given.contract.id }))).toMatchObject({ code: 'PERIOD_CLOSED_HERE', path: 'input.upTo' });
    world.clock.travelTo('2026-11-02T09:00:00Z');
    expect((await world.do(billContract, { contractId: given.contract.id })).invoiceIds).toHaveLength(1);
    expect(await world.do(voidInvoice, { invoiceId: invoice!.id, reason: 'Wrong' })).toMatchObject({ state: 'VOIDED' });
  });

  test('nothing is dated into it any more, and what is refused says from which day on', async () => {
    const invoice = await sampleInvoice(world, given, 'LATER', '50.00').catch(() => undefined);
    expect(invoice).toBeDefined();
    await closed();
    const into = { reference: 'LATE', customerId: given.customer.id, legalEntityId: given.entity.id, invoiceDate: '2026-10-20', lines: [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '1.00', currency: 'EUR' } }] };
    expect(await refusalOf(world, () => world.do(issueInvoice, into))).toMatchObject({ code: 'PERIOD_CLOSED_HERE', path: 'input.invoiceDate', message: expect.stringContaining('2026-11-01') });
    const [billed] = (await world.ask('query($id: ID!) { contract(id: $id) { invoices { id } } }', { id: given.contract.id })).data.contract.invoices;
    const credit = { reference: 'CREDIT', invoiceId: billed.id, reason: 'Late', creditDate: '2026-10-30', lines: [{ lineId: 'line-1', quantity: '1' }] };
    expect(await refusalOf(world, () => world.do(creditInvoice, credit))).toMatchObject({ code: 'PERIOD_CLOSED_HERE', path: 'input.creditDate' });
    world.clock.travelTo('2026-11-02T09:00:00Z');
    expect(await world.do(creditInvoice, { ...credit, creditDate: '2026-11-02' })).toMatchObject({ creditDate: '2026-11-02' });
  });

  test('months are closed in their order', async () => {
    world.clock.travelTo('2026-11-10T09:00:00Z');
    await begin('2026-11');
    expect(await refusalOf(world, () => close('2026-11'))).toMatchObject({ code: 'PERIOD_EARLIER_OPEN', message: '2026-10 has to be closed first.' });
  });

  test.each<[string, string, string, () => object]>([
    ['a malformed legal entity', 'ID_MALFORMED', 'input.legalEntityId', () => ({ legalEntityId: MALFORMED_ID })],
    ['an unknown legal entity', 'NOT_FOUND', 'id', () => ({ legalEntityId: unknownId('ent') })],
    ['no month', 'MONTH_MALFORMED', 'input.month', () => ({ month: 'October' })],
    ['a month before the books', 'PERIOD_BEFORE_FIRST', 'input.month', () => ({ month: '2026-09' })],
    ['a month that has not begun', 'PERIOD_IN_FUTURE', 'input.month', () => ({ month: '2026-11' })],
    ['a month that nobody has begun to close', 'MOVE_NOT_ALLOWED', '', () => ({})],
  ])('%s is refused with %s at %s', async (_what, code, path, change) => {
    expect(await refusalOf(world, () => world.do(closePeriod, { ...month(), ...change() }, world.actor('approver')))).toMatchObject({ code, path });
  });

  test('only a second person closes', async () => {
    const mutation = 'mutation($input: PeriodInput!) { closePeriod(input: $input) { __typename ... on AccountingPeriod { state } ... on Refused { code } } }';
    expect((await world.ask(mutation, { input: month() })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await world.ask(mutation, { input: month() }, { role: 'approver' })).data.closePeriod).toEqual({ __typename: 'Refused', code: 'MOVE_NOT_ALLOWED' });
  });
});
