import type { Work } from '../../work';

/** Says on which day each of these contracts has something to bill next; null for never again. One statement. */
export async function setBillingCursors(work: Work, days: ReadonlyMap<string, string | null>): Promise<void> {
  if (days.size === 0) return;
  const rows = [...days];
  const update = work.sql.dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE next_bill_on = VALUES(next_bill_on)' : 'ON CONFLICT (tenant_id, contract_id) DO UPDATE SET next_bill_on = excluded.next_bill_on';
  const values = rows.map(() => '(?, ?, ?)').join(', ');
  await work.sql.query(`INSERT INTO billing_cursor (tenant_id, contract_id, next_bill_on) VALUES ${values} ${update}`, rows.flatMap(([id, day]) => [work.tenantId, id, day]));
}
