import Database from 'better-sqlite3';
import { UPSERT_KINDS, type Backend, type DocumentKind, type PostingDocument } from '../../sync/documents';
import type { JournalLine } from './ledger';

/** One booking of a document. A create kind sent twice has two of them. */
export interface Booking {
  sequence: number;
  kind: DocumentKind;
  externalId: string;
  version: number;
  reference: string;
  entity: string | null;
  /** The accounting date, if it is another than the document's own. */
  postingDate: string | null;
  body: string;
}

/** Names documents within the books of one tenant at one backend. */
export interface Key {
  tenantId: string;
  backend: Backend;
  kind: DocumentKind;
  externalId: string;
}
export type Scope = Pick<Key, 'tenantId' | 'backend'>;

/** What goes into the books at once: the document and the lines it moves. */
export interface BookingInput {
  document: PostingDocument;
  lines: readonly JournalLine[];
  /** The document that this one reverses or credits. */
  target: string | null;
  nowMs: number;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS documents (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id TEXT NOT NULL, backend TEXT NOT NULL, kind TEXT NOT NULL,
  external_id TEXT NOT NULL, version INTEGER NOT NULL, entity TEXT, target TEXT, correlation_id TEXT NOT NULL,
  body TEXT NOT NULL, booked_ms INTEGER NOT NULL, posting_date TEXT) STRICT;
CREATE INDEX IF NOT EXISTS documents_by_id ON documents (tenant_id, backend, kind, external_id);
CREATE INDEX IF NOT EXISTS documents_by_target ON documents (tenant_id, backend, target) WHERE target IS NOT NULL;
CREATE TABLE IF NOT EXISTS lines (
  tenant_id TEXT NOT NULL, backend TEXT NOT NULL, sequence INTEGER NOT NULL, place INTEGER NOT NULL, entity TEXT,
  account TEXT NOT NULL, account_kind TEXT NOT NULL, party TEXT, item TEXT, currency TEXT NOT NULL,
  debit_minor INTEGER NOT NULL, credit_minor INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, backend, sequence, place)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lines_by_item ON lines (tenant_id, backend, item, debit_minor, credit_minor) WHERE item IS NOT NULL;`;

const BOOKING = 'sequence, kind, external_id AS externalId, version, entity, posting_date AS postingDate, body';
const BY_KEY = 'tenant_id = @tenantId AND backend = @backend AND kind = @kind AND external_id = @externalId';

/** The sandbox's books in one SQLite file, or in memory. */
export class Store {
  readonly db: Database.Database;
  private readonly statements: ReturnType<typeof prepare>;

  constructor(file: string) {
    this.db = new Database(file);
    this.db.pragma('journal_mode = WAL');
    this.db.pragma('synchronous = NORMAL');
    this.db.pragma('cache_size = -4000');
    this.db.exec(SCHEMA);
    addPostingDate(this.db);
    this.statements = prepare(this.db);
  }

  /** The newest booking under the id. */
  find(key: Key): Booking | undefined {
    const row = this.statements.find.get(key) as Omit<Booking, 'reference'> | undefined;
    return row && { ...row, reference: referenceOf(key.backend, row.sequence) };
  }

  /** How many times the id is in the books. */
  count(key: Key): number {
    return (this.statements.count.get(key) as { times: number }).times;
  }

  /** How many documents of the kind a legal entity has. */
  countOf(key: Pick<Key, 'tenantId' | 'backend' | 'kind'> & { entity: string }): number {
    return (this.statements.countOf.get({ tenantId: key.tenantId, backend: key.backend, kind: key.kind, entity: key.entity }) as { times: number }).times;
  }

  /** How many documents of the kind reverse or credit the one named. */
  countAgainst(key: Key): number {
    return (this.statements.against.get(key) as { times: number }).times;
  }

  /** Debits less credits on an item: what an invoice still asks for, minus what a payment still has. */
  openMinor(scope: Scope, item: string): bigint {
    return (this.statements.open.get({ ...scope, item }) as { minor: bigint }).minor;
  }

  /** Books a document; an upsert kind takes the place of the version before. */
  book(input: BookingInput): Booking {
    const { document } = input;
    const old = UPSERT_KINDS.has(document.kind) ? this.find(document) : undefined;
    const row = {
      tenantId: document.tenantId, backend: document.backend, kind: document.kind, externalId: document.externalId,
      version: document.version, entity: document.legalEntity?.code ?? null, target: input.target,
      correlationId: document.correlationId, postingDate: document.postingDate ?? null, body: JSON.stringify(document.body), nowMs: input.nowMs,
    };
    if (old) this.statements.replace.run({ ...row, sequence: old.sequence });
    const sequence = old?.sequence ?? Number(this.statements.insert.run(row).lastInsertRowid);
    input.lines.forEach((line, place) => this.statements.line.run({ ...line, ...row, sequence, place }));
    return { ...row, sequence, reference: referenceOf(row.backend, sequence) };
  }

  close(): void {
    this.db.close();
  }
}

/** The backend's own id of a booking. */
export function referenceOf(backend: Backend, sequence: number): string {
  return `${backend.toUpperCase()}-${String(sequence).padStart(6, '0')}`;
}

/** Books of an earlier version know no accounting date but the document's own. */
function addPostingDate(db: Database.Database): void {
  const columns = db.pragma('table_info(documents)') as { name: string }[];
  if (!columns.some(({ name }) => name === 'posting_date')) db.exec('ALTER TABLE documents ADD COLUMN posting_date TEXT');
}

function prepare(db: Database.Database) {
  return {
    find: db.prepare(`SELECT ${BOOKING} FROM documents WHERE ${BY_KEY} ORDER BY sequence DESC LIMIT 1`),
    count: db.prepare(`SELECT COUNT(*) AS times FROM documents WHERE ${BY_KEY}`),
    countOf: db.prepare('SELECT COUNT(*) AS times FROM documents WHERE tenant_id = @tenantId AND backend = @backend AND kind = @kind AND entity = @entity'),
    against: db.prepare(`SELECT COUNT(*) AS times FROM documents
      WHERE tenant_id = @tenantId AND backend = @backend AND kind = @kind AND target = @externalId`),
    open: db.prepare(`SELECT COALESCE(SUM(debit_minor - credit_minor), 0) AS minor FROM lines
      WHERE tenant_id = @tenantId AND backend = @backend AND item = @item`).safeIntegers(),
    insert: db.prepare(`INSERT INTO documents
      (tenant_id, backend, kind, external_id, version, entity, target, correlation_id, body, booked_ms, posting_date)
      VALUES (@tenantId, @backend, @kind, @externalId, @version, @entity, @target, @correlationId, @body, @nowMs, @postingDate)`),
    replace: db.prepare(`UPDATE documents SET version = @version, entity = @entity, correlation_id = @correlationId,
      body = @body, booked_ms = @nowMs WHERE sequence = @sequence`),
    line: db.prepare(`INSERT INTO lines
      (tenant_id, backend, sequence, place, entity, account, account_kind, party, item, currency, debit_minor, credit_minor)
      VALUES (@tenantId, @backend, @sequence, @place, @entity, @account, @accountKind, @party, @item, @currency,
        @debitMinor, @creditMinor)`),
  };
}
