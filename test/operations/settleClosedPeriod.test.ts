import { ClosedPeriodPolicy } from '../../entities/customers/LegalEntity';
import { Change } from '../../entities/operations/Change';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { DATABASES } from '../harness/databases';
import { rowsOf } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { choosePolicy, closeBooks, datesInErp, erpOf, heldInvoice } from './given';

describe.each(DATABASES)('a document of a closed period on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    await world.settles();
  });
  afterEach(() => world.close());

  const told = async (id: string) => (await rowsOf(world, Change, { resourceId: id })).map(({ type }) => type).sort();

  test('ASK: it rests, with an exception that says what day was refused and from when the books are open', async () => {
    const { invoice, posting } = await heldInvoice(world, given, 'R-1');
    expect(posting).toMatchObject({ state: 'REJECTED', errorCode: 'PERIOD_CLOSED', attempts: 1 });
    const { hold, items } = await erpOf(world, invoice);
    expect(hold).toMatchObject({ refusedDate: '2026-11-01', openFrom: '2026-12-01', dueAtMs: null, redatings: 0, proposedDate: null });
    expect(items).toMatchObject([{ kind: 'PERIOD_CLOSED', state: 'OPEN', customerId: given.customer.id, atRiskMinor: 12_000n }]);
    expect(items[0]!.message).toMatch(/closed for the invoice dated 2026-11-01\. They are open from 2026-12-01\./);
    expect(await told(posting.id)).toEqual(['posting.rejected']);
  });

  test('ASK: once the period is open again, a retry brings it into the books under its own date', async () => {
    const { invoice, posting } = await heldInvoice(world, given, 'R-1');
    await closeBooks(world, null);
    await world.do(retryPosting, { postingId: posting.id });
    expect((await erpOf(world, invoice)).items).toMatchObject([{ state: 'RESOLVED' }]);
    await world.settles();
    expect(await erpOf(world, invoice)).toMatchObject({ posting: { state: 'POSTED' }, hold: undefined, items: [{ state: 'RESOLVED' }] });
    expect(await datesInErp(world, invoice)).toEqual([{ date: '2026-11-01', effectiveDate: '2026-11-01' }]);
  });

  test('NEXT_OPEN: it is booked on the first open day, once, with both dates, and its lane goes on at once', async () => {
    await choosePolicy(world, given, ClosedPeriodPolicy.NEXT_OPEN);
    const { invoice, posting } = await heldInvoice(world, given, 'R-1');
    expect(posting).toMatchObject({ state: 'POSTED', attempts: 2, errorCode: null, document: { postingDate: '2026-12-01', body: { invoiceDate: '2026-11-01' } } });
    expect(await erpOf(world, invoice)).toMatchObject({ hold: undefined, items: [] });
    expect(await datesInErp(world, invoice)).toEqual([{ date: '2026-12-01', effectiveDate: '2026-11-01' }]);
    expect(await told(posting.id)).toEqual(['posting.posted', 'posting.redated']);
    expect(await rowsOf(world, Change, { resourceId: posting.id, type: 'posting.redated' })).toMatchObject([{
      data: { from: '2026-11-01', to: '2026-12-01', effectiveDate: '2026-11-01', by: 'policy NEXT_OPEN', reason: null, approvedBy: null },
    }]);
  });

  test('NEXT_OPEN: books that close behind every new date are asked twelve times, then a person is', async () => {
    await choosePolicy(world, given, ClosedPeriodPolicy.NEXT_OPEN);
    const { invoice } = await heldInvoice(world, given, 'R-1');
    expect((await erpOf(world, invoice)).posting.state).toBe('POSTED');
    const chased = await sampleInvoice(world, given, 'R-2');
    for (let month = 0; month < 14; month++) {
      await closeBooks(world, `${2027 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-28`);
      await world.runner.round('erp');
    }
    const { posting, hold, items } = await erpOf(world, chased);
    expect(posting).toMatchObject({ state: 'REJECTED', attempts: 13 });
    expect(hold).toMatchObject({ redatings: 12 });
    expect(items).toMatchObject([{ kind: 'PERIOD_CLOSED', state: 'OPEN' }]);
    expect(await datesInErp(world, chased)).toEqual([]);
  });

  test('NEXT_OPEN: what follows the invoice waits for it and comes after it', async () => {
    await choosePolicy(world, given, ClosedPeriodPolicy.NEXT_OPEN);
    await closeBooks(world, '2026-11-30');
    const invoices = [await sampleInvoice(world, given, 'R-1'), await sampleInvoice(world, given, 'R-2')];
    await world.settles();
    for (const invoice of invoices) expect(await datesInErp(world, invoice)).toEqual([{ date: '2026-12-01', effectiveDate: '2026-11-01' }]);
  });

  test('WAIT: it is tried again every hour until the period is open, holds nobody back, and then resolves itself', async () => {
    await choosePolicy(world, given, ClosedPeriodPolicy.WAIT);
    const { invoice, posting } = await heldInvoice(world, given, 'R-1');
    expect(posting).toMatchObject({ state: 'REJECTED', attempts: 1 });
    expect((await erpOf(world, invoice)).items).toMatchObject([{ kind: 'PERIOD_CLOSED', state: 'OPEN', version: 1 }]);
    await world.settles();
    expect((await erpOf(world, invoice)).posting.attempts).toBe(1);
    world.clock.travelTo('2026-11-24T10:30:00Z');
    await world.settles();
    expect(await erpOf(world, invoice)).toMatchObject({ posting: { state: 'REJECTED', attempts: 2 }, items: [{ state: 'OPEN', version: 1 }] });
    expect(await told(posting.id)).toEqual(['posting.rejected']);
    const other = await heldInvoice(world, { ...given, entity: given.entity }, 'R-2');
    expect(other.posting.attempts).toBe(1);
    await closeBooks(world, null);
    const free = await sampleInvoice(world, given, 'R-3');
    await world.settles();
    expect((await erpOf(world, free)).posting.state).toBe('POSTED');
    world.clock.travelTo('2026-11-24T12:00:00Z');
    await world.settles();
    expect(await erpOf(world, invoice)).toMatchObject({ posting: { state: 'POSTED', attempts: 3 }, hold: undefined, items: [{ state: 'RESOLVED' }] });
    expect(await datesInErp(world, invoice)).toEqual([{ date: '2026-11-01', effectiveDate: '2026-11-01' }]);
  });

  test('refused for another reason than its date, it is no longer held by the period', async () => {
    const { invoice, posting } = await heldInvoice(world, given, 'R-1');
    await closeBooks(world, null);
    world.sandbox!.faults.set({ backend: 'erp', fault: 'reject', match: 'invoice' } as never);
    await world.do(retryPosting, { postingId: posting.id });
    await world.settles();
    world.sandbox!.faults.clear();
    const kinds = (await erpOf(world, invoice)).items.map(({ kind, state }) => `${kind} ${state}`);
    expect(kinds.sort()).toEqual(['PERIOD_CLOSED RESOLVED', 'POSTING_REJECTED OPEN']);
  });
});
