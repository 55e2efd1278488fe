import { CollectionCase } from '../../entities/collections/CollectionCase';
import type { Invoice } from '../../entities/invoices/Invoice';
import type { CloseCollectionCaseInput } from '../../subgraphs/collections/api';
import { advanceCollectionCase } from '../../subgraphs/collections/commands/advanceCollectionCase';
import { closeCollectionCase } from '../../subgraphs/collections/commands/closeCollectionCase';
import { openCollectionCase } from '../../subgraphs/collections/commands/openCollectionCase';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { debtor, openCase, pay } from './given';

describe.each(DATABASES)('closeCollectionCase on %s', (database) => {
  let world: World;
  let given: Sample;
  const close = (caseId: string, change: Partial<CloseCollectionCaseInput> = {}) => world.do(closeCollectionCase, { caseId, reason: 'Promised', ...change });
  const now = async (id: string) => (await rowsOf(world, CollectionCase, { id }))[0]!;

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
  });
  afterAll(() => world.close());

  test.each([0, 1, 2, 3])('a case closes for a reason, after %i steps as well', async (steps) => {
    const { id } = await openCase(world, given, await debtor(world, given));
    for (let step = 0; step < steps; step++) await world.do(advanceCollectionCase, { caseId: id });
    expect(await close(id, { expectedVersion: 1 + steps })).toMatchObject({ state: 'CLOSED', closeReason: 'Promised', version: 2 + steps });
  });

  const settle: Record<string, (invoice: Invoice) => Promise<unknown>> = {
    paid: (invoice) => pay(world, invoice),
    voided: (invoice) => world.do(voidInvoice, { invoiceId: invoice.id, reason: 'Wrong' }),
    credited: (invoice) => world.do(creditInvoice, { reference: invoice.reference, invoiceId: invoice.id, reason: 'Gift', lines: [{ lineId: 'line-1', quantity: '1' }] }),
  };

  test.each(Object.keys(settle))('it closes by itself when the last overdue invoice is %s, and not before', async (how) => {
    const who = await debtor(world, given, 2);
    const { id } = await openCase(world, given, who);
    await settle[how]!(who.overdue[0]!);
    expect(await now(id)).toMatchObject({ state: 'OPEN', version: 1 });
    await settle[how]!(who.overdue[1]!);
    expect(await now(id)).toMatchObject({ state: 'CLOSED', version: 2, closeReason: 'Everything overdue is settled' });
  });

  test('an invoice paid in part keeps it open, one that is not due yet does not', async () => {
    const who = await debtor(world, given);
    const { id } = await openCase(world, given, who);
    const lines = [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '1', currency: 'EUR' } }];
    await world.do(issueInvoice, { reference: `${who.customer.key} later`, customerId: who.customer.id, legalEntityId: given.entity.id, dueDate: '2027-01-31', lines });
    await pay(world, who.overdue[0]!, '119.99');
    expect(await now(id)).toMatchObject({ state: 'OPEN' });
    await pay(world, who.overdue[0]!, '0.01');
    expect(await now(id)).toMatchObject({ state: 'CLOSED' });
  });

  test('the last two invoices paid at once close it, whoever comes second', async () => {
    const debtors = await Promise.all(Array.from({ length: 12 }, () => debtor(world, given, 2)));
    const cases = await Promise.all(debtors.map((who) => openCase(world, given, who)));
    await Promise.all(debtors.flatMap((who) => who.overdue).map((invoice) => pay(world, invoice)));
    const states = await rowsOf(world, CollectionCase, { id: cases.map(({ id }) => id) });
    expect(states.map(({ state }) => state)).toEqual(cases.map(() => 'CLOSED'));
  });

  test('a payment is not refused because somebody closes the case at the same time', async () => {
    const debtors = await Promise.all(Array.from({ length: 8 }, () => debtor(world, given)));
    const cases = await Promise.all(debtors.map((who) => openCase(world, given, who)));
    const payments = debtors.map((who) => pay(world, who.overdue[0]!));
    await Promise.allSettled(cases.map(({ id }) => close(id)));
    expect((await Promise.all(payments)).map(({ state }) => state)).toEqual(cases.map(() => 'APPLIED'));
  });

  const theirs = async () => {
    const foreign = await sample(world, 'other');
    await sampleInvoice(world, foreign);
    const owed = { customerId: foreign.customer.id, legalEntityId: foreign.entity.id };
    return { caseId: (await world.do(openCollectionCase, owed, world.actor('finance', 'other'))).id };
  };

  test.each<[string, string, () => Promise<Partial<CloseCollectionCaseInput>>]>([
    ['a stale version', 'VERSION_STALE', async () => ({ expectedVersion: 2 })],
    ['a malformed id', 'ID_MALFORMED', async () => ({ caseId: MALFORMED_ID })],
    ['an unknown id', 'NOT_FOUND', async () => ({ caseId: unknownId('cas') })],
    ["another tenant's case", 'NOT_FOUND', theirs],
    ['a closed case', 'MOVE_NOT_ALLOWED', async () => ({ caseId: (await close((await openCase(world, given, await debtor(world, given))).id)).id })],
    ['a close without a reason', 'TEXT_INVALID', async () => ({ reason: '' })],
  ])('%s is refused with %s', async (_what, code, change) => {
    const { id } = await openCase(world, given, await debtor(world, given));
    const wanted = await change();
    expect(await refusalOf(world, () => close(id, wanted))).toMatchObject({ code, retryable: false });
  });
});
