import { connect } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { Clock } from './clock';
import { loggable } from './loggable';

/** What one process tells the others: a commit left something to post, or the change log has grown. */
export const TOPICS = ['committed', 'placed'] as const;
export type Topic = (typeof TOPICS)[number];

/**
 * Word between processes that there is something to do. It only saves waiting for the next poll: a word that is lost, late or doubled
 * changes nothing else, and a broker that is down costs nothing but time.
 */
export interface Wakeups {
  /** Tells the others. Never waits and never fails; what is said again within milliseconds goes out as one word. */
  tell(topic: Topic): void;
  /** Calls back when another process told, and after a time without the broker, when it may have. Returns how to stop listening. */
  onHeard(topic: Topic, listener: () => void): () => void;
  /** Whether word of others arrives. If not, poll often. */
  connected(): boolean;
  close(): Promise<void>;
}

/** One process alone, or no broker: nobody to tell. */
export const noWakeups: Wakeups = {
  tell: () => undefined,
  onHeard: () => () => undefined,
  connected: () => false,
  close: async () => undefined,
};

/** Where the brokers are and how to log in: `servers` hold no secret, the rest may. */
export interface Brokers {
  servers: string[];
  user?: string;
  pass?: string;
  token?: string;
  tls?: object;
}

/** What is used of a connection; the package's own types cannot be found by this compiler's way of looking up modules. */
interface Connection {
  publish(subject: string): void;
  subscribe(subject: string, how: { callback: (error: Error | null) => void }): unknown;
  flush(): Promise<void>;
  /** Resolves when it has ended, with the reason if there is one. */
  closed(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Reads `nats://[user:password@|token@]host[:port]` or `tls://…`, several separated by commas; whoever logs in, logs in to all alike.
 * Throws an Error that does not repeat the text, for it may hold a password.
 */
export function readBrokers(text: string): Brokers {
  const urls = text.split(',').map((part) => (URL.canParse(part.trim()) ? new URL(part.trim()) : undefined));
  const known = urls.filter((url) => url !== undefined && /^(nats|tls):$/.test(url.protocol) && url.hostname !== '');
  if (known.length < urls.length) throw new Error('NATS_URL must be nats://host:port or tls://host:port, several separated by commas');
  const [first, login = first] = [known[0]!, known.find((url) => url!.username !== '')];
  const user = decodeURIComponent(login!.username);
  const pass = decodeURIComponent(login!.password);
  return {
    servers: known.map((url) => url!.host),
    ...(user !== '' && pass !== '' ? { user, pass } : {}),
    ...(user !== '' && pass === '' ? { token: user } : {}),
    ...(known.some((url) => url!.protocol === 'tls:') ? { tls: {} } : {}),
  };
}

/** After one word of a topic the next waits for this long, and stands for all that is told meanwhile. */
const GAP_MS = 20;
const CONNECT_TIMEOUT_MS = 2_000;
/** A broker that stays silent for this long twice is gone. */
const PING_MS = 5_000;
const BACK_OFF_FIRST_MS = 100;
const BACK_OFF_MAX_MS = 5_000;
/** A connection that lasted so long was a good one: after it the back-off begins anew. */
const GOOD_AFTER_MS = 10_000;

export interface NatsOptions {
  brokers: Brokers;
  /** Told apart from others who share the broker: the name of the database is the same for all processes of one house. */
  scope: string;
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Wake-ups by NATS core messages without content. Connects in the background, and again for ever. */
export class NatsWakeups implements Wakeups {
  private readonly stopping = new AbortController();
  private readonly listeners = new Map(TOPICS.map((topic) => [topic, new Set<() => void>()]));
  /** Topics told a moment ago, and whether they were told again since. */
  private readonly resting = new Map<Topic, boolean>();
  private readonly subjects: Record<Topic, string>;
  private connection: Connection | undefined;
  private reported: boolean | undefined;
  private readonly running: Promise<void>;

  constructor(private readonly options: NatsOptions) {
    const scope = options.scope.replace(/[^\w-]/g, '_') || '_';
    this.subjects = { committed: `evenkeel.${scope}.committed`, placed: `evenkeel.${scope}.placed` };
    this.running = this.stayConnected();
  }

  tell(topic: Topic): void {
    if (!this.connection) return;
    if (this.resting.has(topic)) return void this.resting.set(topic, true);
    this.resting.set(topic, false);
    this.publish(topic);
    void this.options.clock.wait(GAP_MS, this.stopping.signal).then(() => {
      const again = this.resting.get(topic);
      this.resting.delete(topic);
      if (again) this.tell(topic);
    });
  }

  onHeard(topic: Topic, listener: () => void): () => void {
    const listeners = this.listeners.get(topic)!;
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  connected(): boolean {
    return this.connection !== undefined;
  }

  async close(): Promise<void> {
    this.stopping.abort();
    if (!this.connection) return; // one that is just being opened closes itself
    await this.connection.close().catch(() => undefined);
    await this.running;
  }

  private publish(topic: Topic): void {
    try {
      this.connection?.publish(this.subjects[topic]);
    } catch {
      // it has just been closed: the loop below knows
    }
  }

  private hear(topic: Topic): void {
    for (const listener of this.listeners.get(topic)!) listener();
  }

  private async stayConnected(): Promise<void> {
    const { clock } = this.options;
    const { signal } = this.stopping;
    let backOffMs = BACK_OFF_FIRST_MS;
    while (!signal.aborted) {
      const fromMs = clock.nowMs();
      const reason = await this.connectOnce();
      if (signal.aborted) return;
      this.report(false, reason);
      if (clock.nowMs() - fromMs > GOOD_AFTER_MS) backOffMs = BACK_OFF_FIRST_MS;
      await clock.wait(backOffMs, signal);
      backOffMs = Math.min(backOffMs * 2, BACK_OFF_MAX_MS);
    }
  }

  /** One connection from its beginning to its end; returns why it ended, or never began. */
  private async connectOnce(): Promise<unknown> {
    const how = { name: 'evenkeel', noEcho: true, reconnect: false, timeout: CONNECT_TIMEOUT_MS, pingInterval: PING_MS, maxPingOut: 1 };
    try {
      const connection: Connection = await connect({ ...this.options.brokers, ...how });
      return await this.live(connection);
    } catch (error) {
      return error;
    } finally {
      this.connection = undefined;
    }
  }

  private async live(connection: Connection): Promise<unknown> {
    let refused: unknown;
    for (const topic of TOPICS) {
      connection.subscribe(this.subjects[topic], {
        callback: (error) => {
          if (!error) return this.hear(topic);
          refused = error;
          void connection.close().catch(() => undefined);
        },
      });
    }
    await Promise.race([connection.flush(), connection.closed()]);
    if (this.stopping.signal.aborted) return connection.close();
    this.connection = connection;
    this.report(true);
    // What was told while this process or another was away is lost.
    for (const topic of TOPICS) {
      this.hear(topic);
      this.publish(topic);
    }
    const ended = await connection.closed();
    return refused ?? ended;
  }

  /** Says once that word goes round, and once that it does not. */
  private report(connected: boolean, reason?: unknown): void {
    if (this.reported === connected) return;
    this.reported = connected;
    if (connected) this.options.log.info('wake-ups go by NATS');
    else this.options.log.warn({ err: loggable(reason ?? 'the connection ended') }, 'NATS does not answer: polling until it does');
  }
}
