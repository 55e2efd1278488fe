import { Customer } from '../../entities/customers/Customer';
import { Invoice, InvoiceState } from '../../entities/invoices/Invoice';
import { AuditEntry } from '../../entities/operations/AuditEntry';
import { Change } from '../../entities/operations/Change';
import { ResourceVersion } from '../../entities/operations/ResourceVersion';
import { Payment } from '../../entities/payments/Payment';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import { selectRows } from '../../entities/rows';
import { act } from '../../subgraphs/act';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import type { Command, Domain } from '../../subgraphs/domain';
import { createEngine } from '../../subgraphs/engine';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import type { Work } from '../../subgraphs/work';
import { DATABASES } from '../harness/databases';
import { type Sample, sample, sampleContract, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
  });
  afterEach(() => world.close());

  const rows = <T extends object>(entity: new () => T) => selectRows(world.database.reads, entity, { where: { tenantId: 'demo' } });
  const everything = async () => ({
    payments: await rows(Payment), invoices: await rows(Invoice), applications: await rows(PaymentApplication), customers: await rows(Customer),
    changes: await rows(Change), versions: await rows(ResourceVersion), audits: await rows(AuditEntry),
  });
  /** An actor of a house whose only domain has this one command. */
  const actorOf = (name: Domain['name'], command: Command<never, unknown>) => {
    const only = { name, resolvers: [], orphanedTypes: [], references: {}, commands: [command], events: [], reactions: [] } as unknown as Domain;
    return { ...world.actor(), engine: createEngine(world.database, world.clock, [only]) };
  };

  test('an invoice that refuses the cash takes the recorded payment back with it', async () => {
    const invoice = await sampleInvoice(world, given);
    const voided = await world.do(voidInvoice, { invoiceId: invoice.id, reason: 'Wrong customer' });
    expect(voided.state).toBe(InvoiceState.VOIDED);
    const before = await everything();
    const input = {
      reference: 'P-1', customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '10.00', currency: 'EUR' },
      applyTo: [{ invoiceId: invoice.id, amount: { amount: '10.00', currency: 'EUR' } }],
    };
    await expect(world.do(recordPayment, input)).rejects.toMatchObject({ name: 'Refusal', code: 'INVOICE_VOIDED' });
    expect(await everything()).toEqual(before);
  });

  test('a refusal is an answer with a code, a fault is thrown', async () => {
    const refused = await act(world.actor(), upsertCustomer, { system: 'crm', key: 'X', name: 'X', currency: 'XXX' });
    expect(refused).toMatchObject({ code: 'CURRENCY_UNKNOWN', retryable: false });
    async function breaks(): Promise<never> {
      throw new TypeError('a bug');
    }
    await expect(act(actorOf('customers', breaks), breaks, {})).rejects.toThrow(TypeError);
  });

  test("a command that changes another domain's resource throws, and writes nothing", async () => {
    async function meddle(work: Work): Promise<void> {
      work.change(await work.lock(Customer, given.customer.id));
    }
    const before = await everything();
    await expect(act(actorOf('payments', meddle), meddle, {})).rejects.toThrow('payments may not write Customer: it belongs to customers');
    expect(await everything()).toEqual(before);
  });

  test("a command that adds another domain's resource throws", async () => {
    async function meddle(work: Work): Promise<void> {
      work.add(new Invoice());
    }
    await expect(act(actorOf('payments', meddle), meddle, {})).rejects.toThrow('payments may not write Invoice: it belongs to invoices');
  });

  test('a change that no event tells throws, and is not written', async () => {
    async function quietly(work: Work): Promise<void> {
      const customer = await work.lock(Customer, given.customer.id);
      customer.name = 'Renamed in silence';
      work.change(customer);
    }
    const before = await everything();
    await expect(act(actorOf('customers', quietly), quietly, {})).rejects.toThrow(`Customer ${given.customer.id} was written, but no event tells it`);
    expect(await everything()).toEqual(before);
  });

  test('a command that no domain lists is not run', async () => {
    const stray = jest.fn();
    await expect(act(world.actor(), stray, {})).rejects.toThrow("is in no domain's list of commands");
    expect(stray).not.toHaveBeenCalled();
  });

  test('each act leaves one audit entry that says who did what to which versions', async () => {
    const before = (await rows(AuditEntry)).length;
    const invoice = await sampleInvoice(world, given);
    const payment = await world.do(
      recordPayment,
      { reference: 'P-1', customerId: given.customer.id, legalEntityId: given.entity.id, amount: { amount: '10.00', currency: 'EUR' }, applyTo: [{ invoiceId: invoice.id }] },
      { ...world.actor('approver'), correlationId: 'trace-7' },
    );
    const entries = await rows(AuditEntry);
    expect(entries).toHaveLength(before + 2);
    const entry = entries.find(({ command }) => command === 'recordPayment')!;
    const [application] = await rows(PaymentApplication);
    expect(entry).toMatchObject({ client: 'demo-approver', role: 'approver', correlationId: 'trace-7', inputHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect([...entry.resources].sort()).toEqual([`${payment.id}@1`, `${application!.id}@1`, `${invoice.id}@2`].sort());
  });

  test('each version stays readable, by its number and by the instant at which it held', async () => {
    const contract = await sampleContract(world, given);
    const instants = ['2026-11-24T10:00:00Z', '2026-11-24T11:00:00Z', '2026-11-24T12:00:00Z'];
    for (const [index, quantity] of ['15', '20'].entries()) {
      world.clock.travelTo(instants[index + 1]!);
      await world.do(amendContract, { contractId: contract.id, reason: `Change ${index + 1}`, lines: [{ productId: given.product.id, quantity }] });
    }
    const query = 'query($id: ID!, $version: Int, $asOf: DateTimeISO) { contract(id: $id, version: $version, asOf: $asOf) { version reason lines { quantity } } }';
    const at = async (which: object) => (await world.ask(query, { id: contract.id, ...which })).data.contract;
    const [first, second, third] = [
      { version: 1, reason: null, lines: [{ quantity: '10' }] },
      { version: 2, reason: 'Change 1', lines: [{ quantity: '15' }] },
      { version: 3, reason: 'Change 2', lines: [{ quantity: '20' }] },
    ];
    expect([await at({ version: 1 }), await at({ version: 2 }), await at({ version: 3 })]).toEqual([first, second, third]);
    expect(await at({})).toEqual(third);
    expect(await at({ version: 4 })).toBeNull();
    expect(await at({ asOf: '2026-11-23T00:00:00Z' })).toBeNull();
    expect([await at({ asOf: instants[0] }), await at({ asOf: '2026-11-24T11:30:00Z' }), await at({ asOf: '2026-11-24T13:00:00Z' })]).toEqual([first, second, third]);
  });
});
