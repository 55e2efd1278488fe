import type { Backend, DocumentBodies, DocumentKind, PostingDocument } from '../../sync/documents';

/** Documents of one tenant for one backend, with amounts that agree. */
export function documentsOf(tenantId: string, backend: Backend, currency = 'EUR') {
  function document<Kind extends DocumentKind>(kind: Kind, externalId: string, body: DocumentBodies[Kind]): PostingDocument<Kind> {
    return {
      tenantId, backend, kind, externalId, version: 1, correlationId: `cor-${externalId}`,
      legalEntity: { code: 'FR01', currency: 'EUR' }, body,
    };
  }
  function charge(customerId: string, parts: readonly [net: bigint, tax: bigint][]) {
    const net = parts.reduce((total, [part]) => total + part, 0n);
    const tax = parts.reduce((total, [, part]) => total + part, 0n);
    return {
      number: 'INV-1', customerId, customerName: 'Ada', invoiceDate: '2026-01-31', dueDate: '2026-03-02', currency,
      netMinor: String(net), taxMinor: String(tax), totalMinor: String(net + tax),
      lines: parts.map(([lineNet, lineTax], at) => ({
        lineId: `l${at}`, description: 'Seats; yearly', quantity: '1', unitPriceMinor: String(lineNet), netMinor: String(lineNet),
        taxMinor: String(lineTax), taxRatePercent: '20', taxCode: 'FR20', revenueAccount: `70${at}0`,
      })),
    };
  }
  const applied = (paymentId: string, invoiceId: string, minor: bigint) => ({
    paymentId, invoiceId, invoiceNumber: 'INV-1', customerId: 'cus_a', appliedDate: '2026-02-11', currency, amountMinor: String(minor),
  });
  return {
    customer: (id = 'cus_a', version = 1) => ({
      ...document('customer', id, { key: id, name: `Ada ${version}`, email: null, countryCode: 'FR', currency }), version,
    }),
    contract: (id: string, state = 'active') => document('contract', id, {
      number: id, customerId: 'cus_a', state, startDate: '2026-01-01', endDate: '2026-12-31', currency,
      lines: [{ productKey: 'seat', quantity: '5', unitPriceMinor: '1000' }],
    }),
    entitlement: (id: string, quantity: string) => document('entitlement', id, {
      contractId: 'con_a', contractNumber: 'C-1', customerId: 'cus_a', grants: [{ productKey: 'seat', quantity }],
    }),
    invoice: (id: string, parts: readonly [bigint, bigint][]) => document('invoice', id, charge('cus_a', parts)),
    creditMemo: (id: string, invoiceId: string, parts: readonly [bigint, bigint][]) =>
      document('creditMemo', id, { ...charge('cus_a', parts), invoiceId, invoiceNumber: 'INV-1', reason: 'goodwill' }),
    invoiceVoid: (id: string, invoiceId: string, parts: readonly [bigint, bigint][]) =>
      document('invoiceVoid', id, { ...charge('cus_a', parts), invoiceId, invoiceNumber: 'INV-1', reason: 'error' }),
    payment: (id: string, minor: bigint, customerId: string | null = 'cus_a') => document('payment', id, {
      number: `PAY-${id}`, customerId, receivedDate: '2026-02-10', currency, amountMinor: String(minor), reference: 'INV-1',
    }),
    application: (id: string, [paymentId, invoiceId]: [string, string], minor: bigint) =>
      document('application', id, applied(paymentId, invoiceId, minor)),
    unapplication: (id: string, applicationId: string, [paymentId, invoiceId, minor]: [string, string, bigint]) =>
      document('unapplication', id, { ...applied(paymentId, invoiceId, minor), applicationId }),
  };
}

/** Reads an audit list or sets a knob. */
export async function ask<Body>(url: string, path: string, post?: unknown): Promise<Body> {
  const init = post === undefined ? {} : { method: 'POST', body: JSON.stringify(post) };
  const answer = await fetch(`${url}${path}`, init);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Body;
}
