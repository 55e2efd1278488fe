import { createHash } from 'node:crypto';
import { Contract } from '../../entities/contracts/Contract';
import { BillingCursor } from '../../entities/invoices/BillingCursor';
import { Invoice } from '../../entities/invoices/Invoice';
import { Posting } from '../../entities/operations/Posting';
import { insertRows, selectRows, type Sql } from '../../entities/rows';

const BATCH_ROWS = 500;

/** Another id of the same kind. */
export const idLike = (id: string, copy: string) => `${id.slice(0, 4)}${createHash('md5').update(`${id}/${copy}`).digest('hex')}`;

/** Copies each invoice of a tenant, and its postings, until there are `times` of each; quicker than to issue them one by one. */
export async function multiplyInvoices(sql: Sql, tenantId: string, times: number): Promise<void> {
  const originals = await selectRows(sql, Invoice, { where: { tenantId } });
  const postings = await selectRows(sql, Posting, { where: { tenantId, resourceId: originals.map((invoice) => invoice.id) } });
  const invoices: Invoice[] = [];
  const queued: Posting[] = [];
  for (let n = 1; n < times; n++) {
    const copy = `${originals.length}.${n}`;
    for (const invoice of originals) invoices.push(Object.assign(new Invoice(), { ...invoice, id: idLike(invoice.id, copy), number: `${invoice.number}-${copy}` }));
    for (const posting of postings) {
      queued.push(Object.assign(new Posting(), { ...posting, id: idLike(posting.id, copy), resourceId: idLike(posting.resourceId, copy), sequence: posting.sequence + n * 10 }));
    }
  }
  for (let from = 0; from < invoices.length; from += BATCH_ROWS) await insertRows(sql, Invoice, invoices.slice(from, from + BATCH_ROWS));
  for (let from = 0; from < queued.length; from += BATCH_ROWS) await insertRows(sql, Posting, queued.slice(from, from + BATCH_ROWS));
}

/** Copies each contract of a tenant, and its place in the billing run, until there are `times` of each. */
export async function multiplyContracts(sql: Sql, tenantId: string, times: number): Promise<void> {
  const originals = await selectRows(sql, Contract, { where: { tenantId } });
  let batch: Contract[] = [];
  const flush = async () => {
    await insertRows(sql, Contract, batch);
    await insertRows(sql, BillingCursor, batch.map(({ id, startDate, legalEntityId }) => Object.assign(new BillingCursor(), { tenantId, contractId: id, legalEntityId, nextBillOn: startDate })));
    batch = [];
  };
  for (let n = 1; n < times; n++) {
    for (const contract of originals) batch.push(Object.assign(new Contract(), { ...contract, id: idLike(contract.id, `${n}`), number: `${contract.number}-${n}` }));
    if (batch.length >= BATCH_ROWS) await flush();
  }
  await flush();
}

/** The unified status of a page of customers, and whether each of their invoices is in step. */
export const STATUS_PAGE = `query($invoices: Int!) {
  customers(first: 50) { nodes {
    id name
    financialStatus {
      state activeContracts dunningStage entitlementAccess openExceptions lag
      balances { currency open { amount } overdue { amount } unapplied { amount } notDue { amount } days1To30 { amount } over90Days { amount } }
      freshness { source asOf }
    }
    sync { state billing erp crm saas lag heldBy correlationId exceptions { id } }
    invoices(first: $invoices) { id number open { amount } sync { state billing erp lag heldBy correlationId exceptions { id } } }
  } }
}`;
