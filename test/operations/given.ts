import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import type { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import { rowsOf } from '../harness/refusals';
import { type Sample, sampleInvoice } from '../harness/sample';
import type { World } from '../harness/world';

/** An invoice that the ERP has refused, with its posting and its exception. */
export async function rejectedInvoice(world: World, given: Sample, reference: string): Promise<{ invoice: Invoice; posting: Posting; item: ExceptionItem }> {
  world.sandbox!.faults.set({ backend: 'erp', fault: 'reject', match: 'invoice' } as never);
  const invoice = await sampleInvoice(world, given, reference);
  await world.settles();
  world.sandbox!.faults.clear();
  const [posting] = await rowsOf(world, Posting, { resourceId: invoice.id, backend: 'erp' });
  const [item] = await rowsOf(world, ExceptionItem, { subjectId: posting!.id });
  return { invoice, posting: posting!, item: item! };
}
