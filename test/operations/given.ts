import type { ClosedPeriodPolicy } from '../../entities/customers/LegalEntity';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { PeriodHold } from '../../entities/operations/PeriodHold';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
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

/** Closes the sandbox's books of a backend through a day; null opens them. */
export async function closeBooks(world: World, closedThrough: string | null, backend = 'erp'): Promise<void> {
  const answer = await fetch(`${world.sandbox!.url}/settings`, { method: 'POST', body: JSON.stringify({ backend, closedThrough }) });
  expect(answer.ok).toBe(true);
}

/** Lets the sample's legal entity treat closed periods in this way. */
export async function choosePolicy(world: World, { entity }: Sample, closedPeriodPolicy: ClosedPeriodPolicy): Promise<void> {
  const { code, name, currency, timeZone, booksFrom, bankAccounts } = entity;
  await world.do(upsertLegalEntity, { code, name, currency, timeZone, booksFrom, bankAccounts, closedPeriodPolicy });
}

/** What the database has of an invoice's way to the ERP. */
export async function erpOf(world: World, { id }: { id: string }): Promise<{ posting: Posting; hold: PeriodHold | undefined; items: ExceptionItem[] }> {
  const [posting] = await rowsOf(world, Posting, { resourceId: id, backend: 'erp' });
  const [hold] = await rowsOf(world, PeriodHold, { postingId: posting!.id });
  return { posting: posting!, hold, items: await rowsOf(world, ExceptionItem, { subjectId: posting!.id }) };
}

/** An invoice of 2026-11-01 that the ERP refuses, because its books are closed through November. */
export async function heldInvoice(world: World, given: Sample, reference: string): Promise<{ invoice: Invoice; posting: Posting }> {
  await closeBooks(world, '2026-11-30');
  const invoice = await sampleInvoice(world, given, reference);
  await world.settles();
  return { invoice, posting: (await erpOf(world, invoice)).posting };
}

/** Accounting date and own date of an invoice in the sandbox's ERP, as often as it is there. */
export async function datesInErp(world: World, { id }: { id: string }): Promise<{ date: string; effectiveDate: string }[]> {
  const { rows } = await world.audit<{ rows: { externalId: string; date: string; effectiveDate: string }[] }>('/erp/journal?tenant=demo');
  return rows.filter(({ externalId }) => externalId === id).map(({ date, effectiveDate }) => ({ date, effectiveDate }));
}
