import { parseArgs } from 'node:util';
import type { Connector } from '../connectors/connector';
import { openDatabase } from '../entities/database';
import type { Posting } from '../entities/operations/Posting';
import { Refusal } from '../entities/refusal';
import { DEMO_TENANT } from '../gateway/tokens';
import { perform } from '../subgraphs/act';
import { DOMAINS } from '../subgraphs/domains';
import { createEngine, type Engine } from '../subgraphs/engine';
import type { ReplayPostingsInput } from '../subgraphs/operations/api';
import { readRange, replayPostings } from '../subgraphs/operations/commands/replayPostings';
import { type Replay, replayable } from '../subgraphs/operations/queries/replayable';
import { systemClock } from '../sync/clock';
import { type Config, readConfig } from './config';
import { connectorsOf } from './house';
import { bar } from './progress';

const USAGE = `evenkeel replay --backend B [--from TIME] [--to TIME] [--created-from TIME] [--created-to TIME]
  [--entity CODE] [--kinds K,K] [--customer ID] [--tenant T] [--look-up] [--apply --reason TEXT]`;
const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean', default: false } as const;
const OPTIONS = {
  backend: TEXT, from: TEXT, to: TEXT, 'created-from': TEXT, 'created-to': TEXT, entity: TEXT, kinds: TEXT, customer: TEXT, reason: TEXT,
  tenant: { ...TEXT, default: DEMO_TENANT }, 'look-up': FLAG, apply: FLAG,
} as const;
const LOOK_UPS_AT_ONCE = 8;
const DRAW_EVERY = 25;

/** What the backend says of the postings before anything is changed. */
type LookUp = Record<'present' | 'absent' | 'unknown', number>;

/**
 * `evenkeel replay`: what a replay of a range would look up, and with `--apply` the replay. `--look-up` asks the backend of each posting
 * first, and changes nothing. `--from` and `--to` are when the backend had confirmed them.
 */
export async function replay(args: string[], env: NodeJS.ProcessEnv = process.env): Promise<Record<string, unknown>> {
  const { tenant, lookUp, input } = readArgs(args);
  const config = readConfig(env);
  const connector = lookUp ? connectorOf(config, input.backend) : undefined;
  const database = await openDatabase(config.database);
  try {
    const engine = createEngine(database, systemClock, DOMAINS);
    const principal = { tenantId: tenant, client: 'command-line', role: 'ops' as const };
    const actor = { engine, principal, correlationId: `replay-${systemClock.nowMs()}` };
    const planned = await perform(actor, replayPostings, { ...input, dryRun: true });
    print(planned);
    const lookedUp = connector && (await lookUpAll(engine, connector, { tenantId: tenant, input, timeoutMs: Math.floor(config.leaseMs / 3) }));
    if (lookedUp) process.stdout.write(`In the books of ${input.backend}: ${lookedUp.present} present, ${lookedUp.absent} absent, ${lookedUp.unknown} unknown\n`);
    const done = input.dryRun ? planned : await perform(actor, replayPostings, input);
    const { id: replayId, dryRun, backend, postings, kinds, money, skipped } = done;
    return { ok: true, dryRun, replayId, backend, postings, kinds, money: money.map(({ amount, currency }) => ({ amount, currency })), skipped, ...(lookedUp ? { lookedUp } : {}) };
  } finally {
    await database.close();
    await connector?.close?.();
  }
}

function readArgs(args: string[]): { tenant: string; lookUp: boolean; input: ReplayPostingsInput } {
  const values = parse(args);
  if (!values.backend || (values.apply && !values.reason)) throw new Refusal('USAGE', USAGE);
  const input = {
    backend: values.backend,
    postedFrom: instant(values.from, '--from'),
    postedTo: instant(values.to, '--to'),
    createdFrom: instant(values['created-from'], '--created-from'),
    createdTo: instant(values['created-to'], '--created-to'),
    legalEntityCode: values.entity,
    kinds: values.kinds?.split(','),
    customerId: values.customer,
    dryRun: !values.apply,
    reason: values.reason ?? 'dry run',
  };
  return { tenant: values.tenant, lookUp: values['look-up'], input };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new Refusal('USAGE', `${(error as Error).message}\n${USAGE}`);
  }
}

function instant(text: string | undefined, option: string): Date | undefined {
  if (text === undefined) return undefined;
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new Refusal('TIME_MALFORMED', `${JSON.stringify(text)} is not a time with its zone, as 2026-11-24T22:00:00Z.`, option);
  }
  return new Date(text);
}

/** Refuses LOOK_UP_IMPOSSIBLE where only the running product knows the backend's address. */
function connectorOf(config: Config, backend: string): Connector {
  const known = Object.entries(config.connectors).some(([name, chosen]) => name === backend && (chosen.connector !== 'sandbox' || chosen.url !== undefined));
  if (!known) throw new Refusal('LOOK_UP_IMPOSSIBLE', `EVENKEEL_CONNECTORS gives no address of ${backend}.`, '--look-up');
  return Object.entries(connectorsOf(config, { sandboxUrl: undefined, clock: systemClock })).find(([name]) => name === backend)![1];
}

async function lookUpAll(engine: Engine, connector: Connector, how: { tenantId: string; input: ReplayPostingsInput; timeoutMs: number }): Promise<LookUp> {
  const { postings } = await replayable(engine.database.reads, { tenantId: how.tenantId, range: readRange(how.input) });
  const counts: LookUp = { present: 0, absent: 0, unknown: 0 };
  const left = [...postings];
  const ask = async () => {
    for (let posting = left.shift(); posting; posting = left.shift()) {
      counts[await findOne(connector, posting, how.timeoutMs)] += 1;
      const done = counts.present + counts.absent + counts.unknown;
      if (process.stderr.isTTY && (done % DRAW_EVERY === 0 || done === postings.length)) process.stderr.write(`\r${bar('looked up', done, postings.length)}`);
    }
  };
  const atOnce = Math.min(connector.limits?.channelConcurrency ?? LOOK_UPS_AT_ONCE, LOOK_UPS_AT_ONCE);
  await Promise.all(Array.from({ length: atOnce }, ask));
  if (process.stderr.isTTY) process.stderr.write('\n');
  return counts;
}

async function findOne(connector: Connector, { document }: Posting, timeoutMs: number): Promise<keyof LookUp> {
  const [late, ended] = [new AbortController(), new AbortController()];
  void systemClock.wait(timeoutMs, ended.signal).then(() => late.abort());
  const { outcome } = await connector.find(document, late.signal);
  ended.abort();
  if (outcome === 'POSTED') return 'present';
  return outcome === 'UNCERTAIN' ? 'unknown' : 'absent';
}

function print({ backend, postings, kinds, money, skipped }: Replay): void {
  const row = (name: string, value: string | number) => `  ${name.padEnd(16)}${String(value).padStart(14)}\n`;
  const lines = [
    ...kinds.map(({ kind, postings: count }) => row(kind, count)),
    ...money.map(({ amount, currency }) => row(currency, amount)),
    ...skipped.map(({ reason, postings: count }) => row(`not: ${reason}`, count)),
  ];
  process.stdout.write(`${postings} postings to ${backend} would be looked up, and posted where absent\n${lines.join('')}`);
}
