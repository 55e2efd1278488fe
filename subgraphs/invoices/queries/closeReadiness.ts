import { ExceptionState } from '../../../entities/operations/ExceptionItem';
import type { Sql } from '../../../entities/rows';
import { addDays, spanOfMonth } from '../../../entities/terms/days';
import type { CloseObstacle } from '../api';
import { earnedOf, type Month } from './earnedOf';

const CONTRACTS_MAX = 500;

/** Everything that is still missing before a month may be closed; nothing if it may. */
export async function closeReadiness(sql: Sql, at: Month): Promise<{ missing: CloseObstacle[] }> {
  const { tenantId, entity, month } = at;
  const { from, until } = spanOfMonth(month);
  const count = async (text: string, params: unknown[]) => Number((await sql.query<{ n: unknown }>(text, params))[0]!.n);
  const dated = `resource_id IN (SELECT id FROM invoice WHERE tenant_id = ? AND legal_entity_id = ? AND invoice_date >= ? AND invoice_date < ?
    UNION SELECT id FROM credit_memo WHERE tenant_id = ? AND legal_entity_id = ? AND credit_date >= ? AND credit_date < ?
    UNION SELECT id FROM revenue_journal WHERE tenant_id = ? AND legal_entity_id = ? AND month = ?)`;
  const datedParams = [tenantId, entity.id, from, until, tenantId, entity.id, from, until, tenantId, entity.id, month];
  const postings = await count(`SELECT COUNT(*) AS n FROM posting WHERE tenant_id = ? AND backend = 'erp' AND state IN ('PENDING', 'UNCERTAIN', 'REJECTED') AND ${dated}`, [tenantId, ...datedParams]);
  const billing = await count(
    `SELECT COUNT(*) AS n FROM billing_cursor b JOIN contract c ON c.tenant_id = b.tenant_id AND c.id = b.contract_id
     WHERE b.tenant_id = ? AND b.next_bill_on <= ? AND c.legal_entity_id = ? AND c.state = 'ACTIVE' AND c.billing_from <= ?`,
    [tenantId, addDays(until, -1), entity.id, addDays(until, -1)],
  );
  const exceptions = await count(
    `SELECT COUNT(*) AS n FROM exception_item e WHERE e.tenant_id = ? AND e.state = ? AND e.subject_id IN (SELECT p.id FROM posting p WHERE p.tenant_id = ? AND p.${dated})`,
    [tenantId, ExceptionState.OPEN, tenantId, ...datedParams],
  );
  const provisional = await count(
    `SELECT (SELECT COUNT(*) FROM invoice WHERE tenant_id = ? AND legal_entity_id = ? AND invoice_date >= ? AND invoice_date < ? AND provisional <> '[]')
     + (SELECT COUNT(*) FROM credit_memo WHERE tenant_id = ? AND legal_entity_id = ? AND credit_date >= ? AND credit_date < ? AND provisional <> '[]') AS n`,
    [tenantId, entity.id, from, until, tenantId, entity.id, from, until],
  );
  let revenue = 0;
  for (let after: string | null = ''; after !== null; ) {
    const page: Awaited<ReturnType<typeof earnedOf>> = await earnedOf(sql, at, { after, contractsMax: CONTRACTS_MAX });
    revenue += page.earned.length;
    after = page.last;
  }
  const all: CloseObstacle[] = [
    { what: 'BILLING_DUE', count: billing, nextAction: 'Run the billing of the month.' },
    { what: 'REVENUE_NOT_RECOGNIZED', count: revenue, nextAction: 'Recognize the revenue of the month.' },
    { what: 'POSTING_OPEN', count: postings, nextAction: 'Wait until the ERP has them, or work their exceptions.' },
    { what: 'DOCUMENT_PROVISIONAL', count: provisional, nextAction: 'Wait until the system that numbers and taxes them has them in its books.' },
    { what: 'EXCEPTION_OPEN', count: exceptions, nextAction: 'Work the exceptions of the month.' },
  ];
  return { missing: all.filter((one) => one.count > 0) };
}
