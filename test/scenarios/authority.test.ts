import { randomBytes } from 'node:crypto';
import { Posting } from '../../entities/operations/Posting';
import { selectRows } from '../../entities/rows';
import { type Erp, ERPS_AND_DATABASES, Finance, worldWith } from './finance';
import type { World } from '../harness/world';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });
const INVOICE = `query($id: ID!) { invoice(id: $id) { number provisional version settlement paymentReference tax { amount } total { amount } open { amount } posting { authority state } sync { state billing erp }
  lines { tax { amount } } creditMemos { number provisional } } }`;

/** A legal entity whose ERP numbers its documents and says what tax they have. */
class House extends Finance {
  readonly suffix = randomBytes(3).toString('hex').toUpperCase();
  readonly code = `AU-${this.suffix}`;
  entity = '';
  customer = '';
  product = '';

  constructor(world: World, erp: Erp) {
    super(world, erp);
  }

  async found(authorities: object): Promise<void> {
    this.entity = (await this.run('upsertLegalEntity', { code: this.code, name: 'Seller', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2026-01-01', bankAccounts: [], ...authorities }, '... on LegalEntity { id }')).id;
    this.product = (await this.run('upsertProduct', { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT19', taxRatePercent: '19' }, '... on Product { id }')).id;
    this.customer = (await this.run('upsertCustomer', { system: 'crm', key: `AU-${this.suffix}`, name: 'Buyer', currency: 'EUR' }, '... on Customer { id }')).id;
  }

  /** Three lines of 0.13: 19 % of the sum are 0.0741, line by line they are 0.0247 each. */
  async invoice(reference: string): Promise<string> {
    const lines = [1, 2, 3].map(() => ({ productId: this.product, quantity: '1', unitPrice: EUR('0.13') }));
    return (await this.run('issueInvoice', { reference: `${reference}-${this.suffix}`, customerId: this.customer, legalEntityId: this.entity, lines }, '... on Invoice { id }')).id;
  }

  async read(id: string): Promise<any> {
    return (await this.world.ask(INVOICE, { id })).data.invoice;
  }

  async refused(mutation: string, input: object): Promise<any> {
    const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
    return (await this.world.ask(`mutation($input: ${type}!) { ${mutation}(input: $input) { ... on Refused { code path retryable } } }`, { input })).data[mutation];
  }

  /** What billing was sent as the document of an id. */
  async sentToBilling(resourceId: string): Promise<any> {
    const [posting] = await selectRows(this.world.database.reads, Posting, { where: { tenantId: 'demo', resourceId, backend: 'billing' } });
    return posting!.document.body;
  }
}

test.each(ERPS_AND_DATABASES)('where the ERP numbers and taxes, an invoice is provisional until the ERP has it, and billing gets it as the ERP has it, on %s and %s', async (erp, database) => {
  const world = await worldWith(erp, database);
  try {
    const house = new House(world, erp);
    await house.found({ numberAuthority: 'ERP', taxAuthority: 'ERP' });
    const id = await house.invoice('R-1');
    const before = await house.read(id);
    expect(before).toMatchObject({ version: 1, provisional: ['NUMBER', 'TAX'], total: { amount: '0.46' }, posting: { authority: 'ERP', state: 'PENDING' } });
    expect(before.number).toMatch(new RegExp(`^INV-${house.code}-P[0-9A-F]{12}$`));
    const provisional = { code: 'DOCUMENT_PROVISIONAL', retryable: true };
    expect(await house.refused('recordPayment', { reference: `P0-${house.suffix}`, customerId: house.customer, legalEntityId: house.entity, amount: EUR('0.46'), applyTo: [{ invoiceId: id }] })).toMatchObject(provisional);
    expect(await house.refused('creditInvoice', { reference: `C0-${house.suffix}`, invoiceId: id, reason: 'Less', lines: [{ lineId: 'line-1', quantity: '1' }] })).toMatchObject(provisional);
    expect(await house.refused('voidInvoice', { invoiceId: id, reason: 'Wrong' })).toMatchObject(provisional);
    const readiness = async () => (await world.ask('query($id: ID!) { monthOfLedger(legalEntityId: $id, month: "2026-11") { missing { what count } } }', { id: house.entity })).data.monthOfLedger.missing;
    expect(await readiness()).toContainEqual({ what: 'DOCUMENT_PROVISIONAL', count: 1 });

    await house.settles();
    const after = await house.read(id);
    expect(after).toMatchObject({ version: 2, provisional: [], settlement: 'UNPAID', paymentReference: before.paymentReference, sync: { state: 'IN_SYNC', billing: 'IN_SYNC', erp: 'IN_SYNC' }, posting: { state: 'IN_SYNC' } });
    expect(after.number).toMatch(erp === 'sandbox' ? new RegExp(`^ERP/${house.code}/INV/00001$`) : /\d{6}$/);
    expect(after.total.amount).toBe('0.45'); // rounded line by line, where we round the sum
    expect(after.open).toEqual(after.total);
    expect(await house.sentToBilling(id)).toMatchObject({ number: after.number, totalMinor: after.total.amount.replace('0.', '') });
    expect(await house.sentToBilling(id)).not.toHaveProperty('authority');
    expect(await readiness()).toEqual([]);
    expect((await world.told()).filter((type) => type === 'invoice.finalized')).toHaveLength(1);

    await house.run('creditInvoice', { reference: `C1-${house.suffix}`, invoiceId: id, reason: 'Less', lines: [{ lineId: 'line-1', quantity: '1' }] }, '... on CreditMemo { id }');
    expect((await house.read(id)).creditMemos).toMatchObject([{ provisional: ['NUMBER'] }]);
    await house.settles();
    const [memo] = (await house.read(id)).creditMemos;
    expect(memo).toMatchObject({ provisional: [] });
    expect(memo.number).toMatch(erp === 'sandbox' ? /^ERP\/.*\/CRN\/00001$/ : /\d{6}$/);
    const open = (await house.read(id)).open.amount;
    await house.run('recordPayment', { reference: `P1-${house.suffix}`, customerId: house.customer, legalEntityId: house.entity, amount: EUR(open), applyTo: [{ invoiceId: id }] }, '... on Payment { id }');
    await house.settles();
    expect(await house.read(id)).toMatchObject({ settlement: 'PAID', sync: { state: 'IN_SYNC' } });
    expect(await house.balances(house.code)).toMatchObject({ receivable: 0n, difference: 0n });
  } finally {
    await world.close();
  }
}, 120_000);
