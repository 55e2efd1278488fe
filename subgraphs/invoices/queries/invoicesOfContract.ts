import DataLoader from 'dataloader';
import { Invoice } from '../../../entities/invoices/Invoice';
import { Refusal } from '../../../entities/refusal';
import { hydrate, shapeOf } from '../../../entities/rows';
import type { RequestContext } from '../../context';
import { CHILDREN_MAX } from '../../loaders';

/** The latest invoices that are of a contract alone or bill it together with others, batched: one statement for all contracts of the request. Refuses PAGE_SIZE_INVALID. */
export function invoicesOfContract(context: RequestContext, contractId: string, first: number): Promise<Invoice[]> {
  if (first < 1 || first > CHILDREN_MAX) throw new Refusal('PAGE_SIZE_INVALID', `first is 1 to ${CHILDREN_MAX}.`, 'first');
  const make = () => new DataLoader<string, Invoice[]>((ids) => load(context, ids, first));
  return context.loader(`invoicesOfContract.${first}`, make).load(contractId);
}

async function load({ reads, principal: { tenantId } }: RequestContext, ids: readonly string[], first: number): Promise<Invoice[][]> {
  const { list } = shapeOf(reads.source, Invoice);
  const columns = list.split(', ').map((column) => `i.${column}`).join(', ');
  const marks = ids.map(() => '?').join(', ');
  const rows = await reads.query<Record<string, unknown>>(
    `SELECT * FROM (SELECT ofAll.*, ROW_NUMBER() OVER (PARTITION BY billed_contract ORDER BY created_at_ms DESC, id) AS place FROM (
       SELECT ${columns}, i.contract_id AS billed_contract FROM invoice i WHERE i.tenant_id = ? AND i.contract_id IN (${marks})
       UNION ALL
       SELECT ${columns}, b.contract_id FROM (SELECT DISTINCT tenant_id, contract_id, document_id FROM billed_item WHERE tenant_id = ? AND contract_id IN (${marks})) b
         JOIN invoice i ON i.tenant_id = b.tenant_id AND i.id = b.document_id WHERE i.contract_id IS NULL) ofAll) ranked WHERE place <= ? ORDER BY place`,
    [tenantId, ...ids, tenantId, ...ids, first],
  );
  const invoices = hydrate(reads, Invoice, rows);
  return ids.map((id) => invoices.filter((_, index) => rows[index]!['billed_contract'] === id));
}
