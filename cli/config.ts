import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ENTITIES } from '../entities';
import { BACKENDS } from '../sync/documents';
import { type Brokers, readBrokers } from '../sync/wakeups';

/** What the backend can take, across all processes. */
const limits = z.strictObject({
  concurrency: z.int().min(1).max(1_000).optional(),
  channelConcurrency: z.int().min(1).max(1_000).optional(),
  perSecond: z.number().min(0.01).max(100_000).optional(),
});
const connector = z.discriminatedUnion('connector', [
  z.strictObject({ connector: z.literal('sandbox'), url: z.url().optional(), limits: limits.optional() }),
  z.strictObject({ connector: z.literal('tryton'), url: z.url(), user: z.string(), password: z.string(), limits: limits.optional() }),
]);
export type ConnectorConfig = z.infer<typeof connector>;

/** What a process does. `subgraph:<name>` serves one subgraph to a federation router elsewhere. */
export const ROLES = ['all', 'gateway', 'runner', ...Object.keys(ENTITIES).map((name) => `subgraph:${name}` as const)] as const;

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  EVENKEEL_MODE: z.enum(['sandbox', 'live']).default('sandbox'),
  EVENKEEL_DATA: z.string().default('.evenkeel'),
  DATABASE_URL: z.string().optional(),
  NATS_URL: z.string().optional(),
  EVENKEEL_ROLE: z.enum(ROLES).default('all'),
  EVENKEEL_INTERNAL_KEY: z.string().min(32).optional(),
  EVENKEEL_CONNECTORS: z.string().optional().describe('JSON file: backend → connector'),
  EVENKEEL_LEASE_MS: z.coerce.number().int().min(1_500).max(600_000).default(30_000),
  EVENKEEL_BILLING: z.enum(['off', 'daily']).default('off'),
  EVENKEEL_LOG: z.enum(['silent', 'error', 'warn', 'info']).default('warn'),
});

export interface Config {
  port: number;
  mode: 'sandbox' | 'live';
  dataFolder: string;
  /** mysql://… or the path of the SQLite file. */
  database: string;
  /** Where processes wake each other; undefined: they poll. */
  brokers: Brokers | undefined;
  role: (typeof ROLES)[number];
  /** Shared by router and subgraphs; required for a subgraph's role. */
  internalKey: string | undefined;
  connectors: Partial<Record<(typeof BACKENDS)[number], ConnectorConfig>>;
  /** How long a runner may hold a lane without settling; a third of it bounds one backend call. */
  leaseMs: number;
  /** Whether this process bills by itself what falls due. */
  billing: 'off' | 'daily';
  logLevel: string;
}

/** Reads the configuration once, at start. Throws an Error that names each wrong setting. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) throw new Error(`Wrong settings:\n${z.prettifyError(parsed.error)}`);
  const { PORT, EVENKEEL_MODE, EVENKEEL_DATA, DATABASE_URL, NATS_URL, EVENKEEL_ROLE, EVENKEEL_INTERNAL_KEY, EVENKEEL_CONNECTORS, EVENKEEL_LEASE_MS, EVENKEEL_BILLING, EVENKEEL_LOG } = parsed.data;
  const dataFolder = resolve(EVENKEEL_DATA);
  if (DATABASE_URL !== undefined && !DATABASE_URL.startsWith('mysql://')) throw new Error('DATABASE_URL must begin with mysql://');
  if (EVENKEEL_ROLE !== 'all' && DATABASE_URL === undefined) throw new Error('More than one process needs DATABASE_URL: an SQLite file belongs to one.');
  if (EVENKEEL_ROLE.startsWith('subgraph:') && EVENKEEL_INTERNAL_KEY === undefined) {
    throw new Error('A subgraph needs EVENKEEL_INTERNAL_KEY: at least 32 characters, the same at the router.');
  }
  return {
    port: PORT,
    mode: EVENKEEL_MODE,
    dataFolder,
    database: DATABASE_URL ?? join(dataFolder, 'evenkeel.sqlite'),
    brokers: NATS_URL === undefined ? undefined : readBrokers(NATS_URL),
    role: EVENKEEL_ROLE,
    internalKey: EVENKEEL_INTERNAL_KEY,
    connectors: EVENKEEL_CONNECTORS ? readConnectors(EVENKEEL_CONNECTORS) : {},
    leaseMs: EVENKEEL_LEASE_MS,
    billing: EVENKEEL_BILLING,
    logLevel: EVENKEEL_LOG,
  };
}

function readConnectors(file: string): Config['connectors'] {
  const parsed = z.partialRecord(z.enum(BACKENDS), connector).safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`Wrong settings in ${file}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
