import { DATABASES } from '../harness/databases';
import { everything } from '../harness/refusals';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const FIELDS = `__typename ... on ContractPreview { digest valueBefore { amount } valueAfter { amount } changes
  schedule { lineKey periodFrom billOn amount { amount } } billing { charges { lineKey periodFrom net { amount } tax { amount } parts } credits { net { amount } } receivable { amount } }
  ledger { account debit { amount } credit { amount } } revenue { month before { amount } after { amount } } entitlements { productKey from before after } closedPeriods { month } }
  ... on Refused { code path others { code path } }`;
const preview = (name: string, type: string) => `query($input: ${type}!) { ${name}(input: $input) { ${FIELDS} } }`;
const mutation = (name: string, type: string) => `mutation($input: ${type}!) { ${name}(input: $input) { __typename ... on Contract { version } ... on Refused { code path } } }`;
const [PREVIEW, AMEND] = [preview('previewAmendment', 'AmendContractInput'), mutation('amendContract', 'AmendContractInput')];

describe.each(DATABASES)('a preview on %s', (database) => {
  let world: World;
  let given: Sample;
  let contractId: string;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    contractId = (await world.do(createContract, {
      number: 'C-1', customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-01-01',
      lines: [{ productId: given.product.id, quantity: '10', unitPrice: { amount: '100.00', currency: 'EUR' } }],
    })).id;
    await world.settles();
  });
  afterEach(() => world.close());

  const seats = (quantity: string, more = {}) => ({ contractId, reason: 'More seats', effectiveDate: '2026-12-16', lines: [{ productId: given.product.id, quantity }], ...more });

  test('says what an amendment comes to, and writes nothing', async () => {
    const before = await everything(world);
    const { data, errors } = await world.ask(PREVIEW, { input: seats('20') });
    expect(errors).toBeUndefined();
    expect(data.previewAmendment).toMatchObject({
      valueBefore: { amount: '12000.00' }, valueAfter: { amount: '12516.13' }, changes: ['SEAT: 10 to 20 units from 2026-12-16 on'],
      schedule: [{ lineKey: 'SEAT', periodFrom: '2026-12-01', billOn: '2026-12-01', amount: { amount: '1516.13' } }],
      revenue: [{ month: '2026-12', before: { amount: '1000.00' }, after: { amount: '1516.13' } }],
      entitlements: [{ productKey: 'SEAT', from: '2026-12-16', before: '10', after: '20' }],
    });
    const { charges, receivable } = data.previewAmendment.billing[0];
    expect(charges).toHaveLength(11); // no run has billed anything so far
    expect(charges[0]).toEqual({ lineKey: 'SEAT', periodFrom: '2026-01-01', net: { amount: '1000.00' }, tax: { amount: '200.00' }, parts: ['2026-01-01 until 2026-02-01: 10 units at 100.00 come to 1000.00'] });
    expect(receivable).toEqual({ amount: '13200.00' });
    expect(data.previewAmendment.ledger).toEqual([
      { account: 'RECEIVABLE', debit: { amount: '13200.00' }, credit: { amount: '0.00' } }, { account: '4010', debit: { amount: '0.00' }, credit: { amount: '11000.00' } },
      { account: 'TAX', debit: { amount: '0.00' }, credit: { amount: '2200.00' } },
    ]);
    expect(await everything(world)).toEqual(before);
  });

  test('what was previewed is carried out under its digest, once', async () => {
    const { digest } = (await world.ask(PREVIEW, { input: seats('20') })).data.previewAmendment;
    const input = { ...seats('20'), expectedDigest: digest };
    expect((await world.ask(AMEND, { input })).data.amendContract).toEqual({ __typename: 'Contract', version: 2 });
    expect((await world.ask(AMEND, { input })).data.amendContract).toEqual({ __typename: 'Refused', code: 'PREVIEW_DIFFERS', path: 'input.expectedDigest' });
  });

  test.each<[string, () => Promise<unknown> | void, object]>([
    ['other seats are asked for', () => undefined, { lines: [] }],
    ['the contract has changed since', () => world.ask(AMEND, { input: seats('12', { effectiveDate: '2026-12-01' }) }), {}],
    ['the day is another, and with it what falls due', () => world.clock.travelTo('2026-12-02T10:00:00Z'), {}],
  ])('it is refused when %s', async (_what, between, change) => {
    const { digest } = (await world.ask(PREVIEW, { input: seats('20') })).data.previewAmendment;
    await between();
    const { data } = await world.ask(AMEND, { input: { ...seats('20'), ...change, expectedDigest: digest } });
    expect(data.amendContract).toEqual({ __typename: 'Refused', code: 'PREVIEW_DIFFERS', path: 'input.expectedDigest' });
  });

  test('it refuses what the mutation refuses, all of it at once', async () => {
    const lines = [{ productId: given.product.id, quantity: '1.5' }, { productId: given.product.id, quantity: '1', unitPrice: { amount: '1', currency: 'USD' } }];
    const refused = { __typename: 'Refused', code: 'QUANTITY_INVALID', path: 'input.lines.0.quantity', others: [{ code: 'CURRENCY_MISMATCH', path: 'input.lines.1.unitPrice.currency' }] };
    expect((await world.ask(PREVIEW, { input: seats('1', { lines }) })).data.previewAmendment).toEqual(refused);
  });

  test.each([
    ['previewRenewal', 'RenewContractInput', { endDate: '2027-12-31', upliftPercent: '10' }, { valueAfter: { amount: '25200.00' } }],
    ['previewSuspension', 'SuspendContractInput', { reason: 'Pause', effectiveDate: '2026-12-01' }, { valueAfter: { amount: '11000.00' }, entitlements: [{ from: '2026-12-01', before: '10', after: '0' }] }],
    ['previewCancellation', 'CancelContractInput', { reason: 'Leaves', effectiveDate: '2026-12-01' }, { valueAfter: { amount: '11000.00' }, schedule: [] }],
    ['previewResumption', 'ResumeContractInput', { reason: 'Back' }, { code: 'NOT_SUSPENDED' }],
    ['previewTransfer', 'TransferContractInput', { reason: 'Moved', legalEntityId: 'ent_00000000000000000000000000000000' }, { code: 'NOT_FOUND' }],
  ])('%s', async (name, type, input, expected) => {
    const { data, errors } = await world.ask(preview(name, type), { input: { contractId, ...input } });
    expect(errors).toBeUndefined();
    expect(data[name]).toMatchObject(expected);
  });

  test('a renewal with earlier changes has two parts, each with an id of its own', async () => {
    const input = { ...seats('15', { reason: 'Renewed with more' }), endDate: '2027-12-31', upliftPercent: '3' };
    const done = await world.ask(`mutation($input: RenewContractInput!) { renewContract(input: $input) { ... on Contract { version amendments { id kind effectiveDate contractVersion changes treatment } } } }`, { input });
    const parts = done.data.renewContract.amendments.slice(1);
    expect(parts).toMatchObject([
      { kind: 'AMENDMENT', effectiveDate: '2026-12-16', contractVersion: 2, changes: ['SEAT: 10 to 15 units from 2026-12-16 on'] },
      { kind: 'RENEWAL', effectiveDate: '2027-01-01', contractVersion: 2, changes: ['SEAT: unit price 10000 to 10300 minor units from 2027-01-01 on', 'ends on 2027-12-31 instead of 2026-12-31'] },
    ]);
    expect(new Set(parts.map(({ id }: { id: string }) => id)).size).toBe(2);
    const { data } = await world.ask('query($id: ID!) { node(id: $id) { __typename ... on ContractAmendment { kind } } }', { id: parts[0].id });
    expect(data.node).toEqual({ __typename: 'ContractAmendment', kind: 'AMENDMENT' });
  });
});
