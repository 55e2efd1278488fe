import type { Contract } from '../../../entities/contracts/Contract';
import { Customer } from '../../../entities/customers/Customer';
import { payerOf } from '../../payers';
import type { Work } from '../../work';

const COLUMNS = ['next_bill_on', 'legal_entity_id', 'consolidated_for'];

/** Says on which day each of these contracts has something to bill next, null for never again, and whether on an invoice with others. One statement, and one for each customer not known yet. */
export async function setBillingCursors(work: Work, days: ReadonlyMap<Contract, string | null>): Promise<void> {
  if (days.size === 0) return;
  const update = work.sql.dialect === 'mysql'
    ? `ON DUPLICATE KEY UPDATE ${COLUMNS.map((name) => `${name} = VALUES(${name})`).join(', ')}`
    : `ON CONFLICT (tenant_id, contract_id) DO UPDATE SET ${COLUMNS.map((name) => `${name} = excluded.${name}`).join(', ')}`;
  const consolidated = await consolidatedFor(work, [...days.keys()].map(({ customerId }) => customerId));
  const values = [...days].map(() => '(?, ?, ?, ?, ?)').join(', ');
  const params = [...days].flatMap(([{ id, legalEntityId, customerId }, day]) => [work.tenantId, id, day, legalEntityId, consolidated.get(customerId)]);
  await work.sql.query(`INSERT INTO billing_cursor (tenant_id, contract_id, ${COLUMNS.join(', ')}) VALUES ${values} ${update}`, params);
}

/** Customer → the payer who gets what it owes on one invoice with the rest; null for who does not. */
export async function consolidatedFor(work: Work, customerIds: readonly string[]): Promise<Map<string, string | null>> {
  const payers = new Map<string, string | null>();
  for (const id of new Set(customerIds)) {
    const payer = await payerOf(work, await work.read(Customer, id));
    payers.set(id, payer.consolidatesInvoices ? payer.id : null);
  }
  return payers;
}
