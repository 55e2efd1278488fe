import { camtStatement } from './statement';
import type { ApiClient } from './client';

export interface Told {
  legalEntityId: string;
  customerIds: string[];
  invoices: { id: string; number: string }[];
}

export interface Stage {
  api: ApiClient;
  /** Company code: unused before, so that the ERP's company has only this story in its books. */
  entityCode: string;
  iban: string;
  say(line: string): void;
}

/**
 * The road from renewal to cash through the public API: create, amend, renew, issue, and a bank statement that pays one invoice
 * in full, one in part, and has one transfer whose reference nobody knows.
 */
export async function tellStory({ api, entityCode, iban, say }: Stage): Promise<Told> {
  const entity = await api.run('upsertLegalEntity', {
    code: entityCode, name: `Scenario ${entityCode}`, currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2026-01-01', bankAccounts: [iban],
  }, '... on LegalEntity { id }');
  const tax = { taxCode: 'VAT19', taxRatePercent: '19' };
  const seat = await api.run('upsertProduct', { key: `${entityCode}-SEAT`, name: 'Seat', revenueAccount: '4010', ...tax }, '... on Product { id }');
  const care = await api.run('upsertProduct', { key: `${entityCode}-CARE`, name: 'Care', revenueAccount: '4030', ...tax }, '... on Product { id }');
  const customer = await api.run('upsertCustomer', { key: `${entityCode}-NORTH`, name: 'Northwind Traders', countryCode: 'DE', currency: 'EUR' }, '... on Customer { id }');
  const fields = '... on Contract { id version endDate }';
  const contract = await api.run('createContract', {
    number: `${entityCode}-C1`, customerId: customer.id, legalEntityId: entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR',
    lines: [{ productId: seat.id, quantity: '10', unitPrice: { amount: '33.33', currency: 'EUR' } }],
  }, fields);
  say(`contract ${entityCode}-C1 created`);
  await api.run('amendContract', {
    contractId: contract.id, expectedVersion: 1, reason: 'Five more seats and care',
    lines: [{ productId: seat.id, quantity: '15' }, { productId: care.id, quantity: '1', unitPrice: { amount: '99.99', currency: 'EUR' } }],
  }, fields);
  const renewed = await api.run('renewContract', {
    contractId: contract.id, expectedVersion: 2, endDate: '2027-12-31', reason: 'Renewed for 2027 with an uplift',
    lines: [{ productId: seat.id, quantity: '20', unitPrice: { amount: '34.99', currency: 'EUR' } }],
  }, fields);
  say(`amended and renewed to version ${renewed.version}, until ${renewed.endDate}`);
  const invoiceFields = '... on Invoice { id number paymentReference total { amountMinor amount } }';
  const invoices = [];
  for (const [month, day] of [['10', '2026-10-01'], ['11', '2026-11-01']] as const) {
    invoices.push(await api.run('issueInvoice', { reference: `${entityCode}-C1/2026-${month}`, contractId: contract.id, invoiceDate: day }, invoiceFields));
  }
  say(`invoices ${invoices.map((invoice) => `${invoice.number} over ${invoice.total.amount}`).join(', ')} issued`);
  const content = camtStatement({ iban, id: `${entityCode}-STMT-1`, day: '2026-11-20', openingMinor: 100_000n }, [
    { amountMinor: BigInt(invoices[0].total.amountMinor), creditorReference: invoices[0].paymentReference, payer: 'Northwind Traders' },
    { amountMinor: 30_000n, text: `Payment on account of ${invoices[1].number} thank you`, payer: 'Northwind Traders' },
    { amountMinor: 12_345n, endToEndId: 'PO-7788-UNKNOWN', payer: 'Somebody Else' },
  ]);
  const report = await api.run('importBankStatement', { content }, '... on BankStatementImport { lines known applied unmatched debits conflicts }');
  say(`bank statement imported: ${report.lines} lines, ${report.applied} applied, ${report.unmatched} unmatched`);
  return { legalEntityId: entity.id, customerIds: [customer.id], invoices };
}

/** Waits until every backend has everything, or a bound of time is over; returns the customer's status either way. */
export async function settled(api: ApiClient, customerId: string, wait: (ms: number) => Promise<void>): Promise<any> {
  const query = `query($id: ID!) { customer(id: $id) { name
    financialStatus { state lag activeContracts entitlementAccess openExceptions balances { currency open { amount } overdue { amount } unapplied { amount } } }
    contracts { number version subscriptions { productKey state grantedQuantity soldQuantity } sync { state billing crm } }
    invoices { number settlement total { amount } open { amount } sync { state billing erp lag } } payments { state sync { state erp } } }
    exceptions(filter: { state: OPEN }) { nodes { kind message moneyAtRisk { amount } subject { ... on Payment { remittance sync { erp } } } } } }`;
  for (let tries = 0; ; tries++) {
    const status = await api.ask(query, { id: customerId });
    const unsettled = JSON.stringify(status).match(/"(PENDING|UNCERTAIN)"/);
    if (!unsettled || tries === 400) return status;
    await wait(150);
  }
}
