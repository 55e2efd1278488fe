import { Refusal } from '../../entities/refusal';
import { effectiveDateOf, type DocumentKind, type EntitlementDocument, type PostingDocument } from '../../sync/documents';
import type { JournalEntry, JournalLine } from './ledger';
import type { Scope, Store } from './store';

/** Rows in one page of an audit list; `after` goes on where the page's `next` says. */
export const PAGE_ROWS_MAX = 5_000;

export interface Page<Row> {
  rows: Row[];
  next: number | null;
}

/** Where a page starts, from the query string. Refuses CURSOR_MALFORMED. */
export function readCursor(text: string | null): number {
  if (text === null || text === '') return 0;
  if (!/^\d{1,15}$/.test(text)) throw new Refusal('CURSOR_MALFORMED', 'after is the `next` of the page before.', 'after');
  return Number(text);
}

/** Debits and credits of every account of every legal entity, by currency. */
export function balances({ db }: Store, scope: Scope) {
  const rows = db.prepare(`SELECT entity, account, account_kind AS kind, currency, SUM(debit_minor) AS debit, SUM(credit_minor) AS credit
    FROM lines WHERE tenant_id = @tenantId AND backend = @backend
    GROUP BY entity, account_kind, account, currency ORDER BY entity, account, account_kind, currency`).safeIntegers().all(scope);
  return (rows as { entity: string; account: string; kind: string; currency: string; debit: bigint; credit: bigint }[])
    .map(({ debit, credit, ...row }) => ({ ...row, debitMinor: String(debit), creditMinor: String(credit) }));
}

type Head = Pick<JournalEntry, 'sequence' | 'entity' | 'kind' | 'externalId'> & { postingDate: string | null; body: string };

/** Journal entries in the order of booking. */
export function journal({ db }: Store, scope: Scope, after: number): Page<JournalEntry> {
  const heads = db.prepare(`SELECT sequence, COALESCE(entity, '') AS entity, kind, external_id AS externalId,
    posting_date AS postingDate, body FROM documents WHERE tenant_id = @tenantId AND backend = @backend AND sequence > @after
      AND kind NOT IN ('customer', 'contract', 'contractCheck', 'entitlement', 'usage') ORDER BY sequence LIMIT ${PAGE_ROWS_MAX}`).all({ ...scope, after }) as Head[];
  const lines = db.prepare(`SELECT account, account_kind AS accountKind, party, item, debit_minor AS debitMinor,
    credit_minor AS creditMinor, currency FROM lines
    WHERE tenant_id = @tenantId AND backend = @backend AND sequence = @sequence ORDER BY place`).safeIntegers();
  const rows = heads.map(({ body, postingDate, ...head }): JournalEntry => {
    const content = JSON.parse(body) as PostingDocument['body'];
    const effectiveDate = effectiveDateOf({ body: content }) ?? '';
    return {
      ...head,
      date: postingDate ?? effectiveDate,
      effectiveDate,
      text: textOf(content),
      lines: lines.all({ ...scope, sequence: head.sequence }) as JournalLine[],
    };
  });
  return { rows, next: nextOf(rows, (row) => row.sequence) };
}

function textOf(body: PostingDocument['body']): string {
  if ('invoiceNumber' in body) return body.invoiceNumber;
  return 'number' in body ? body.number : '';
}

/** A page is followed by another when it is full. */
function nextOf<Row>(rows: Row[], cursor: (row: Row) => number): number | null {
  return rows.length < PAGE_ROWS_MAX ? null : cursor(rows[rows.length - 1]!);
}

export interface Listed {
  first: number;
  kind: DocumentKind;
  externalId: string;
  version: number;
  count: number;
}

/** Every external id with the number of times it is in the books; `doubles` lists only those there more than once. */
export function listDocuments({ db }: Store, scope: Scope, page: { after: number; doubles: boolean }): Page<Listed> {
  const rows = db.prepare(`SELECT MIN(sequence) AS first, kind, external_id AS externalId, MAX(version) AS version, COUNT(*) AS count
    FROM documents WHERE tenant_id = @tenantId AND backend = @backend GROUP BY kind, external_id
    HAVING MIN(sequence) > @after AND COUNT(*) >= @least ORDER BY first LIMIT ${PAGE_ROWS_MAX}`)
    .all({ ...scope, after: page.after, least: page.doubles ? 2 : 1 }) as Listed[];
  return { rows, next: nextOf(rows, (row) => row.first) };
}

/** Invoices and payments that are not settled: positive is open, negative is unapplied cash or credit. */
export function openItems({ db }: Store, scope: Scope) {
  const rows = db.prepare(`SELECT item, currency, SUM(debit_minor - credit_minor) AS minor FROM lines
    WHERE tenant_id = @tenantId AND backend = @backend AND item IS NOT NULL
    GROUP BY item, currency HAVING minor <> 0 ORDER BY item`).safeIntegers().all(scope);
  return (rows as { item: string; currency: string; minor: bigint }[])
    .map(({ item, currency, minor }) => ({ item, currency, openMinor: String(minor) }));
}

/** What each contract may use, by product. */
export function entitlements({ db }: Store, scope: Scope) {
  const rows = db.prepare(`SELECT external_id AS externalId, version, body FROM documents
    WHERE tenant_id = @tenantId AND backend = @backend AND kind = 'entitlement' ORDER BY sequence`).all(scope);
  return (rows as { externalId: string; version: number; body: string }[]).flatMap(({ body, ...row }) => {
    const { contractId, customerId, grants } = JSON.parse(body) as EntitlementDocument;
    return grants.map((grant) => ({ ...row, contractId, customerId, ...grant }));
  });
}

/** Bookings and doubles of one backend, over all tenants. */
export function totals({ db }: Store, backend: string) {
  return db.prepare(`SELECT COALESCE(SUM(times), 0) AS documents, COUNT(*) FILTER (WHERE times > 1) AS doubles FROM (
    SELECT COUNT(*) AS times FROM documents WHERE backend = ? GROUP BY tenant_id, kind, external_id)`).get(backend) as
    { documents: number; doubles: number };
}
