import { tally } from '../../../entities/money';
import type { Sql } from '../../../entities/rows';
import { spanOfMonth } from '../../../entities/terms/days';
import { canonicalJson } from '../../../sync/canonical';
import type { Month } from './earnedOf';

/**
 * What the books of a legal entity say of a month, as canonical JSON: every document dated in it, in order of its number, and the sums by currency. The same documents give
 * the same bytes, so a hash of them shows whether anything of a month has changed.
 */
export async function periodReport(sql: Sql, { tenantId, entity, month }: Month): Promise<string> {
  const { from, until } = spanOfMonth(month);
  const within = [tenantId, entity.id, from, until];
  const invoices = await sql.query(
    'SELECT number, invoice_date AS day, currency, net_minor AS net, tax_minor AS tax, total_minor AS total FROM invoice WHERE tenant_id = ? AND legal_entity_id = ? AND invoice_date >= ? AND invoice_date < ? ORDER BY number',
    within,
  );
  const creditMemos = await sql.query(
    'SELECT number, credit_date AS day, currency, net_minor AS net, tax_minor AS tax, total_minor AS total FROM credit_memo WHERE tenant_id = ? AND legal_entity_id = ? AND credit_date >= ? AND credit_date < ? ORDER BY number',
    within,
  );
  const payments = await sql.query(
    'SELECT reference AS number, received_date AS day, currency, amount_minor AS total FROM payment WHERE tenant_id = ? AND legal_entity_id = ? AND received_date >= ? AND received_date < ? ORDER BY received_date, reference',
    within,
  );
  const journals = await sql.query(
    'SELECT number, journal_date AS day, currency, recognized_minor AS total FROM revenue_journal WHERE tenant_id = ? AND legal_entity_id = ? AND month = ? ORDER BY number',
    [tenantId, entity.id, month],
  );
  const plain = (rows: Record<string, unknown>[]) => rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])));
  const documents = { invoices: plain(invoices), creditMemos: plain(creditMemos), payments: plain(payments), revenueJournals: plain(journals) };
  const totals = Object.fromEntries(Object.entries(documents).map(([kind, rows]) => [kind, totalsOf(rows)]));
  return canonicalJson({ legalEntity: entity.code, month, documents, totals });
}

function totalsOf(rows: Record<string, string>[]): Record<string, string> {
  const totals = new Map<string, bigint>();
  for (const { currency, total } of rows) tally(totals, currency!, BigInt(total!));
  return Object.fromEntries([...totals].sort().map(([currency, minor]) => [currency, minor.toString()]));
}
