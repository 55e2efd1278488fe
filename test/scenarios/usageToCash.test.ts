import { randomBytes } from 'node:crypto';
import { receiveCloudEvents } from '../../connectors/cloudevents/receive';
import type { World } from '../harness/world';
import { ERPS_AND_DATABASES, Finance, worldWith } from './finance';

type Sent = [id: string, time: string, minutes: number];

/** Robots rented by the minute. */
class Robots extends Finance {
  readonly suffix = randomBytes(3).toString('hex').toUpperCase();
  readonly code = `US-${this.suffix}`;
  contractId = '';

  /** From October on: 100 minutes a month included, then 1000 at 0.05, the rest at 0.025; events may come for two days. */
  async found(): Promise<void> {
    const entity = await this.run('upsertLegalEntity', { code: this.code, name: 'Robots', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2026-01-01', bankAccounts: [] }, '... on LegalEntity { id }');
    const product = await this.run('upsertProduct', { key: 'MINUTES', name: 'Robot minutes', revenueAccount: '4010', taxCode: 'VAT19', taxRatePercent: '19' }, '... on Product { id }');
    const customer = await this.run('upsertCustomer', { key: this.code, name: 'Robot user', currency: 'EUR' }, '... on Customer { id }');
    const meter = await this.run('upsertMeter', { key: 'robot.minutes', name: 'Robot minutes', unit: 'minutes', aggregation: 'SUM', valueField: 'minutes', graceDays: 2 }, '... on Meter { id }');
    const tiers = [{ upTo: '1000', unitPrice: '0.05' }, { unitPrice: '0.025' }];
    this.contractId = (await this.run('createContract', {
      number: `U-${this.suffix}`, customerId: customer.id, legalEntityId: entity.id, startDate: '2026-10-01', endDate: '2027-09-30', currency: 'EUR', billingFrom: '2026-10-01',
      lines: [{ productId: product.id, quantity: '1', usage: { meterId: meter.id, model: 'GRADUATED', tiers, includedUnits: '100' } }],
    }, '... on Contract { id }')).id;
  }

  send(...events: Sent[]) {
    const body = JSON.stringify(events.map(([id, time, minutes]) => ({ specversion: '1.0', id, source: 'https://robots.example', type: 'robot.minutes', subject: `U-${this.suffix}`, time, data: { minutes } })));
    return receiveCloudEvents(this.world.actor('ops'), { headers: { 'content-type': 'application/cloudevents-batch+json' }, body });
  }

  async contract(): Promise<any> {
    const query = `query($id: ID!) { contract(id: $id) { customer { id } legalEntity { id } usage(first: 2) { from quantity amount { amountMinor } } sync { state }
      invoices { id net { amountMinor } open { amountMinor } sync { state } creditMemos { lines { net { amountMinor } } } lines { usage { quantity sync { state billing } } } } } }`;
    return (await this.world.ask(query, { id: this.contractId })).data.contract;
  }

  /** Everything that is open, by one payment. */
  async pay(): Promise<void> {
    const { customer, legalEntity, invoices } = await this.contract();
    const open = invoices.filter((invoice: any) => invoice.open.amountMinor !== '0');
    const amountMinor = open.reduce((all: bigint, invoice: any) => all + BigInt(invoice.open.amountMinor), 0n).toString();
    const applyTo = open.map(({ id }: any) => ({ invoiceId: id }));
    await this.run('recordPayment', { reference: `PAY-${this.suffix}`, customerId: customer.id, legalEntityId: legalEntity.id, amount: { amountMinor, currency: 'EUR' }, applyTo }, '... on Payment { id }');
    await this.settles();
  }
}

test.each(ERPS_AND_DATABASES)('usage becomes an invoice in the books of %s, corrected when events come late, and paid, on %s', async (erp, database) => {
  const world: World = await worldWith(erp, database);
  try {
    world.clock.travelTo('2026-10-01T08:00:00Z');
    const robots = new Robots(world, erp);
    await robots.found();
    world.clock.travelTo('2026-11-01T08:00:00Z');
    const first: Sent[] = [['1', '2026-10-02T08:00:00Z', 600], ['2', '2026-10-30T08:00:00Z', 700]];
    expect(await robots.send(...first)).toEqual({ status: 200, body: { accepted: 2, duplicates: 0, failed: [] } });
    await robots.day('2026-11-02'); // within the grace nothing is billed
    expect(await robots.send(first[0]!, ['3', '2026-10-31T22:30:00Z', 100], ['4', '2026-10-31T23:30:00Z', 40])).toMatchObject({ body: { accepted: 2, duplicates: 1 } });
    await robots.day('2026-11-03');
    // 1400 minutes less 100: 1000 at 0.05 and 300 at 0.025; event 4 is of November in Berlin
    expect(await robots.balances(robots.code)).toEqual({ receivable: 6_843n, revenue: -5_750n, deferred: 0n, tax: -1_093n, bank: 0n, difference: 0n });

    await robots.send(['5', '2026-10-15T08:00:00Z', 200]); // late: 200 more at 0.025
    await robots.day('2026-11-04');
    await robots.run('cancelUsage', { source: 'https://robots.example', id: '1', reason: 'A test run' }, '... on UsageEvent { eventId }'); // 600 less: 1000 are left, 900 charged
    await robots.day('2026-11-05');
    const { usage, invoices, sync } = await robots.contract();
    expect(sync.state).toBe('IN_SYNC');
    expect(usage).toEqual([{ from: '2026-11-01', quantity: '40', amount: { amountMinor: '0' } }, { from: '2026-10-01', quantity: '1000', amount: { amountMinor: '4500' } }]);
    expect(invoices.flatMap(({ lines }: any) => lines.flatMap((line: any) => line.usage))).toEqual(Array(2).fill({ quantity: '1000', sync: { state: 'IN_SYNC', billing: 'IN_SYNC' } }));
    expect(invoices.flatMap(({ net, creditMemos }: any) => [net.amountMinor, ...creditMemos.flatMap((memo: any) => memo.lines.map((line: any) => `-${line.net.amountMinor}`))]).sort()).toEqual(['-1250', '-500', '500', '5750']);

    await robots.pay();
    expect(await robots.balances(robots.code)).toEqual({ receivable: 0n, revenue: -4_500n, deferred: 0n, tax: -855n, bank: 5_355n, difference: 0n });
  } finally {
    await world.close();
  }
}, 300_000);
