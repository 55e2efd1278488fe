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

/** An application that says who pays from where, or (-1) one that is taken back. */
export interface Lesson {
  origin: Origin & Pick<Payment, 'source'>;
  customerId: string;
  by: 1 | -1;
}

/** Learns who pays from where from what was applied of money that a bank brought, and unlearns it with what is taken back. One statement. */
export async function learnPayer(work: Work, lessons: readonly Lesson[]): Promise<void> {
  const sums = new Map<string, [key: string, customerId: string, by: number]>();
  for (const { origin, customerId, by } of lessons) {
    const key = origin.source === 'BANK' ? aliasOf(origin) : undefined;
    if (key === undefined) continue;
    const before = sums.get(`${key}|${customerId}`)?.[2] ?? 0;
    sums.set(`${key}|${customerId}`, [key, customerId, before + by]);
  }
  if (sums.size === 0) return;
  const rows = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row); // in one order, so that two acts never wait for each other
  const update = work.sql.dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE confirmed = confirmed + VALUES(confirmed)' : 'ON CONFLICT (tenant_id, alias_key, customer_id) DO UPDATE SET confirmed = payer_alias.confirmed + excluded.confirmed';
  const params = rows.flatMap((row) => [work.tenantId, ...row]);
  await work.sql.query(`INSERT INTO payer_alias (tenant_id, alias_key, customer_id, confirmed) VALUES ${rows.map(() => '(?, ?, ?, ?)').join(', ')} ${update}`, params);
}
