import { Readable } from 'node:stream';
import { camtStatement } from '../../cli/scenario/statement';
import { importBankFile } from '../../connectors/bankFiles';
import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice } from '../../entities/invoices/Invoice';
import { NumberSeries } from '../../entities/invoices/NumberSeries';
import { Customer } from '../../entities/customers/Customer';
import { ResourceVersion } from '../../entities/operations/ResourceVersion';
import { restore } from '../../subgraphs/act';
import { Posting } from '../../entities/operations/Posting';
import { DocumentAuthority } from '../../entities/customers/LegalEntity';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import type { UpsertLegalEntityInput } from '../../subgraphs/customers/api';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { DATABASES } from '../harness/databases';
import { refusalOf, rowsOf } from '../harness/refusals';
import { IBAN, type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

const { BILLING, ERP, GATEWAY } = DocumentAuthority;

describe.each(DATABASES)('documents that another system makes final on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const entity = (change: Partial<UpsertLegalEntityInput>) =>
    world.do(upsertLegalEntity, { code: 'DE01', name: 'Test GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [IBAN], ...change });
  const invoice = async (id: string) => (await rowsOf(world, Invoice, { id }))[0]!;

  test('billing may number: the ERP gets the invoice with that number, cash may be applied meanwhile, and our own series is not touched', async () => {
    await entity({ numberAuthority: BILLING });
    const issued = await sampleInvoice(world, given);
    expect(issued).toMatchObject({ provisional: ['NUMBER'] });
    await world.do(recordPayment, { reference: 'P-1', customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '20.00', currency: 'EUR' }, applyTo: [{ invoiceId: issued.id }] });
    await world.settles();
    expect(await invoice(issued.id)).toMatchObject({ number: 'BILLING/DE01/INV/00001', provisional: [], openMinor: 10_000n, settlement: 'PARTLY_PAID' });
    const erp = await rowsOf(world, Posting, { backend: 'erp', state: 'POSTED' });
    expect(erp.find(({ kind }) => kind === 'invoice')!.document.body).toMatchObject({ number: 'BILLING/DE01/INV/00001' });
    expect(erp.find(({ kind }) => kind === 'application')!.document.body).toMatchObject({ invoiceNumber: 'BILLING/DE01/INV/00001' });
    expect((await rowsOf(world, NumberSeries)).filter(({ series, nextNumber }) => series.startsWith('INV|') && nextNumber > 0)).toEqual([]);
  });

  test('an answer that was lost is looked up, with what the authority gave', async () => {
    await entity({ numberAuthority: ERP, taxAuthority: ERP });
    const issued = await sampleInvoice(world, given);
    world.sandbox!.faults.set({ backend: 'erp', fault: 'errorAfterCommit', kind: 'invoice', count: 1 } as never);
    await world.settles();
    world.clock.travelTo('2026-11-24T11:00:00Z');
    await world.settles();
    expect(await invoice(issued.id)).toMatchObject({ number: 'ERP/DE01/INV/00001', provisional: [], version: 2 });
  });

  test('numbers of the authority have no gaps, by kind', async () => {
    await entity({ numberAuthority: ERP });
    for (const reference of ['R-1', 'R-2', 'R-3']) await sampleInvoice(world, given, reference);
    await world.settles();
    expect((await rowsOf(world, Invoice)).map(({ number }) => number).sort()).toEqual(['ERP/DE01/INV/00001', 'ERP/DE01/INV/00002', 'ERP/DE01/INV/00003']);
  });

  test('an invoice that nobody has sent yet is voided without ever having had a number', async () => {
    await entity({ numberAuthority: ERP });
    const issued = await sampleInvoice(world, given);
    await world.do(voidInvoice, { invoiceId: issued.id, reason: 'Wrong' });
    await world.settles();
    expect(await invoice(issued.id)).toMatchObject({ state: 'VOIDED', provisional: ['NUMBER'] });
    await sampleInvoice(world, given, 'R-2');
    await world.settles();
    expect((await rowsOf(world, Invoice, { reference: 'R-2' }))[0]).toMatchObject({ number: 'ERP/DE01/INV/00001' });
  });

  test('the billing run does not credit what is not certain yet, and does when it is', async () => {
    await entity({ taxAuthority: ERP });
    const contract = await world.do(createContract, {
      number: 'C-1', customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-11-01',
      lines: [{ productId: given.product.id, quantity: '10', unitPrice: { amount: '30.00', currency: 'EUR' } }],
    });
    const { invoiceIds } = await world.do(billContract, { contractId: contract.id });
    expect(await invoice(invoiceIds[0]!)).toMatchObject({ number: 'INV-DE01-2026-000001', provisional: ['TAX'] });
    await world.ask('mutation($input: AmendContractInput!) { amendContract(input: $input) { __typename } }', { input: { contractId: contract.id, reason: 'Less', effectiveDate: '2026-11-01', lines: [{ productId: given.product.id, quantity: '5' }] } });
    expect(await refusalOf(world, () => world.do(billContract, { contractId: contract.id }))).toMatchObject({ code: 'DOCUMENT_PROVISIONAL', retryable: true });
    await world.settles();
    await world.do(billContract, { contractId: contract.id });
    expect(await rowsOf(world, CreditMemo)).toMatchObject([{ totalMinor: 18_000n, provisional: [] }]);
  });

  test('a transfer for an invoice whose tax is not certain is kept, and waits for a person', async () => {
    await entity({ taxAuthority: ERP });
    const { paymentReference } = await sampleInvoice(world, given);
    const file = camtStatement({ iban: IBAN, id: 'S-1', day: '2026-11-20', openingMinor: 0n }, [{ amountMinor: 12_000n, payer: 'Acme', creditorReference: paymentReference }]);
    expect(await importBankFile(world.actor('finance'), () => Readable.from([Buffer.from(file)]))).toMatchObject({ lines: 1, applied: 0, unmatched: 1 });
  });

  test('two other systems, each of which needs what the other gives, are refused', async () => {
    expect(await refusalOf(world, () => entity({ numberAuthority: BILLING, taxAuthority: ERP }))).toMatchObject({ code: 'AUTHORITIES_DIFFER', path: 'input.taxAuthority' });
    await entity({ numberAuthority: BILLING });
    expect(await entity({})).toMatchObject({ numberAuthority: BILLING, taxAuthority: GATEWAY, postingAuthority: ERP }); // what is not said stays
  });

  test('a version that was recorded before there were authorities reads as final', async () => {
    const issued = await sampleInvoice(world, given);
    const [row] = await rowsOf(world, ResourceVersion, { resourceId: issued.id });
    const { provisional: _, ...body } = row!.body;
    expect(restore(world.database.reads, Invoice, body)).toMatchObject({ id: issued.id, provisional: [], creditedMinor: 0n });
    const [customer] = await rowsOf(world, ResourceVersion, { resourceId: given.customer.id });
    const { consolidatesInvoices: __, ...former } = customer!.body;
    expect(restore(world.database.reads, Customer, former)).toMatchObject({ consolidatesInvoices: false });
  });

  test('posted is what is posted where the legal entity says', async () => {
    const { id } = await sampleInvoice(world, given);
    const axis = async () => (await world.ask('query($id: ID!) { invoice(id: $id) { posting { authority state } } }', { id })).data.invoice.posting;
    expect(await axis()).toEqual({ authority: 'ERP', state: 'PENDING' });
    await entity({ postingAuthority: GATEWAY });
    expect(await axis()).toEqual({ authority: 'GATEWAY', state: 'IN_SYNC' });
    await entity({ postingAuthority: BILLING });
    await world.settles();
    expect(await axis()).toEqual({ authority: 'BILLING', state: 'IN_SYNC' });
  });
});
