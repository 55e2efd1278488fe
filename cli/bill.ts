import { parseArgs } from 'node:util';
import { openDatabase } from '../entities/database';
import { tally } from '../entities/money';
import { LegalEntity } from '../entities/customers/LegalEntity';
import { Refusal } from '../entities/refusal';
import { selectRows } from '../entities/rows';
import { money } from '../entities/types';
import { type Actor, perform, rehearse } from '../subgraphs/act';
import { DOMAINS } from '../subgraphs/domains';
import { createEngine, type Engine } from '../subgraphs/engine';
import { billDueContracts, type BilledPage, type DuePage } from '../subgraphs/invoices/commands/billDueContracts';
import { dayIn } from '../subgraphs/work';
import { latestDay } from '../sync/calendar';
import { systemClock } from '../sync/clock';
import { DEMO_TENANT } from '../gateway/tokens';
import { readConfig } from './config';
import { bar } from './progress';

const USAGE = 'evenkeel bill [--tenant T] [--up-to DAY] [--dry-run] [--page CONTRACTS] [--json]';
const PAGE_CONTRACTS = 100;
/** Runs that share the work, each with its own transaction. */
const AT_ONCE = 4;

interface Run {
  upTo: string;
  contractsMax: number;
  dryRun: boolean;
}

/** What a whole run did, or would do. */
export interface BillingRunResult extends Record<string, unknown> {
  ok: boolean;
  dryRun: boolean;
  upTo: string;
  contracts: number;
  invoices: number;
  creditMemos: number;
  billed: string[];
  failures: BilledPage['failures'];
}

/** `evenkeel bill`: the daily billing run of a tenant. Run again after it was cut off, it goes on where it was; run twice, it bills once. */
export async function bill(args: string[]): Promise<BillingRunResult> {
  const values = read(args);
  const tenantId = values.tenant;
  const database = await openDatabase(readConfig(process.env).database);
  try {
    const engine = createEngine(database, systemClock, DOMAINS);
    const today = await latestToday(engine, tenantId);
    const upTo = values['up-to'] ?? today;
    if (!/^\d{4}-\d\d-\d\d$/.test(upTo) || upTo > today) throw new Refusal('BILLING_IN_FUTURE', `${upTo} is no day up to today, ${today}.`, '--up-to');
    const contractsMax = Number(values.page ?? PAGE_CONTRACTS);
    if (!Number.isInteger(contractsMax) || contractsMax < 1 || contractsMax > 1_000) throw new Refusal('USAGE', '--page is 1 to 1000.', '--page');
    return await runBilling(engine, tenantId, { upTo, contractsMax, dryRun: values['dry-run'] });
  } finally {
    await database.close();
  }
}

function read(args: string[]) {
  try {
    return parseArgs({ args, options: { tenant: { type: 'string', default: DEMO_TENANT }, 'up-to': { type: 'string' }, 'dry-run': { type: 'boolean', default: false }, page: { type: 'string' } } }).values;
  } catch (error) {
    throw new Refusal('USAGE', `${(error as Error).message}\n${USAGE}`);
  }
}

/** The day that is today in the first of the tenant's zones to reach it. */
async function latestToday({ database, clock }: Engine, tenantId: string): Promise<string> {
  const entities = await selectRows(database.reads, LegalEntity, { where: { tenantId } });
  if (entities.length === 0) throw new Refusal('LEGAL_ENTITY_MISSING', `Tenant ${tenantId} has no legal entity.`);
  return entities.map(({ timeZone }) => dayIn(clock.nowMs(), timeZone)).sort().at(-1)!;
}

/** Bills page after page until nothing is due. */
export async function runBilling(engine: Engine, tenantId: string, run: Run): Promise<BillingRunResult> {
  const actor = actorOf(engine, tenantId, run.upTo);
  const due = await countDue(engine, tenantId, run.upTo);
  const total = { contracts: 0, invoices: 0, creditMemos: 0, failures: [] as BilledPage['failures'] };
  const billed = new Map<string, bigint>();
  const take = (page: BilledPage) => {
    total.contracts += page.contracts;
    total.invoices += page.invoices;
    total.creditMemos += page.creditMemos;
    total.failures.push(...page.failures);
    for (const { currency, amountMinor } of page.billed) tally(billed, currency, BigInt(amountMinor)); // a sum may be beyond what one amount may be
    if (process.stderr.isTTY) process.stderr.write(`\r${bar('billed', total.contracts, due)}`);
  };
  if (run.dryRun) await rehearsePages(actor, run, take);
  else await performAll(actor, run, take);
  if (process.stderr.isTTY) process.stderr.write('\n');
  const sums = [...billed].map(([currency, minor]) => `${money(minor, currency).amount} ${currency}`);
  return { ok: total.failures.length === 0, dryRun: run.dryRun, upTo: run.upTo, ...total, billed: sums };
}

/** How often the product looks for what is to be billed, where it bills by itself. */
export const BILLING_LOOK_MS = 600_000;

/** Bills what is due in the books of every legal entity of every tenant by the day that it is there; what cannot be billed becomes an exception. Stops between two pages. */
export async function billToday(engine: Engine, stopping?: AbortSignal): Promise<void> {
  const nowMs = engine.clock.nowMs();
  const text = `SELECT DISTINCT b.tenant_id AS tenantId, b.legal_entity_id AS legalEntityId, e.time_zone AS timeZone FROM billing_cursor b
    JOIN legal_entity e ON e.tenant_id = b.tenant_id AND e.id = b.legal_entity_id WHERE b.next_bill_on <= ?`;
  const due = await engine.database.reads.query<{ tenantId: string; legalEntityId: string; timeZone: string }>(text, [latestDay(nowMs)]);
  for (const { tenantId, legalEntityId, timeZone } of due) {
    const upTo = dayIn(nowMs, timeZone);
    const [actor, page] = [actorOf(engine, tenantId, upTo), { upTo, contractsMax: PAGE_CONTRACTS, legalEntityId }];
    const take = () => !stopping?.aborted;
    for (const payers of await duePayers(actor, page)) if (take()) await performPages(actor, { ...page, payers }, take);
    await performPages(actor, page, take);
  }
}

const actorOf = (engine: Engine, tenantId: string, upTo: string): Actor => ({ engine, principal: { tenantId, client: 'billing-run', role: 'ops' }, correlationId: `billing-run-${upTo}` });

/**
 * First what payers want on one invoice. Then each worker begins with another legal entity, for those do not wait for each other's numbers; what somebody else held meanwhile comes last.
 */
async function performAll(actor: Actor, { upTo, contractsMax }: Run, take: (page: BilledPage) => void): Promise<void> {
  const entities = await dueEntities(actor, upTo);
  const together = await duePayers(actor, { upTo, contractsMax });
  const workers = Array.from({ length: actor.engine.database.dialect === 'mysql' ? AT_ONCE : 1 }, (_, index) => index);
  await Promise.all(workers.map(async (first) => {
    for (let payers = together.pop(); payers; payers = together.pop()) await performPages(actor, { upTo, contractsMax, payers }, take);
    for (const [index] of entities.entries()) {
      await performPages(actor, { upTo, contractsMax, legalEntityId: entities[(first + index) % entities.length]! }, take);
    }
  }));
  await performPages(actor, { upTo, contractsMax, waits: true }, take);
}

/** Page after page until nothing is due, or `take` answers that it is enough. */
async function performPages(actor: Actor, asked: DuePage, take: (page: BilledPage) => boolean | void): Promise<void> {
  for (;;) {
    const page = await perform(actor, billDueContracts, asked);
    if (page.contracts === 0 || take(page) === false) return;
  }
}

/** Payers who want one invoice, and of whom something is due: as many together as a page holds with all of theirs. */
async function duePayers({ engine, principal: { tenantId } }: Actor, { upTo, contractsMax, legalEntityId }: DuePage): Promise<string[][]> {
  const [condition, params] = legalEntityId === undefined ? ['', []] : [' AND legal_entity_id = ?', [legalEntityId]];
  const text = `SELECT consolidated_for AS payer, COUNT(*) AS n FROM billing_cursor WHERE tenant_id = ? AND consolidated_for > '' AND next_bill_on <= ?${condition} GROUP BY consolidated_for`;
  const pages: string[][] = [];
  let room = 0;
  for (const { payer, n } of await engine.database.reads.query<{ payer: string; n: unknown }>(text, [tenantId, upTo, ...params])) {
    if (room < Number(n)) {
      pages.push([]);
      room = contractsMax;
    }
    pages.at(-1)!.push(payer);
    room -= Number(n);
  }
  return pages;
}

async function dueEntities({ engine, principal: { tenantId } }: Actor, upTo: string): Promise<string[]> {
  const text = 'SELECT DISTINCT legal_entity_id AS id FROM billing_cursor WHERE tenant_id = ? AND next_bill_on <= ?';
  return (await engine.database.reads.query<{ id: string }>(text, [tenantId, upTo])).map(({ id }) => id).sort();
}

/** What is only rehearsed stays due, so its pages go by the ids of the contracts. */
async function rehearsePages(actor: Actor, { upTo, contractsMax }: Run, take: (page: BilledPage) => void): Promise<void> {
  for (const payers of [...(await duePayers(actor, { upTo, contractsMax })), undefined]) {
    for (let after: string | null = ''; after !== null; ) {
      const input: DuePage = { upTo, contractsMax, after, ...(payers && { payers }) };
      const page: BilledPage = await rehearse(actor, { command: billDueContracts, input }, async (_work, result) => result);
      take(page);
      after = page.last;
    }
  }
}

async function countDue({ database }: Engine, tenantId: string, upTo: string): Promise<number> {
  const [row] = await database.reads.query<{ n: unknown }>('SELECT COUNT(*) AS n FROM billing_cursor WHERE tenant_id = ? AND next_bill_on <= ?', [tenantId, upTo]);
  return Number(row!.n);
}
