import { randomBytes } from 'node:crypto';
import { ERPS_AND_DATABASES, Finance, worldWith } from './finance';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });
const INVOICES = `query($id: ID!) { customer(id: $id) { financialStatus { balances { open { amount } } } invoices { number total { amount } sync { state } lines { description contract { number } customer { key } }
  creditMemos { total { amount } unapplied { amount } } } } }`;

test.each(ERPS_AND_DATABASES)('a holding pays for its daughters on one invoice, and a contract it buys in the middle of a month is credited to who had it, on %s and %s', async (erp, database) => {
  const world = await worldWith(erp, database);
  try {
    world.clock.travelTo('2026-09-01T08:00:00Z');
    const finance = new Finance(world, erp);
    const suffix = randomBytes(3).toString('hex').toUpperCase();
    const customer = async (name: string, change = {}): Promise<string> => (await finance.run('upsertCustomer', { system: 'crm', key: `${name}-${suffix}`, name, currency: 'EUR', ...change }, '... on Customer { id }')).id;
    const code = `HO-${suffix}`;
    const entity = (await finance.run('upsertLegalEntity', { code, name: 'Seller', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2026-01-01', bankAccounts: [] }, '... on LegalEntity { id }')).id;
    const seat = (await finance.run('upsertProduct', { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' }, '... on Product { id }')).id;
    const holding = await customer('Holding', { consolidatesInvoices: true });
    const daughter = await customer('Daughter', { payerId: holding });
    const start = await customer('Startup');
    const create = (name: string, customerId: string, quantity: string) => finance.run('createContract', {
      number: `${name}-${suffix}`, customerId, legalEntityId: entity, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-09-01', lines: [{ productId: seat, quantity, unitPrice: EUR('10.00') }],
    }, '... on Contract { id }');
    await create('A', daughter, '3');
    await create('B', holding, '5');
    const bought = (await create('S', start, '6')).id;
    const ask = async (id: string) => (await world.ask(INVOICES, { id })).data.customer;

    await finance.day('2026-09-01');
    const [together] = (await ask(holding)).invoices;
    expect(together).toMatchObject({ total: { amount: '96.00' }, sync: { state: 'IN_SYNC' } });
    expect(together.lines.map((line: any) => `${line.contract.number} ${line.customer?.key}`)).toEqual([`A-${suffix} Daughter-${suffix}`, `B-${suffix} undefined`]);
    expect((await ask(start)).invoices).toMatchObject([{ total: { amount: '72.00' } }]);

    // the holding takes the contract over from 16 September on, as previewed: half of the month back to who had it, half charged to the holding
    const input = { contractId: bought, customerId: holding, effectiveDate: '2026-09-16', reason: 'Bought by the holding' };
    const preview = (await world.ask('query($input: TransferContractInput!) { previewTransfer(input: $input) { ... on ContractPreview { digest changes } } }', { input })).data.previewTransfer;
    expect(preview.changes).toEqual([`owned by ${holding} from 2026-09-16 on`]);
    await finance.run('transferContract', { ...input, expectedDigest: preview.digest }, '... on Contract { version customer { id } }');
    await finance.day('2026-09-16');
    expect((await ask(start)).invoices).toMatchObject([{ creditMemos: [{ total: { amount: '36.00' }, unapplied: { amount: '0.00' } }] }]);
    expect((await ask(holding)).invoices[0]).toMatchObject({ total: { amount: '36.00' }, sync: { state: 'IN_SYNC' } });
    const { data } = await world.ask('query($id: ID!) { contract(id: $id) { customer { id } subscriptions { state } amendments { kind reason } invoices { total { amount } } } }', { id: bought });
    expect(data.contract).toMatchObject({ customer: { id: holding }, subscriptions: [{ state: 'ACTIVE' }], invoices: [{ total: { amount: '36.00' } }, { total: { amount: '72.00' } }] });
    expect(data.contract.amendments.at(-1)).toEqual({ kind: 'TRANSFER', reason: 'Bought by the holding' });

    // a month later all three are on one invoice
    await finance.day('2026-10-01');
    const [october] = (await ask(holding)).invoices;
    expect(october).toMatchObject({ total: { amount: '168.00' } });
    expect(october.lines).toHaveLength(3);
    expect((await ask(holding)).financialStatus.balances).toEqual([{ open: { amount: '300.00' } }]);
    expect((await ask(start)).financialStatus.balances).toEqual([{ open: { amount: '36.00' } }]);
    expect(await finance.balances(code)).toMatchObject({ receivable: 33_600n, revenue: -28_000n, tax: -5_600n, difference: 0n });
  } finally {
    await world.close();
  }
}, 120_000);
