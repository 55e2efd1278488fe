import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../entities/database';
import { Refusal } from '../entities/refusal';
import { DEMO_TOKENS } from '../gateway/tokens';
import { type Role, ROLES } from '../subgraphs/context';
import { DOMAINS } from '../subgraphs/domains';
import { createEngine, type Engine } from '../subgraphs/engine';
import { systemClock } from '../sync/clock';
import { readConfig } from './config';
import { bill } from './bill';
import { conformance } from './conformance/command';
import { seedDemo } from './demo';
import { openHouse, root } from './house';
import { importFile } from './importFile';
import { replay } from './replay';
import { scenario } from './scenario/command';
import { writeSchemas } from './schema';
import { simulate } from './simulate';
import { addToken, ensureTenant, revokeTokens } from './tenants';

type Outcome = Record<string, unknown>;

/** Command → what it does; what it returns is its last line of JSON with --json. */
const COMMANDS: Record<string, (args: string[]) => Promise<Outcome | void>> = {
  start,
  scenario,
  conformance,
  bill,
  import: importFile,
  replay: (args) => replay(args),
  simulate,
  async schema() {
    return { ok: true, files: await writeSchemas(join(root(), 'schema')) };
  },
  async tenant([tenantId, name = tenantId]) {
    if (!tenantId) throw new Refusal('USAGE', 'evenkeel tenant ID [NAME]');
    await withEngine((engine) => ensureTenant(engine, { tenantId, name: name!, secret: randomBytes(16).toString('hex') }));
    return { ok: true, tenantId };
  },
  async token([tenantId, client, role]) {
    if (!tenantId || !client || !ROLES.includes(role as Role)) throw new Refusal('USAGE', `evenkeel token TENANT CLIENT ${ROLES.join('|')}`);
    const token = randomBytes(24).toString('base64url');
    await withEngine((engine) => addToken(engine, { tenantId, client, role: role as Role, token }));
    return { ok: true, token };
  },
  async revoke([tenantId, client]) {
    if (!tenantId || !client) throw new Refusal('USAGE', 'evenkeel revoke TENANT CLIENT');
    return { ok: true, revoked: await withEngine((engine) => revokeTokens(engine, { tenantId, client })) };
  },
};

async function withEngine<Result>(work: (engine: Engine) => Promise<Result>): Promise<Result> {
  const database = await openDatabase(readConfig(process.env).database);
  try {
    return await work(createEngine(database, systemClock, DOMAINS));
  } finally {
    await database.close();
  }
}

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const house = await openHouse(config, systemClock);
  if (config.mode === 'sandbox') await seedDemo(house.engine);
  if (house.subgraph) process.stdout.write(`The ${config.role} is ready: ${house.subgraph.url}\n`);
  if (house.gateway) {
    process.stdout.write(`Evenkeel is ready: ${house.gateway.url}\n`);
    if (config.mode === 'sandbox') process.stdout.write(`Sandbox tokens (tenant demo): ${[...DEMO_TOKENS.keys()].join(' ')}\n`);
  }
  const stop = () => {
    house.close().then(() => process.exit(0), fail);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** Ends with what went wrong: for a refusal its code and text, and with --json the same as the last line. */
function fail(error: unknown): void {
  const code = error instanceof Refusal ? error.code : 'FAILED';
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${code}: ${message}\n`);
  if (asJson) process.stdout.write(`${JSON.stringify({ ok: false, code, message })}\n`);
  process.exit(1);
}

const [name = 'help', ...rest] = process.argv.slice(2);
const asJson = rest.includes('--json');
const command = COMMANDS[name];
if (!command) fail(new Refusal('USAGE', `Commands: ${Object.keys(COMMANDS).join(', ')}`));
else
  command(rest.filter((arg) => arg !== '--json')).then((outcome) => {
    if (outcome === undefined) return;
    const lines = Object.entries(outcome).map(([field, value]) => `${field}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
    process.stdout.write(asJson ? `${JSON.stringify(outcome)}\n` : `${lines.join('\n')}\n`);
    if (outcome.ok === false) process.exitCode = 1;
  }, fail);
