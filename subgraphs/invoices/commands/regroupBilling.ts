import { Customer } from '../../../entities/customers/Customer';
import { anyOf } from '../../../entities/rows';
import { payerGroup, preloadPayers } from '../../payers';
import type { Work } from '../../work';
import { consolidatedFor } from './setBillingCursors';

/** Who pays for a customer, or how, has changed: the billing run puts the contracts of all whom that concerns on invoices together or alone, as it is now. */
export async function regroupBilling(work: Work, customerId: string): Promise<void> {
  const group = await payerGroup(work.sql, work.tenantId, [customerId]);
  await preloadPayers(work, await work.find(Customer, { id: group }));
  const payers = await consolidatedFor(work, group);
  for (const payer of new Set(payers.values())) {
    const any = anyOf(work.sql, [...payers].filter(([, one]) => one === payer).map(([id]) => id));
    const contracts = `SELECT id FROM contract WHERE tenant_id = ? AND customer_id ${any.text}`;
    await work.sql.query(`UPDATE billing_cursor SET consolidated_for = ? WHERE tenant_id = ? AND contract_id IN (${contracts})`, [payer, work.tenantId, work.tenantId, ...any.params]);
  }
}
