import type { Logger } from 'pino';
import type { Connector } from '../connectors/connector';
import type { Database } from '../entities/database';
import type { Clock } from './clock';
import { Dispatcher } from './dispatcher';
import { type Backend, BACKENDS } from './documents';
import type { BackendLimits } from './limits';
import type { Settle } from './settlement';
import { Settler } from './settler';

const LEASE_MS = 30_000;
/** A backend call ends well before the lease does, so that no late answer meets a new owner. */
const CALL_TIMEOUT_MS = 10_000;
const POLL_IDLE_MS = 500;
const CALLS_PER_CHANNEL = 8;
const CALLS_PER_BACKEND = 32;

export interface RunnerOptions {
  database: Database;
  clock: Clock;
  connectors: Partial<Record<Backend, Connector>>;
  /** Names this process in leases. */
  owner: string;
  settle: Settle;
  log: Pick<Logger, 'warn' | 'error'>;
  leaseMs?: number;
  callTimeoutMs?: number;
  /** What backends can take, across all processes; a connector's own needs are met in any case. */
  limits?: Partial<Record<Backend, BackendLimits>>;
  /** How long the runner may sleep when nobody wakes it, asked anew each time. */
  pollIdleMs?: () => number;
}

/** Brings postings to their backends, each backend by a dispatcher of its own. */
export class Runner {
  private readonly dispatchers = new Map<Backend, Dispatcher>();
  private running: Promise<void>[] = [];

  constructor(options: RunnerOptions) {
    const { database, clock, connectors, owner, log, limits = {}, leaseMs = LEASE_MS, callTimeoutMs = CALL_TIMEOUT_MS, pollIdleMs = () => POLL_IDLE_MS } = options;
    const settler = new Settler({ settle: options.settle, log });
    for (const backend of BACKENDS) {
      const connector = connectors[backend];
      if (!connector) continue;
      const common = { database, clock, owner, settler, log, leaseMs, callTimeoutMs, pollIdleMs };
      this.dispatchers.set(backend, new Dispatcher({ ...common, backend, connector, ...boundsOf(connector, limits[backend]) }));
    }
  }

  start(): void {
    this.running = [...this.dispatchers.values()].map((dispatcher) => dispatcher.run());
  }

  /** Something may be due. */
  wake(): void {
    for (const dispatcher of this.dispatchers.values()) dispatcher.wake();
  }

  /** Stops claiming and waits for the lanes in hand. */
  async stop(): Promise<void> {
    for (const dispatcher of this.dispatchers.values()) dispatcher.stop();
    await Promise.all(this.running);
  }

  /** Claims and works one round of a backend's due lanes; returns how many. For tests and the command line. */
  async round(backend: Backend): Promise<number> {
    return (await this.dispatchers.get(backend)?.round()) ?? 0;
  }
}

/** What one process may do at once, within what the backend can take: as it is configured, and as the connector says of its vendor. */
function boundsOf({ batch, limits: own }: Connector, configured: BackendLimits | undefined) {
  const limits = own || configured ? { ...own, ...configured } : undefined;
  const { concurrency = Infinity, channelConcurrency = Infinity } = limits ?? {};
  const perChannel = Math.min(Math.max(CALLS_PER_CHANNEL, batch?.documentsMax ?? 0), concurrency, channelConcurrency);
  return { calls: { perChannel, perBackend: Math.min(Math.max(CALLS_PER_BACKEND, perChannel), concurrency) }, limits };
}
