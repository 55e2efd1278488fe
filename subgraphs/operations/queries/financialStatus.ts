import DataLoader from 'dataloader';
import type { CaseState } from '../../../entities/collections/CollectionCase';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import type { PostingState } from '../../../entities/operations/Posting';
import { selectRows } from '../../../entities/rows';
import { money } from '../../../entities/types';
import { BACKENDS } from '../../../sync/documents';
import { below } from '../../../sync/lanes';
import type { RequestContext } from '../../context';
import { dayIn } from '../../work';
import { CustomerBalance, FinancialStatus, Freshness } from '../api';
import { ageingBucket, isUnsettled, lagSeconds, type PostingCount, syncState } from '../rules';

/** The unified status of a customer, batched: ten statements for up to 200 customers, however much they have. What customers merged into it have is its own. */
export function financialStatus(context: RequestContext, customerId: string): Promise<FinancialStatus> {
  const make = () => new DataLoader<string, FinancialStatus>((ids) => load(context, ids), { maxBatchSize: 200 });
  return context.loader('financialStatus', make).load(customerId);
}

type Row = Record<string, unknown> & { customer_id: string };

async function load(context: RequestContext, ids: readonly string[]): Promise<FinancialStatus[]> {
  const { tenantId } = context.principal;
  const standing = await standingFor(context, ids);
  const all = [...standing.keys()];
  const marks = all.map(() => '?').join(', ');
  const ask = (text: string) => {
    const parts = text.split('$CUSTOMERS');
    return context.reads.query<Row>(parts.join(`tenant_id = ? AND customer_id IN (${marks})`), parts.slice(1).flatMap(() => [tenantId, ...all]));
  };
  const entities = await selectRows(context.reads, LegalEntity, { where: { tenantId } });
  const contracts = await ask("SELECT customer_id, COUNT(*) AS n FROM contract WHERE $CUSTOMERS AND state = 'ACTIVE' GROUP BY customer_id");
  const open = await ask(
    `SELECT customer_id, currency, legal_entity_id, due_date, SUM(open_minor) AS minor FROM invoice
     WHERE $CUSTOMERS AND settlement IN ('UNPAID', 'PARTLY_PAID') GROUP BY customer_id, currency, legal_entity_id, due_date`,
  );
  const cash = await ask(
    `SELECT customer_id, currency, SUM(unapplied_minor) AS minor FROM payment WHERE $CUSTOMERS AND state IN ('UNAPPLIED', 'PARTLY_APPLIED') GROUP BY customer_id, currency
     UNION ALL SELECT customer_id, currency, SUM(unapplied_minor) FROM credit_memo WHERE $CUSTOMERS AND unapplied_minor > 0 GROUP BY customer_id, currency`,
  );
  const cases = await ask("SELECT customer_id, state FROM collection_case WHERE $CUSTOMERS AND state <> 'CLOSED'");
  const entitlements = await ask("SELECT customer_id, state, COUNT(*) AS n FROM subscription WHERE $CUSTOMERS AND state <> 'ENDED' GROUP BY customer_id, state");
  const exceptions = await ask("SELECT customer_id, COUNT(*) AS n FROM exception_item WHERE $CUSTOMERS AND state = 'OPEN' GROUP BY customer_id");
  const postings = await unsettledOf(context, all);
  const [bank] = await context.reads.query('SELECT MAX(closing_date) AS day FROM bank_statement WHERE tenant_id = ?', [tenantId]);
  const nowMs = context.engine.clock.nowMs();
  const today = new Map(entities.map((entity) => [entity.id, dayIn(nowMs, entity.timeZone)]));
  return ids.map((id) => {
    const of = (rows: Row[]) => rows.filter((row) => standing.get(row.customer_id) === id);
    const numberOf = (rows: Row[]) => of(rows).reduce((count, { n }) => count + Number(n), 0);
    const counts = postings.filter((count) => standing.get(count.customerId) === id);
    const openExceptions = numberOf(exceptions);
    return Object.assign(new FinancialStatus(), {
      state: syncState(counts, openExceptions),
      activeContracts: numberOf(contracts),
      balances: balancesOf(of(open), of(cash), today),
      dunningStage: (of(cases)[0]?.state as CaseState | undefined) ?? null,
      entitlementAccess: access(of(entitlements)),
      openExceptions,
      lag: lagSeconds(counts, nowMs),
      freshness: freshnessOf(counts, { nowMs, bankDay: (bank?.day as string | null) ?? null }),
    });
  });
}

/** Each of these customers and each merged into one of them → the one that stands for it. */
async function standingFor({ reads, principal: { tenantId } }: RequestContext, ids: readonly string[]): Promise<Map<string, string>> {
  const merged = await reads.query<{ id: string; standing: string }>(`SELECT id, merged_into_id AS standing FROM customer WHERE tenant_id = ? AND merged_into_id IN (${ids.map(() => '?').join(', ')})`, [tenantId, ...ids]);
  return new Map([...merged.map(({ id, standing }) => [id, standing] as const), ...ids.map((id) => [id, id] as const)]);
}

interface CustomerCount extends PostingCount {
  customerId: string;
}

/** Unsettled and rejected postings by the customer whose lanes they wait in: the lanes first, which are few, then what is open in them. */
async function unsettledOf(context: RequestContext, ids: readonly string[]): Promise<CustomerCount[]> {
  const ranges = ids.map(() => '(l.id >= ? AND l.id < ?)').join(' OR ');
  const rows = await context.reads.query<{ lane: string; backend: string; state: PostingState; oldest: unknown }>(
    `SELECT p.lane, p.backend, p.state, MIN(p.created_at_ms) AS oldest FROM lane l
     JOIN posting p ON p.tenant_id = l.tenant_id AND p.lane = l.id AND p.state IN ('PENDING', 'UNCERTAIN', 'REJECTED')
     WHERE l.tenant_id = ? AND (${ranges}) GROUP BY p.lane, p.backend, p.state`,
    [context.principal.tenantId, ...ids.flatMap(below)],
  );
  return rows.map(({ lane, backend, state, oldest }) => ({ customerId: lane.split('/')[0]!, backend, state, oldestMs: Number(oldest) }));
}

function balancesOf(open: Row[], cash: Row[], today: Map<string, string>): CustomerBalance[] {
  const currencies = [...new Set([...open, ...cash].map((row) => row.currency as string))].sort();
  return currencies.map((currency) => {
    const buckets = [0n, 0n, 0n, 0n, 0n];
    for (const row of open.filter((item) => item.currency === currency)) {
      buckets[ageingBucket(row.due_date as string, today.get(row.legal_entity_id as string)!)]! += BigInt(row.minor as string);
    }
    const [notDue, days1To30, days31To60, days61To90, over90Days] = buckets.map((minor) => money(minor, currency));
    const overdue = buckets.slice(1).reduce((a, b) => a + b, 0n);
    const unapplied = cash.filter((item) => item.currency === currency).reduce((total, row) => total + BigInt(row.minor as string), 0n);
    return Object.assign(new CustomerBalance(), {
      currency, notDue, days1To30, days31To60, days61To90, over90Days,
      open: money(overdue + buckets[0]!, currency),
      overdue: money(overdue, currency),
      unapplied: money(unapplied, currency),
    });
  });
}

function access(rows: Row[]): string {
  if (rows.length === 0) return 'NONE';
  return rows.some((row) => row.state === 'HELD') ? 'HELD' : 'FULL';
}

function freshnessOf(counts: CustomerCount[], at: { nowMs: number; bankDay: string | null }): Freshness[] {
  const bank = Object.assign(new Freshness(), { source: 'BANK', asOf: at.bankDay ? new Date(`${at.bankDay}T23:59:59Z`) : null });
  const targets = BACKENDS.map((backend) => {
    const waiting = counts.filter((count) => count.backend === backend && (isUnsettled(count) || count.state === 'REJECTED'));
    const asOfMs = waiting.length === 0 ? at.nowMs : Math.min(...waiting.map((count) => count.oldestMs));
    return Object.assign(new Freshness(), { source: backend.toUpperCase(), asOf: new Date(asOfMs) });
  });
  return [bank, ...targets];
}
