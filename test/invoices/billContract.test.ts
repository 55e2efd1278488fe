import type { Contract } from '../../entities/contracts/Contract';
import { BilledItem } from '../../entities/invoices/BilledItem';
import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { renewContract } from '../../subgraphs/contracts/commands/renewContract';
import { suspendContract } from '../../subgraphs/contracts/commands/suspendContract';
import { transferContract } from '../../subgraphs/contracts/commands/transferContract';
import type { CreateContractInput } from '../../subgraphs/contracts/api';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { anotherEntity, type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

describe.each(DATABASES)('billContract on %s', (database) => {
  let world: World;
  let given: Sample;
  let numbers = 0;
  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
  });
  afterAll(() => world.close());

  /** Ten seats at 30.00 a month, billed from November on. */
  const create = (change: Partial<CreateContractInput> = {}) =>
    world.do(createContract, {
      number: `B-${++numbers}`, customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-11-01',
      lines: [{ productId: given.product.id, quantity: '10', unitPrice: EUR('30.00') }], ...change,
    });
  const bill = (contract: Contract, upTo?: string) => world.do(billContract, { contractId: contract.id, upTo });
  const seats = (quantity: string) => [{ productId: given.product.id, quantity }];
  const documents = async ({ id }: Contract) => {
    const invoices = await rowsOf(world, Invoice, { contractId: id });
    const memos = (await Promise.all(invoices.map((invoice) => rowsOf(world, CreditMemo, { invoiceId: invoice.id })))).flat();
    return [...invoices.map(({ invoiceDate, netMinor, legalEntityId }) => `${invoiceDate} ${legalEntityId === given.entity.id ? '' : 'other '}${netMinor}`), ...memos.map(({ creditDate, netMinor }) => `${creditDate} -${netMinor}`)].sort();
  };
  const net = async ({ id }: Contract) => (await rowsOf(world, BilledItem, { contractId: id })).reduce((all, { amountMinor }) => all + amountMinor, 0n);

  test('a contract is billed for what has fallen due, each line says for which days, and a second time there is nothing to do', async () => {
    const contract = await create();
    const done = await bill(contract);
    expect(done).toMatchObject({ creditMemoIds: [], nextBillOn: '2026-12-01' });
    const [invoice] = await rowsOf(world, Invoice, { contractId: contract.id });
    expect(invoice).toMatchObject({ id: done.invoiceIds[0], reference: `${contract.number}/DE01/1`, invoiceDate: '2026-11-24', dueDate: '2026-12-24', netMinor: 30_000n, taxMinor: 6_000n, totalMinor: 36_000n });
    expect(invoice!.lineItems).toMatchObject([{ description: 'Seat, 2026-11-01 to 2026-11-30', quantity: '10', unitPriceMinor: '3000', serviceFrom: '2026-11-01', serviceUntil: '2026-12-01' }]);
    expect(await bill(contract)).toEqual({ contractId: contract.id, invoiceIds: [], creditMemoIds: [], nextBillOn: '2026-12-01' });
    await world.settles();
    expect((await rowsOf(world, Posting, { resourceId: done.invoiceIds[0] })).map(({ backend, state, errorMessage }) => [backend, state, errorMessage])).toEqual(expect.arrayContaining([['billing', 'POSTED', null], ['erp', 'POSTED', null]]));
  });

  test('seats added in the middle of a month are charged for its rest, seats taken away are credited on the line that charged them', async () => {
    const contract = await create();
    await bill(contract);
    await world.do(amendContract, { contractId: contract.id, reason: 'More', effectiveDate: '2026-11-16', lines: seats('20') });
    await bill(contract);
    await world.do(amendContract, { contractId: contract.id, reason: 'Fewer', effectiveDate: '2026-11-25', lines: seats('5') });
    const { creditMemoIds } = await bill(contract);
    // 10 for 15 days, 20 for 9, 5 for 6, of 30: 150.00 + 180.00 + 30.00
    expect(await documents(contract)).toEqual(['2026-11-24 -9000', '2026-11-24 15000', '2026-11-24 30000']);
    expect(await net(contract)).toBe(36_000n);
    const [memo] = await rowsOf(world, CreditMemo, { id: creditMemoIds[0] });
    expect(memo).toMatchObject({ reason: 'Fewer', netMinor: 9_000n, taxMinor: 1_800n, unappliedMinor: 0n, lineItems: [{ ofLineId: 'line-1' }] });
  });

  test('what was paid and is owed no longer is to the credit of the customer, and what is open never falls below nothing', async () => {
    const contract = await create();
    const { invoiceIds } = await bill(contract);
    await world.do(recordPayment, { reference: `PAID-${numbers}`, customerId: given.customer.id, legalEntityId: given.entity.id, amount: EUR('300.00'), applyTo: [{ invoiceId: invoiceIds[0]! }] });
    await world.do(cancelContract, { contractId: contract.id, reason: 'Left', effectiveDate: '2026-11-16' });
    await bill(contract);
    const [memo] = await rowsOf(world, CreditMemo, { invoiceId: invoiceIds[0] });
    expect(memo).toMatchObject({ totalMinor: 18_000n, unappliedMinor: 12_000n });
    expect((await rowsOf(world, Invoice, { id: invoiceIds[0] }))[0]).toMatchObject({ openMinor: 0n, settlement: 'PAID' });
    const { data } = await world.ask('query($id: ID!) { invoice(id: $id) { availableActions { mutation } creditMemos { unapplied { amount } } } }', { id: invoiceIds[0] });
    expect(data.invoice).toEqual({ availableActions: [{ mutation: 'unapplyPayment' }], creditMemos: [{ unapplied: { amount: '120.00' } }] });
    const status = await world.ask('query($id: ID!) { customer(id: $id) { financialStatus { balances { unapplied { amount } } } } }', { id: given.customer.id });
    expect(status.data.customer.financialStatus.balances).toEqual([{ unapplied: { amount: '120.00' } }]);
    await world.settles();
    expect((await world.ask('{ exceptions(filter: { state: OPEN }) { nodes { kind message } } }')).data.exceptions.nodes).toEqual([]);
  });

  test('a cancellation after an amendment after a renewal never credits more than was billed', async () => {
    const contract = await create({ billingFrom: '2026-01-01' });
    await bill(contract, '2026-10-01');
    await world.do(renewContract, { contractId: contract.id, endDate: '2027-12-31', reason: 'Renewed', effectiveDate: '2026-06-10', lines: seats('25') });
    await bill(contract, '2026-11-02');
    await world.do(amendContract, { contractId: contract.id, reason: 'Fewer', effectiveDate: '2026-03-05', lines: seats('3') });
    await bill(contract);
    await world.do(cancelContract, { contractId: contract.id, reason: 'Never began', effectiveDate: '2026-01-01' });
    await bill(contract);
    expect(await net(contract)).toBe(0n);
    for (const invoice of await rowsOf(world, Invoice, { contractId: contract.id })) expect(invoice.creditedMinor).toBe(invoice.totalMinor);
  });

  test('after a transfer the old legal entity takes back what the new one charges', async () => {
    const other = await anotherEntity(world, `N${numbers}`);
    const contract = await create();
    await bill(contract);
    await world.do(transferContract, { contractId: contract.id, legalEntityId: other.id, reason: 'Moved', effectiveDate: '2026-11-16' });
    await bill(contract);
    expect(await documents(contract)).toEqual(['2026-11-24 -15000', '2026-11-24 30000', '2026-11-24 other 15000']);
  });

  test('a voided invoice is billed anew, one credited by hand is not', async () => {
    const contract = await create();
    const { invoiceIds } = await bill(contract);
    await world.do(voidInvoice, { invoiceId: invoiceIds[0]!, reason: 'Wrong address' });
    const again = await bill(contract);
    expect(again.invoiceIds).toHaveLength(1);
    await world.do(creditInvoice, { reference: `GOODWILL-${numbers}`, invoiceId: again.invoiceIds[0]!, reason: 'Goodwill', lines: [{ lineId: 'line-1', quantity: '4' }] });
    expect(await bill(contract)).toMatchObject({ invoiceIds: [], creditMemoIds: [] });
    await world.do(cancelContract, { contractId: contract.id, reason: 'Left', effectiveDate: '2026-11-01' });
    await bill(contract);
    const memos = await rowsOf(world, CreditMemo, { invoiceId: again.invoiceIds[0] });
    expect(memos.reduce((all, { netMinor }) => all + netMinor, 0n)).toBe(30_000n); // the rest, not all of it a second time
    expect(await bill(contract)).toMatchObject({ invoiceIds: [], creditMemoIds: [] });
  });

  test('days without service are credited', async () => {
    const contract = await create();
    await bill(contract);
    await world.do(suspendContract, { contractId: contract.id, reason: 'Pause', effectiveDate: '2026-11-21' });
    await bill(contract);
    expect(await net(contract)).toBe(20_000n);
  });

  test('64 clients that bill one contract at once make one invoice', async () => {
    const contract = await create();
    const all = await Promise.all(Array.from({ length: 64 }, () => bill(contract)));
    expect(all.filter(({ invoiceIds }) => invoiceIds.length > 0)).toHaveLength(1);
    expect(await documents(contract)).toEqual(['2026-11-24 30000']);
  });

  test('what the run bills is not billed by hand a second time; charges besides are', async () => {
    const contract = await create();
    expect(await refusalOf(world, () => world.do(issueInvoice, { reference: `X-${numbers}`, contractId: contract.id }))).toMatchObject({ code: 'BILLED_BY_RUN', path: 'input.contractId' });
    const lines = [{ productId: given.product.id, quantity: '1', unitPrice: EUR('5.00'), description: 'Set-up' }];
    expect(await world.do(issueInvoice, { reference: `X-${numbers}`, contractId: contract.id, lines })).toMatchObject({ netMinor: 500n });
  });

  test.each<[string, string, string, () => Promise<{ contractId: string; upTo?: string }>]>([
    ['a malformed contract', 'ID_MALFORMED', 'input.contractId', async () => ({ contractId: MALFORMED_ID })],
    ['an unknown contract', 'NOT_FOUND', 'id', async () => ({ contractId: unknownId('con') })],
    ['a contract that is billed by hand', 'BILLING_BY_HAND', 'input.contractId', async () => ({ contractId: (await sampleContract(world, given, `H-${++numbers}`)).id })],
    ['a day to come', 'BILLING_IN_FUTURE', 'input.upTo', async () => ({ contractId: (await create()).id, upTo: '2026-11-25' })],
  ])('%s is refused with %s at %s', async (_what, code, path, input) => {
    const asked = await input();
    expect(await refusalOf(world, () => world.do(billContract, asked))).toMatchObject({ code, path, retryable: false });
  });

  test('the public schema answers what was made, or what it was refused with', async () => {
    const mutation = `mutation($input: BillContractInput!) { billContract(input: $input) {
      __typename ... on BilledContract { nextBillOn invoices { total { amount } lines { serviceFrom serviceUntil } } creditMemos { number } } ... on Refused { code } } }`;
    const contract = await create();
    const once = { input: { contractId: contract.id, idempotencyKey: `bill-${contract.id}` } };
    const answer = { __typename: 'BilledContract', nextBillOn: '2026-12-01', invoices: [{ total: { amount: '360.00' }, lines: [{ serviceFrom: '2026-11-01', serviceUntil: '2026-12-01' }] }], creditMemos: [] };
    expect((await world.ask(mutation, once)).data.billContract).toEqual(answer);
    expect((await world.ask(mutation, once)).data.billContract).toEqual(answer);
    expect((await world.ask(mutation, { input: { contractId: MALFORMED_ID } })).data.billContract).toEqual({ __typename: 'Refused', code: 'ID_MALFORMED' });
  });
});
