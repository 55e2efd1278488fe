/**
 * Each booking call is carried out by the backend and answered too late, once: the runner gives it up, looks the document up, and goes
 * on. EVENKEEL_TIMEOUTS says how many time-outs to reach on the real Tryton; what CI has time for is the default.
 */
import { randomBytes } from 'node:crypto';
import type { Ask, Proxy } from '../../connectors/conformance/proxy';
import { sandboxConnector } from '../../connectors/sandbox/connector';
import { TrytonClient } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { referenceOf } from '../../connectors/tryton/map';
import { prepareCompany } from '../../connectors/tryton/setup';
import type { Row } from '../../connectors/tryton/values';
import type { Posting } from '../../entities/operations/Posting';
import { systemClock } from '../../sync/clock';
import { BACKENDS, type PostingDocument } from '../../sync/documents';
import { DATABASES } from '../harness/databases';
import { needs, services } from '../harness/services';
import { World } from '../harness/world';
import { DOCUMENTS_PER_CUSTOMER, entitiesOf, named, namesOf, silentProxy, startRunner, trade, tradeAll } from './timeoutsWorld';

let world: World;
let proxy: Proxy;
afterEach(async () => {
  await world.close();
  await proxy.close();
});

const tally = (postings: readonly Posting[]) => Object.fromEntries(Object.keys(DOCUMENTS_PER_CUSTOMER).map((kind) => [kind, postings.filter((one) => one.kind === kind).length]));
const times = (customers: number) => Object.fromEntries(Object.entries(DOCUMENTS_PER_CUSTOMER).map(([kind, count]) => [kind, count * customers]));

describe('on the sandbox, which books every repeat', () => {
  const CUSTOMERS = 40;

  test('after 1,000 time-outs after commit every document is in the books once', async () => {
    world = await World.open({ database: DATABASES.at(-1)!, speed: 10 });
    const silent = await silentProxy(world.sandbox!.url, documentsOf);
    proxy = silent.proxy;
    const connectors = BACKENDS.map((backend) => [backend, sandboxConnector({ url: proxy.url, backend, clock: world.clock })] as const);
    startRunner(world, Object.fromEntries(connectors), { callTimeoutMs: 1_500, leaseMs: 30_000 });
    const { entityIds, productId } = await entitiesOf(world, ['DE01', 'FR01', 'IT01', 'US01']);
    const one = (index: number) => trade(world, `C-${index}`, { legalEntityId: entityIds[index % entityIds.length]!, productId });
    const postings = await tradeAll(world, CUSTOMERS, { backends: BACKENDS, withinMs: 240_000, trade: one });
    await world.runner.stop();
    expect(silent.timedOut.size).toBe(postings.length);
    expect(postings.length).toBeGreaterThanOrEqual(1_000);
    for (const backend of ['billing', 'erp'] as const) {
      const own = postings.filter((posting) => posting.backend === backend);
      expect(tally(own)).toEqual(times(CUSTOMERS));
      const { rows } = await world.audit<{ rows: { kind: string; externalId: string; count: number }[] }>(`/${backend}/documents?tenant=demo`);
      expect(rows.filter(({ count }) => count !== 1)).toEqual([]);
      expect(named(rows)).toEqual(namesOf(own));
    }
    await Promise.all(connectors.map(([, connector]) => connector.close!()));
  }, 300_000);
});

const describeTryton = needs('tryton') ? describe : describe.skip;
describeTryton('on a real Tryton, which has no idempotency', () => {
  const TIMEOUTS = Number(process.env['EVENKEEL_TIMEOUTS'] ?? 70);
  /** Calls of one customer's documents that change something in Tryton. */
  const STEPS_PER_CUSTOMER = 36;
  const COMPANIES = TIMEOUTS > 500 ? 4 : 2;

  test(`after ${TIMEOUTS} time-outs, one at each step of each document, every document is in the books once`, async () => {
    const run = randomBytes(3).toString('hex').toUpperCase();
    const codes = Array.from({ length: COMPANIES }, (_, at) => `TO-${run}-${at}`);
    const client = new TrytonClient(services.tryton!);
    const companies: number[] = [];
    for (const code of codes) companies.push((await prepareCompany(client.within({}), { code, currency: 'EUR' })).company);
    world = await World.open({ database: DATABASES.at(-1)!, speed: 10 });
    const silent = await silentProxy(services.tryton!.url, stepsOf);
    proxy = silent.proxy;
    const erp = trytonConnector({ ...services.tryton!, url: proxy.url, clock: world.clock });
    startRunner(world, { erp }, { callTimeoutMs: 10_000, leaseMs: 120_000 });
    const { entityIds, productId } = await entitiesOf(world, codes);
    const customers = Math.ceil(TIMEOUTS / STEPS_PER_CUSTOMER);
    const startMs = systemClock.nowMs();
    const one = (index: number) => trade(world, `C-${run}-${index}`, { legalEntityId: entityIds[index % COMPANIES]!, productId });
    const postings = await tradeAll(world, customers, { backends: ['erp'], withinMs: 3_000_000, trade: one });
    await world.runner.stop();
    process.stdout.write(`${silent.timedOut.size} time-outs, ${postings.length} documents, ${(systemClock.nowMs() - startMs) / 1_000} s, ${proxy.asks.length} calls\n`);
    expect(silent.timedOut.size).toBeGreaterThanOrEqual(TIMEOUTS);
    expect(tally(postings)).toEqual(times(customers));
    expect(await booked(client, companies, run)).toEqual(postings.map(({ document, kind }) => `${kind === 'customer' ? 'party' : /^(invoice|creditMemo)/.test(kind) ? 'invoice' : 'move'} ${referenceOf(document)} posted`).sort());
  }, 3_600_000);
});

/** The documents of a post or of a batch. */
function documentsOf({ method, path, body }: Ask): string[] {
  if (method !== 'POST') return [];
  const { documents = [JSON.parse(body)] } = JSON.parse(body) as { documents?: PostingDocument[] };
  return (documents as PostingDocument[]).map(({ backend, kind, externalId }) => `${path.split('/')[1]!} ${backend} ${kind} ${externalId}`);
}

/** What a request to Tryton changes, told without the numbers that differ when it is sent again; nothing if it only reads. */
function stepsOf({ body }: Ask): string[] {
  const { method, params } = JSON.parse(body) as { method: string; params: unknown[] };
  if (/^wizard\..*\.execute$/.test(method)) return [`${method} ${JSON.stringify((params.at(-1) as { active_ids: unknown }).active_ids)}`];
  return /^model\..*\.(create|write|post|delete)$/.test(method) ? [`${method} ${JSON.stringify(params)}`] : [];
}

/** Everything that Tryton has of these companies and of this run's customers, drafts too, each record a line. */
async function booked(client: TrytonClient, companies: number[], run: string): Promise<string[]> {
  const lines: string[] = [];
  for (const company of companies) {
    const calls = client.within({ company });
    const own = [['company', '=', company]];
    const invoices = await calls.rows('account.invoice', own, ['reference', 'state']);
    const moves = await calls.rows('account.move', [...own, ['description', '!=', null]], ['description', 'state']);
    lines.push(...invoices.map(({ reference, state }) => `invoice ${String(reference)} ${state === 'paid' ? 'posted' : String(state)}`));
    lines.push(...moves.filter(({ description }) => description).map(({ description, state }) => `move ${String(description)} ${String(state)}`));
  }
  const parties: Row[] = await client.within({}).rows('party.party', [['name', 'like', `Harbour C-${run}-%`]], ['code']);
  return [...lines, ...parties.map(({ code }) => `party ${String(code)} posted`)].sort();
}
