import { PayerAlias } from '../../../entities/payments/PayerAlias';
import type { Payment } from '../../../entities/payments/Payment';
import { sha256 } from '../../../sync/canonical';
import type { Work } from '../../work';

/** Where a payment came from. */
export type Origin = Pick<Payment, 'payerAccount' | 'payerName'>;

/** What a payer is known by: the account, or else the name; nothing if the bank said neither. */
export function aliasOf({ payerAccount, payerName }: Origin): string | undefined {
  if (payerAccount) return sha256(`account|${payerAccount}`);
  return payerName ? sha256(`name|${payerName.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '')}`) : undefined;
}

/** Each origin's alias → the customers who have paid from there. One statement. */
export async function knownPayers(work: Work, origins: readonly Origin[]): Promise<Map<string, string[]>> {
  const keys = [...new Set(origins.map(aliasOf).filter((key) => key !== undefined))];
  const payers = new Map<string, string[]>();
  if (keys.length === 0) return payers;
  for (const { aliasKey, customerId, confirmed } of await work.find(PayerAlias, { aliasKey: keys })) {
    if (confirmed > 0) payers.set(aliasKey, [...(payers.get(aliasKey) ?? []), customerId]);
  }
  return payers;
}

/** Learns from an application who pays from where, or unlearns it with one that is taken back. What was applied by that knowledge itself teaches nothing. */
export async function learnPayer(work: Work, origin: Origin, { customerId, rule, by }: { customerId: string; rule: string; by: 1 | -1 }): Promise<void> {
  const key = aliasOf(origin);
  if (key === undefined || (rule === 'PAYER_AND_AMOUNT' && by === 1)) return;
  const update = work.sql.dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE' : 'ON CONFLICT (tenant_id, alias_key, customer_id) DO UPDATE SET';
  await work.sql.query(`INSERT INTO payer_alias (tenant_id, alias_key, customer_id, confirmed) VALUES (?, ?, ?, ?) ${update} confirmed = payer_alias.confirmed + ?`, [work.tenantId, key, customerId, by, by]);
}
