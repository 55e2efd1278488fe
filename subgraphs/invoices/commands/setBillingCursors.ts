import type { Contract } from '../../../entities/contracts/Contract';
import type { Work } from '../../work';

/** Says on which day each of these contracts has something to bill next; null for never again. One statement. */
export async function setBillingCursors(work: Work, days: ReadonlyMap<Contract, string | null>): Promise<void> {
  if (days.size === 0) return;
  const columns = ['next_bill_on', 'legal_entity_id'];
  const update = work.sql.dialect === 'mysql'
    ? `ON DUPLICATE KEY UPDATE ${columns.map((name) => `${name} = VALUES(${name})`).join(', ')}`
    : `ON CONFLICT (tenant_id, contract_id) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`;
  const rows = [...days];
  const values = rows.map(() => '(?, ?, ?, ?)').join(', ');
  const params = rows.flatMap(([{ id, legalEntityId }, day]) => [work.tenantId, id, legalEntityId, day]);
  await work.sql.query(`INSERT INTO billing_cursor (tenant_id, contract_id, legal_entity_id, next_bill_on) VALUES ${values} ${update}`, params);
}
