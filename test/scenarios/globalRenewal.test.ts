import { randomBytes } from 'node:crypto';
import { type Balances, type Erp, ERPS_AND_DATABASES, Finance, worldWith } from './finance';
import type { World } from '../harness/world';

/** Both legal entities of a group, as finance works with them through the public API, day after day. */
class Group extends Finance {
  readonly suffix = randomBytes(3).toString('hex').toUpperCase();
  readonly ids: Record<'de' | 'fr' | 'customer' | 'seat' | 'contract', string> = { de: '', fr: '', customer: '', seat: '', contract: '' };

  constructor(world: World, erp: Erp) {
    super(world, erp);
  }

  async found(): Promise<void> {
    for (const key of ['de', 'fr'] as const) {
      const zone = key === 'de' ? 'Europe/Berlin' : 'Europe/Paris';
      const entity = { code: `${key.toUpperCase()}-${this.suffix}`, name: key, currency: 'EUR', timeZone: zone, booksFrom: '2026-01-01', bankAccounts: [] };
      this.ids[key] = (await this.run('upsertLegalEntity', entity, '... on LegalEntity { id }')).id;
    }
    const tax = { taxCode: 'VAT19', taxRatePercent: '19' };
    this.ids.seat = (await this.run('upsertProduct', { key: 'SEAT', name: 'Seat', revenueAccount: '4010', ...tax }, '... on Product { id }')).id;
    for (const key of ['de', 'fr'] as const) {
      await this.run('upsertProductAccounting', { productId: this.ids.seat, legalEntityId: this.ids[key], revenueMethod: 'DAY', deferredAccount: '2400' }, '... on ProductAccounting { id }');
    }
    this.ids.customer = (await this.run('upsertCustomer', { system: 'crm', key: `G-${this.suffix}`, name: 'Global Robotics', currency: 'EUR' }, '... on Customer { id }')).id;
    this.ids.contract = (await this.run('createContract', {
      number: `G-${this.suffix}`, customerId: this.ids.customer, legalEntityId: this.ids.de, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-09-01',
      lines: [{ productId: this.ids.seat, quantity: '10', unitPrice: { amount: '33.33', currency: 'EUR' } }],
    }, '... on Contract { id }')).id;
  }

  async invoices(): Promise<any[]> {
    const query = `query($id: ID!) { contract(id: $id) { invoices(first: 50) { id invoiceDate legalEntity { id } net { amountMinor } tax { amountMinor } open { amountMinor }
      sync { state erp billing } creditMemos { unapplied { amountMinor } lines { net { amountMinor } tax { amountMinor } } } lines { description } } } }`;
    return (await this.world.ask(query, { id: this.ids.contract })).data.contract.invoices;
  }

  /** What our own documents of one legal entity come to, debits positive. */
  async ours(key: 'de' | 'fr', bank = 0n): Promise<Balances> {
    const { data } = await this.world.ask('query($id: ID!) { contract(id: $id) { revenue { balances { legalEntityId recognized { amountMinor } deferred { amountMinor } } } } }', { id: this.ids.contract });
    const { recognized, deferred } = data.contract.revenue.balances.find((balance: any) => balance.legalEntityId === this.ids[key]);
    const books: Balances = { receivable: 0n, revenue: -BigInt(recognized.amountMinor), deferred: -BigInt(deferred.amountMinor), tax: 0n, bank, difference: 0n };
    for (const { tax, open, creditMemos, legalEntity } of await this.invoices()) {
      if (legalEntity.id !== this.ids[key]) continue;
      books.receivable += BigInt(open.amountMinor);
      books.tax -= BigInt(tax.amountMinor);
      for (const memo of creditMemos) books.receivable -= BigInt(memo.unapplied.amountMinor);
      for (const line of creditMemos.flatMap((memo: any) => memo.lines)) {
        books.tax += BigInt(line.tax.amountMinor);
      }
    }
    return books;
  }
}

test.each(ERPS_AND_DATABASES)('a global renewal with added seats, a mid-term uplift and a change of legal entity comes out right in both books, on %s and %s', async (erp, database) => {
  const world = await worldWith(erp, database);
  try {
    world.clock.travelTo('2026-09-01T08:00:00Z');
    const group = new Group(world, erp);
    await group.found();
    const { contract, seat, fr } = group.ids;
    await group.day('2026-09-01');
    await group.day('2026-10-01');

    // renewed early: 25 seats from 16 October on, 3.5 % more from the new term on, as previewed
    world.clock.travelTo('2026-10-12T10:00:00Z');
    const renewal = { contractId: contract, endDate: '2027-12-31', reason: 'Renewed for 2027', effectiveDate: '2026-10-16', upliftPercent: '3.5', lines: [{ productId: seat, quantity: '25' }] };
    const preview = (await world.ask('query($input: RenewContractInput!) { previewRenewal(input: $input) { ... on ContractPreview { digest valueBefore { amount } valueAfter { amount } changes } } }', { input: renewal })).data.previewRenewal;
    expect(preview).toMatchObject({ valueBefore: { amount: '3999.60' }, valueAfter: { amount: '15607.54' } }); // 258.04 more for half of October, twice 499.95 more, and 12 times 25 × 34.50 in 2027
    await group.run('renewContract', { ...renewal, expectedDigest: preview.digest }, '... on Contract { version }');
    await group.day('2026-10-16');
    await group.day('2026-11-01');

    // a price agreed in the middle of the term, with what it will be in the next one
    world.clock.travelTo('2026-11-10T10:00:00Z');
    const price = (amount: string) => ({ amount, currency: 'EUR' });
    const lines = [{ productId: seat, quantity: '25', unitPrice: price('35.55'), ramp: [{ from: '2027-01-01', unitPrice: price('36.79') }] }];
    await group.run('amendContract', { contractId: contract, reason: 'New price list', effectiveDate: '2026-11-16', lines }, '... on Contract { version }');
    await group.day('2026-11-16');
    const [first] = (await group.invoices()).filter(({ invoiceDate }) => invoiceDate === '2026-09-01');
    await group.run('recordPayment', { reference: `PAY-${group.suffix}`, customerId: group.ids.customer, legalEntityId: group.ids.de, amount: price('396.63'), applyTo: [{ invoiceId: first.id }] }, '... on Payment { id }');
    await group.day('2026-12-01');

    // another legal entity from 16 December on, agreed when all of December was billed
    world.clock.travelTo('2026-12-10T10:00:00Z');
    await group.run('transferContract', { contractId: contract, legalEntityId: fr, reason: 'Billed from France', effectiveDate: '2026-12-16' }, '... on Contract { version }');
    await group.day('2026-12-16');
    await group.day('2027-01-01');

    for (const legalEntityId of [group.ids.de, fr]) await group.run('recognizeRevenue', { legalEntityId, month: '2026-12' }, '... on RecognizedRevenue { last }');
    await group.settles();

    const invoices = await group.invoices();
    expect(invoices.every(({ sync }) => sync.state === 'IN_SYNC')).toBe(true);
    expect(invoices.map(({ invoiceDate, legalEntity, net }) => `${invoiceDate} ${legalEntity.id === fr ? 'fr' : 'de'} ${net.amountMinor}`).sort()).toEqual([
      '2026-09-01 de 33330', '2026-10-01 de 33330', '2026-10-16 de 25804', '2026-11-01 de 83325', '2026-11-16 de 2775', '2026-12-01 de 88875', '2026-12-16 fr 45871', '2027-01-01 fr 91975',
    ]);
    const credited = invoices.flatMap(({ creditMemos }) => creditMemos.flatMap((memo: any) => memo.lines.map((line: any) => line.net.amountMinor)));
    expect(credited).toEqual(['45871']); // the half of December that France charges
    for (const key of ['de', 'fr'] as const) {
      const theirs = await group.balances(`${key.toUpperCase()}-${group.suffix}`);
      expect(theirs).toEqual(await group.ours(key, key === 'de' ? 39_663n : 0n));
      expect(theirs.difference).toBe(0n);
    }
    await expectStory(group);
  } finally {
    await world.close();
  }
}, 300_000);

/** How the contract stands at the end, and the story it tells of itself. */
async function expectStory({ world, ids }: Group): Promise<void> {
  const { data } = await world.ask(`query($id: ID!) { contract(id: $id) { legalEntity { id } subscriptions { state grantedQuantity } sync { state }
    amendments { kind effectiveDate reason } } exceptions(filter: { state: OPEN }) { nodes { kind } } }`, { id: ids.contract });
  expect(data.exceptions.nodes).toEqual([]);
  expect(data.contract).toMatchObject({ legalEntity: { id: ids.fr }, subscriptions: [{ state: 'ACTIVE', grantedQuantity: '25' }], sync: { state: 'IN_SYNC' } });
  expect(data.contract.amendments.map(({ kind, effectiveDate, reason }: any) => `${effectiveDate} ${kind} ${reason}`)).toEqual([
    '2026-01-01 CREATION Created', '2026-10-16 AMENDMENT Renewed for 2027', '2027-01-01 RENEWAL Renewed for 2027', '2026-11-16 AMENDMENT New price list', '2026-12-16 TRANSFER Billed from France',
  ]);
}
