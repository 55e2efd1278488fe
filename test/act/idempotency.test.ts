import { ensureTenant } from '../../cli/tenants';
import { AuditEntry } from '../../entities/operations/AuditEntry';
import { IdempotencyKey } from '../../entities/operations/IdempotencyKey';
import { Posting } from '../../entities/operations/Posting';
import { selectRows } from '../../entities/rows';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import type { IssueInvoiceInput } from '../../subgraphs/invoices/api';
import { DATABASES } from '../harness/databases';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';

const CALLS = 50;

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const invoiceInput = (reference: string, more: Partial<IssueInvoiceInput> = {}): IssueInvoiceInput => ({
    reference,
    customerId: given.customer.id,
    legalEntityId: given.entity.id,
    lines: [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '100.00', currency: 'EUR' } }],
    ...more,
  });
  const contractInput = (number: string) => ({
    number, customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', idempotencyKey: 'key',
    lines: [{ productId: given.product.id, quantity: '1', unitPrice: { amount: '1.00', currency: 'EUR' } }],
  });
  const count = async (entity: new () => object) => (await selectRows(world.database.reads, entity, { where: { tenantId: 'demo' } })).length;
  const counts = async () => ({ audits: await count(AuditEntry), keys: await count(IdempotencyKey), postings: await count(Posting), told: (await world.told()).length });

  test(`${CALLS} calls at once with one key have one effect and one answer`, async () => {
    const before = await counts();
    const actors = Array.from({ length: CALLS }, () => world.actor());
    const answers = await Promise.all(actors.map((actor) => world.do(createContract, contractInput('C-1'), actor)));
    expect(new Set(answers.map(({ id, version, number }) => `${id}@${version} ${number}`)).size).toBe(1);
    expect(actors.filter(({ replayed }) => replayed === true)).toHaveLength(CALLS - 1);
    const after = await counts();
    expect(after).toMatchObject({ audits: before.audits + 1, keys: before.keys + 1 });
    expect((await world.told()).filter((type) => type === 'contract.created')).toHaveLength(1);
  });

  test(`${CALLS} calls at once for one document under as many keys make one document, posted once`, async () => {
    const before = await count(Posting);
    const answers = await Promise.all(Array.from({ length: CALLS }, (_, index) => world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey: `key-${index}` }))));
    expect(new Set(answers.map(({ id, version, number }) => `${id}@${version} ${number}`)).size).toBe(1);
    expect(await count(Posting)).toBe(before + 2);
    expect((await world.told()).filter((type) => type === 'invoice.issued')).toHaveLength(1);
  });

  test('the same key with other input is refused, and writes nothing', async () => {
    await world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey: 'key' }));
    const before = await counts();
    const again = world.do(issueInvoice, invoiceInput('R-2', { idempotencyKey: 'key' }));
    await expect(again).rejects.toMatchObject({ name: 'Refusal', code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH', path: 'idempotencyKey', retryable: false });
    expect(await counts()).toEqual(before);
  });

  test.each([
    ['keys in another order', () => Object.fromEntries(Object.entries(invoiceInput('R-1')).reverse()) as unknown as IssueInvoiceInput],
    ['what is left out as undefined', () => invoiceInput('R-1', { dueDate: undefined })],
    ['what is left out as null', () => invoiceInput('R-1', { dueDate: null as never })],
  ])('%s is the same input', async (_name, inputOf) => {
    const first = await world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey: 'key' }));
    const actor = world.actor();
    const again = await world.do(issueInvoice, { ...inputOf(), idempotencyKey: 'key' }, actor);
    expect(again).toEqual(first);
    expect(actor.replayed).toBe(true);
  });

  test('two clients with the same key do not meet, nor do two commands, nor two tenants', async () => {
    await ensureTenant(world.engine, { tenantId: 'other', name: 'other', secret: 'other' });
    const first = await world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey: 'key' }), world.actor('finance'));
    const second = await world.do(issueInvoice, invoiceInput('R-2', { idempotencyKey: 'key' }), world.actor('approver'));
    expect(second.id).not.toBe(first.id);
    const product = { key: 'OTHER', name: 'Other', revenueAccount: '1', taxCode: 'X', taxRatePercent: '0', idempotencyKey: 'key' };
    const here = await world.do(upsertProduct, product);
    const there = await world.do(upsertProduct, { ...product, name: 'Else' }, world.actor('finance', 'other'));
    expect([here.name, there.name]).toEqual(['Other', 'Else']);
  });

  test('the same document under a new key is answered as it is, and not posted again', async () => {
    const first = await world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey: 'one' }));
    const before = await counts();
    const actor = world.actor();
    const again = await world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey: 'two' }), actor);
    expect(again).toEqual(first);
    expect(actor.replayed).toBeUndefined();
    expect(await counts()).toMatchObject({ postings: before.postings, told: before.told, keys: before.keys + 1 });
  });

  test('a replay answers the version of then, not that of now', async () => {
    const product = { key: 'P', name: 'Before', revenueAccount: '1', taxCode: 'X', taxRatePercent: '0' };
    await world.do(upsertProduct, { ...product, idempotencyKey: 'key' });
    await world.do(upsertProduct, { ...product, name: 'After' });
    expect(await world.do(upsertProduct, { ...product, idempotencyKey: 'key' })).toMatchObject({ version: 1, name: 'Before' });
  });

  test('a refusal does not use the key up', async () => {
    const wrong = world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey: 'key', lines: [] }));
    await expect(wrong).rejects.toMatchObject({ code: 'LINES_MISSING' });
    const actor = world.actor();
    expect(await world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey: 'key' }), actor)).toMatchObject({ version: 1 });
    expect(actor.replayed).toBeUndefined();
  });

  test.each(['', 'x'.repeat(256)])('a key of %p is refused', async (idempotencyKey) => {
    await expect(world.do(issueInvoice, invoiceInput('R-1', { idempotencyKey }))).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_MALFORMED' });
  });

  test('a key of 255 characters is taken, also from the request instead of the input', async () => {
    const actor = () => ({ ...world.actor(), idempotencyKey: 'x'.repeat(255) });
    const [first, second] = [actor(), actor()];
    await world.do(issueInvoice, invoiceInput('R-1'), first);
    await world.do(issueInvoice, invoiceInput('R-1'), second);
    expect([first.replayed, second.replayed]).toEqual([undefined, true]);
  });
});
