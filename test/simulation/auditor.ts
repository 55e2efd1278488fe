import type { Database } from '../../entities/database';
import type { Sql } from '../../entities/rows';
import { type PostingDocument, UPSERT_KINDS } from '../../sync/documents';
import { balancesOf } from './journal';
import { type Ledger, must, openOf } from './ledger';
import { isServedBy, slotOf, type Timeline } from './timeline';

const SETTLED = "('POSTED', 'SUPERSEDED')";

interface PostingRow {
  id: string;
  lane: string;
  sequence: bigint;
  state: string;
  reason: string | null;
  document: PostingDocument;
  slot: string;
}

/** Holds the product's tables and the backends' books against the auditor's own ledger. Each check throws Violation. */
export class Auditor {
  private sql: Sql;

  constructor(
    private readonly database: Database,
    private readonly ledger: Ledger,
    private readonly timeline: Timeline,
  ) {
    this.sql = database.reads;
  }

  /** Postings in the order of their lanes, of all states or some. */
  async postings(condition = ''): Promise<PostingRow[]> {
    const rows = await this.rows<PostingRow & { document: string }>(`SELECT id, lane, sequence, state, superseded_reason AS reason, document FROM posting p ${condition} ORDER BY lane, sequence`);
    return rows.map((row) => {
      const document = JSON.parse(row.document) as PostingDocument;
      return { ...row, document, slot: slotOf(document) };
    });
  }

  rejected(): Promise<PostingRow[]> {
    return this.postings("WHERE state = 'REJECTED'");
  }

  /** Documents that are not in the books yet. */
  async open(): Promise<string[]> {
    return (await this.postings(`WHERE state NOT IN ${SETTLED}`)).map(({ slot, state }) => `${state} ${slot}`);
  }

  /** At any moment: every accepted document is posted, on its way, or in an open exception; and no other is. */
  accounts(): Promise<void> {
    return this.atOnce(() => this.account());
  }

  private async account(): Promise<void> {
    const postings = await this.postings();
    const owed = this.ledger.debts.map(({ backend, key, customer }) => `${customer}/${backend} ${backend} ${key}`).sort();
    const found = postings.map(({ lane, slot }) => `${lane.split('/', 2).join('/')} ${slot}`).sort();
    must(JSON.stringify(owed) === JSON.stringify(found), `owed and queued documents differ: ${difference(owed, found)}`);
    const open = await this.rows<{ subject: string; kind: string }>(
      "SELECT subject_id AS subject, kind FROM exception_item WHERE kind IN ('POSTING_REJECTED', 'COMPENSATION_FAILED', 'PERIOD_CLOSED') AND state = 'OPEN'",
    );
    const rejected = postings.filter(({ state }) => state === 'REJECTED').map(({ id }) => id);
    // what takes something back keeps its exception, once refused, until it is in the books
    const retried = postings.filter(({ state }) => state === 'PENDING' || state === 'UNCERTAIN').map(({ id }) => id);
    const owedOpen = open.filter(({ kind, subject }) => kind !== 'COMPENSATION_FAILED' || !retried.includes(subject));
    must(difference(owedOpen.map(({ subject }) => subject), rejected) === '', `${owedOpen.length} exceptions are open for ${rejected.length} rejected postings`);
    const [double] = await this.rows<{ message: string }>("SELECT message FROM exception_item WHERE kind = 'DOUBLE_POSTING'");
    must(!double, `a false alarm: ${double?.message}`);
    const unbooked = postings.find(({ state, document }) => state === 'POSTED' && !this.isInBooks(document));
    must(!unbooked, `${unbooked?.slot} is POSTED, but not in the books`);
  }

  /** At the end: everything is in the books once, in order, and all sides say the same. Allows for leases and for clocks that are off. */
  async concludes({ orderMs, clockMs }: { orderMs: number; clockMs: number }): Promise<void> {
    await this.accounts();
    this.bookedOnce();
    await this.inOrder(orderMs);
    this.balances();
    await this.resources();
    await this.cash();
    await this.changeLog();
    await this.entitlements(clockMs);
  }

  /** Documents on their way that wait for nothing: machines must bring them to an end without any person. */
  async free(): Promise<string[]> {
    const free = await this.postings(`WHERE state IN ('PENDING', 'UNCERTAIN') AND NOT EXISTS (
      SELECT 1 FROM posting_dependency d JOIN posting q ON q.tenant_id = d.tenant_id AND q.id = d.depends_on
      WHERE d.tenant_id = p.tenant_id AND d.posting_id = p.id AND q.state NOT IN ${SETTLED})`);
    return free.map(({ slot, state }) => `${state} ${slot}`);
  }

  private dependencies(): Promise<{ posting: string; on: string }[]> {
    return this.rows('SELECT posting_id AS posting, depends_on AS "on" FROM posting_dependency');
  }

  private isInBooks({ backend, kind, externalId, version }: PostingDocument): boolean {
    const serves = (held: PostingDocument) => held.backend === backend && held.kind === kind && held.externalId === externalId;
    return this.timeline.bookings.some(({ document }) => serves(document) && (UPSERT_KINDS.has(kind) ? document.version >= version : document.version === version));
  }

  private bookedOnce(): void {
    const owed = new Set(this.ledger.debts.map(({ backend, key }) => `${backend} ${key}`));
    const seen = new Set<string>();
    for (const { slot } of this.timeline.bookings) {
      must(!seen.has(slot), `${slot} is in the books twice`);
      must(owed.has(slot), `${slot} is in the books, but nobody asked for it`);
      seen.add(slot);
    }
  }

  /** In each lane a later document is booked before an earlier one only while that was held up. */
  private async inOrder(slackMs: number): Promise<void> {
    const dependencies = await this.dependencies();
    const postings = await this.postings();
    const byId = new Map(postings.map((row) => [row.id, row]));
    const byLane = new Map<string, PostingRow[]>();
    for (const row of postings) byLane.set(row.lane, [...(byLane.get(row.lane) ?? []), row]);
    const bySlot = new Map(postings.map((row) => [row.slot, row]));
    const heldUp = (row: PostingRow, atMs: number): boolean => {
      const needs = dependencies.filter(({ posting }) => posting === row.id).map(({ on }) => byId.get(on)!);
      const since = (slot: string) => this.timeline.inBooksSince(slot);
      if (/^(contract|entitlement)$/.test(row.document.kind) && needs.some(({ slot }) => this.timeline.wasOvertaken(slot, atMs))) return true; // nobody wants it any more
      if (row.reason !== null && row.reason !== 'LATER_VERSION') return true; // taken back before it was booked
      const isOutOfTheWay = this.timeline.wasSetBack(row.slot, { fromMs: atMs - slackMs, toMs: atMs }) || since(row.slot) <= atMs;
      return isOutOfTheWay || this.timeline.isRejected(row.slot, atMs) || needs.some((needed) => since(needed.slot) > atMs - slackMs);
    };
    const done = new Set<string>();
    for (const { slot, atMs } of this.timeline.bookings) {
      const row = bySlot.get(slot)!;
      for (const other of byLane.get(row.lane)!) if (!done.has(other.id) && isServedBy(other.slot, slot)) done.add(other.id);
      const passed = byLane.get(row.lane)!.find((other) => other.sequence < row.sequence && !done.has(other.id) && !heldUp(other, atMs));
      must(!passed, `${row.slot} was booked at ${atMs} before ${passed?.slot}, which came before it and was free to go`);
    }
  }

  /** Billing and ERP have the balances that the accepted acts add up to. */
  private balances(): void {
    for (const backend of ['billing', 'erp']) {
      const balances = balancesOf(this.timeline.bookings.map(({ document }) => document).filter((document) => document.backend === backend));
      for (const invoice of this.ledger.invoices.values()) {
        const open = balances.get(invoice.id) ?? (invoice.voided ? 0n : undefined); // a voided one need never have come
        must(open === openOf(invoice), `${backend} has ${balances.get(invoice.id)} open on ${invoice.id}, the auditor ${openOf(invoice)}`);
      }
      for (const { id, unappliedMinor } of this.ledger.payments.values()) {
        must(balances.get(id) === -unappliedMinor, `${backend} has ${balances.get(id)} of ${id}, the auditor ${unappliedMinor} unapplied`);
      }
    }
  }

  private async resources(): Promise<void> {
    const { customers, contracts, invoices, payments, applications } = this.ledger;
    const lines = (values: Iterable<unknown[]>) => [...values].map((value) => value.join(' ')).sort();
    const same = async (what: string, sql: string, mine: Iterable<unknown[]>) => {
      const theirs = lines((await this.rows(sql)).map((row) => Object.values(row)));
      must(JSON.stringify(theirs) === JSON.stringify(lines(mine)), `${what} differ: ${difference(lines(mine), theirs)}`);
    };
    await same('customers', 'SELECT id, version, name FROM customer', [...customers.values()].map(({ id, version, name }) => [id, version, name]));
    await same('contracts', 'SELECT id, version, state FROM contract',
      [...contracts.values()].map(({ id, versions, cancelled }) => [id, versions.length, cancelled ? 'CANCELLED' : 'ACTIVE']));
    await same('invoices', 'SELECT id, version, total_minor, open_minor, credited_minor, state FROM invoice',
      [...invoices.values()].map((item) => [item.id, item.version, item.totalMinor, openOf(item), item.creditedMinor, item.voided ? 'VOIDED' : 'ISSUED']));
    await same('payments', 'SELECT id, version, amount_minor, unapplied_minor FROM payment',
      [...payments.values()].map((item) => [item.id, item.version, item.amountMinor, item.unappliedMinor]));
    await same('applications', 'SELECT id, payment_id, invoice_id, amount_minor, state FROM payment_application',
      [...applications.values()].map((item) => [item.id, item.payment, item.invoice, item.amountMinor, item.live ? 'APPLIED' : 'UNAPPLIED']));
  }

  /** Money in = applied + unapplied, and what an invoice lost is what was credited, paid or voided. */
  private async cash(): Promise<void> {
    const lost = await this.rows<{ id: string }>(
      `SELECT p.id FROM payment p WHERE p.amount_minor <> p.unapplied_minor + COALESCE(
        (SELECT SUM(a.amount_minor) FROM payment_application a WHERE a.payment_id = p.id AND a.state = 'APPLIED'), 0)`,
    );
    must(lost.length === 0, `money of payment ${lost[0]?.id} is neither applied nor unapplied`);
  }

  /** Positions are unique; each resource's versions come in order and without a gap. */
  private async changeLog(): Promise<void> {
    const changes = await this.rows<{ position: bigint | null; resource: string; version: bigint; type: string }>(
      'SELECT position, resource_id AS resource, version, resource_type AS type FROM `change` ORDER BY position',
    );
    must(changes.every(({ position }) => position !== null), 'a change has no position');
    must(new Set(changes.map(({ position }) => position)).size === changes.length, 'two changes have one position');
    const last = new Map<string, bigint>();
    for (const { resource, version, type } of changes) {
      const before = last.get(resource) ?? 0n;
      must(type === 'Posting' ? version >= before : version === before || version === before + 1n, `${resource} goes from version ${before} to ${version}`);
      last.set(resource, version);
    }
    const kept = await this.rows<{ id: string; n: bigint; top: bigint }>('SELECT resource_id AS id, COUNT(*) AS n, MAX(version) AS top FROM resource_version GROUP BY resource_id');
    for (const { id, n, top } of kept) must(n === top && last.get(id) === top, `of ${id} there are ${n} versions up to ${top}, and changes up to ${last.get(id)}`);
  }

  /** Never granted above what is sold, nor before a contract that sells as much was booked in billing and CRM. */
  private async entitlements(clockMs: number): Promise<void> {
    const rows = await this.rows<{ atMs: bigint; body: string }>(
      'SELECT v.recorded_at_ms AS "atMs", v.body FROM resource_version v JOIN subscription s ON s.id = v.resource_id ORDER BY v.resource_id, v.version',
    );
    const before = new Map<string, bigint>();
    for (const { atMs, body } of rows) {
      const item = JSON.parse(body) as { id: string; contractId: string; productKey: string; grantedUnits: string; soldUnits: string };
      const granted = BigInt(item.grantedUnits);
      must(granted <= BigInt(item.soldUnits), `${item.id} is granted ${granted} of ${item.soldUnits} sold`);
      for (const backend of granted > (before.get(item.id) ?? 0n) ? ['billing', 'crm'] : []) {
        const sells = ({ document, atMs: bookedAtMs }: (typeof this.timeline.bookings)[number]) =>
          document.backend === backend && document.kind === 'contract' && document.externalId === item.contractId && bookedAtMs <= Number(atMs) + clockMs
          && BigInt(this.soldIn(item, document.version)) >= granted;
        must(this.timeline.bookings.some(sells), `${item.id} was granted ${granted} before ${backend} had a contract that sells it`);
      }
      before.set(item.id, granted);
    }
    for (const { id, versions } of this.ledger.contracts.values()) {
      const granted = await this.rows<{ product: string; n: bigint }>(`SELECT product_key AS product, granted_quantity AS n FROM subscription WHERE contract_id = '${id}' AND granted_quantity > 0`);
      const [theirs, mine] = [granted.map(({ product, n }) => `${product} ${n}`), versions.at(-1)!.map(({ product, quantity }) => `${product} ${quantity}`)];
      must(difference(mine, theirs) === '', `contract ${id} sells and grants differently: ${difference(mine, theirs)}`);
    }
  }

  private soldIn({ contractId, productKey }: { contractId: string; productKey: string }, version: number): bigint {
    return this.ledger.contracts.get(contractId)!.versions[version - 1]?.find((line) => line.product === productKey)?.quantity ?? 0n;
  }

  /** Nothing is written while these are read. */
  private async atOnce(read: () => Promise<void>): Promise<void> {
    await this.database.transaction((sql) => {
      this.sql = sql;
      return read();
    }).finally(() => (this.sql = this.database.reads));
  }

  private rows<Row = Record<string, unknown>>(text: string): Promise<Row[]> {
    return this.sql.query<Row>(text);
  }
}

/** What one list has and the other lacks, a few of each. */
function difference(mine: readonly string[], theirs: readonly string[]): string {
  const missing = mine.filter((item) => !theirs.includes(item)).slice(0, 4);
  const extra = theirs.filter((item) => !mine.includes(item)).slice(0, 4);
  return [...missing.map((item) => `- ${item}`), ...extra.map((item) => `+ ${item}`)].join(', ');
}
