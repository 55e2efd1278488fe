import { Readable } from 'node:stream';
import { camtStatement } from '../../cli/scenario/statement';
import { importBankFile } from '../../connectors/bankFiles';
import { Invoice } from '../../entities/invoices/Invoice';
import { selectRows } from '../../entities/rows';
import { DATABASES } from '../harness/databases';
import { IBAN, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ database });
  });
  afterAll(() => world.close());

  test('three transfers of one statement for one invoice are applied one after the other, and what is too much stays unapplied', async () => {
    const invoice = await sampleInvoice(world, await sample(world));
    const transfer = (amountMinor: bigint) => ({ amountMinor, creditorReference: invoice.paymentReference, payer: 'Acme' });
    const content = camtStatement({ iban: IBAN, id: 'S-1', day: '2026-11-20', openingMinor: 0n }, [transfer(5_000n), transfer(5_000n), transfer(3_000n)]);
    const report = await importBankFile(world.actor(), () => Readable.from([content]));
    expect(report).toMatchObject({ lines: 3, applied: 3, unmatched: 1, conflicts: 0 });
    const [paid] = await selectRows(world.database.reads, Invoice, { where: { tenantId: 'demo', id: invoice.id } });
    expect(paid).toMatchObject({ openMinor: 0n, settlement: 'PAID' });
    const { data } = await world.ask('{ payments { nodes { unapplied { amount } } } }');
    expect(data.payments.nodes.map((payment: any) => payment.unapplied.amount).sort()).toEqual(['0.00', '0.00', '10.00']);
  });
});
