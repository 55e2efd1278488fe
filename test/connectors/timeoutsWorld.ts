/** A workload of every receivable document, a way to the backends on which each booking call is answered too late, and the runner's own path. */
import pino from 'pino';
import { runnerOf } from '../../cli/house';
import type { Connector } from '../../connectors/connector';
import { startProxy, type Ask, type Proxy } from '../../connectors/conformance/proxy';
import { Posting } from '../../entities/operations/Posting';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import { selectRows } from '../../entities/rows';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { upsertProduct } from '../../subgraphs/customers/commands/upsertProduct';
import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { applyPayment } from '../../subgraphs/payments/commands/applyPayment';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { unapplyPayment } from '../../subgraphs/payments/commands/unapplyPayment';
import { systemClock } from '../../sync/clock';
import type { Backend, DocumentKind } from '../../sync/documents';
import { until } from '../harness/until';
import type { World } from '../harness/world';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });

/** Which documents the acts of one customer make, so that nothing is missed that the queue has lost too. */
export const DOCUMENTS_PER_CUSTOMER: Readonly<Partial<Record<DocumentKind, number>>> = {
  customer: 1, invoice: 3, creditMemo: 1, invoiceVoid: 1, payment: 2, application: 3, unapplication: 1,
};

/**
 * Lets every request through, and leaves it without an answer if it takes a step that none took before: the caller has to give up.
 * `timedOut` has the steps of `stepsOf`, each of which changes something for one document.
 */
export async function silentProxy(url: string, stepsOf: (ask: Ask) => string[]): Promise<{ proxy: Proxy; timedOut: ReadonlySet<string> }> {
  const proxy = await startProxy(url, systemClock);
  const timedOut = new Set<string>();
  const strikes = (ask: Ask) => {
    const fresh = stepsOf(ask).filter((step) => !timedOut.has(step));
    for (const step of fresh) timedOut.add(step);
    return fresh.length > 0;
  };
  proxy.arm({ fault: { forward: 1, then: 'SILENCE' }, strikes, count: Infinity });
  return { proxy, timedOut };
}

/** Legal entities with codes that no other run has, and the product that is sold. */
export async function entitiesOf(world: World, codes: string[]): Promise<{ entityIds: string[]; productId: string }> {
  const entityIds: string[] = [];
  for (const code of codes) {
    const entity = await world.do(upsertLegalEntity, { code, name: code, currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01', bankAccounts: [] });
    entityIds.push(entity.id);
  }
  const product = await world.do(upsertProduct, { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' });
  return { entityIds, productId: product.id };
}

/**
 * One customer: three invoices, of which one is credited and paid in part and one paid. The function it returns voids the third and takes cash back, which
 * reaches the backends only if they have what is taken back.
 */
export async function trade(world: World, key: string, at: { legalEntityId: string; productId: string }): Promise<() => Promise<void>> {
  const { legalEntityId, productId } = at;
  const customer = await world.do(upsertCustomer, { system: 'crm', key, name: `Harbour ${key}`, currency: 'EUR' });
  const issue = (name: string) => world.do(issueInvoice, {
    reference: `${key}-${name}`, customerId: customer.id, legalEntityId, dueDate: '2027-06-30',
    lines: [{ productId, quantity: '4', unitPrice: EUR('25.00') }],
  });
  const credited = await issue('credited');
  const voided = await issue('voided');
  const paid = await issue('paid');
  const pay = (name: string, amount: string, invoiceId: string) => world.do(recordPayment, {
    reference: `${key}-${name}`, customerId: customer.id, legalEntityId, amount: EUR(amount), applyTo: [{ invoiceId }],
  });
  await world.do(creditInvoice, { reference: `${key}-credit`, invoiceId: credited.id, reason: 'Fewer seats', lines: [{ lineId: credited.lineItems[0]!.lineId, quantity: '1' }] });
  await pay('whole', '120.00', paid.id);
  const part = await pay('part', '40.00', credited.id);
  const [application] = await selectRows(world.database.reads, PaymentApplication, { where: { tenantId: part.tenantId, paymentId: part.id } });
  return async () => {
    await world.do(voidInvoice, { invoiceId: voided.id, reason: 'Issued in error' });
    await world.do(unapplyPayment, { applicationId: application!.id });
    await world.do(applyPayment, { paymentId: part.id, invoiceId: credited.id, amount: EUR('30.00') });
  };
}

/** Lets so many customers trade, waits until all of it is in the books, and takes some of it back. */
export async function tradeAll(world: World, customers: number, one: { backends: readonly Backend[]; withinMs: number; trade(index: number): ReturnType<typeof trade> }): Promise<Posting[]> {
  const takesBack: (() => Promise<void>)[] = [];
  for (let index = 0; index < customers; index++) takesBack.push(await one.trade(index));
  await allPosted(world, one.backends, one.withinMs);
  for (const takeBack of takesBack) await takeBack();
  return allPosted(world, one.backends, one.withinMs);
}

/** A running runner whose calls end after `callTimeoutMs`. */
export function startRunner(world: World, connectors: Partial<Record<Backend, Connector>>, times: { callTimeoutMs: number; leaseMs: number }): void {
  const how = { log: pino({ level: 'silent' }), ...times };
  world.runner = runnerOf(world.engine, connectors, how);
  world.engine.onCommit(() => world.runner.wake());
  world.runner.start();
}

/** Waits until nothing is pending or uncertain any more; fails with what was rejected. */
async function allPosted(world: World, backends: readonly Backend[], withinMs: number): Promise<Posting[]> {
  const open = async () => selectRows(world.database.reads, Posting, { where: { tenantId: 'demo', backend: [...backends], state: ['PENDING', 'UNCERTAIN'] as never } });
  await until('every posting is settled', async () => (await open()).length === 0, withinMs);
  const postings = await selectRows(world.database.reads, Posting, { where: { tenantId: 'demo', backend: [...backends] } });
  expect(postings.filter(({ state }) => state !== 'POSTED').map(({ kind, errorCode, errorMessage }) => ({ kind, errorCode, errorMessage }))).toEqual([]);
  return postings;
}

/** `kind externalId` of postings, sorted. */
export const named = (postings: readonly { kind: string; externalId: string }[]) => postings.map(({ kind, externalId }) => `${kind} ${externalId}`).sort();
export const namesOf = (postings: readonly Posting[]) => named(postings.map(({ kind, document }) => ({ kind, externalId: document.externalId })));
