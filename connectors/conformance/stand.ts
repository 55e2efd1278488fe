import type { Clock } from '../../sync/clock';
import type { PostingDocument } from '../../sync/documents';
import type { Answer, Connector, Finding, Posted, Uncertain } from '../connector';
import { documentsOf, type Documents } from './documents';
import { startProxy, type Ask, type Fault, type Proxy } from './proxy';
import type { Backend } from './subject';

/** What a case found against the connector, in words for the table. */
export class Nonconformance extends Error {}

/** How long a call may take when nothing is to go wrong. The first one may set a company up. */
const CALL_MS_MAX = 60_000;

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Nonconformance(otherwise);
}

/** An answer in few words. */
export function inWords(answer: Answer | Finding): string {
  if (answer.outcome === 'ABSENT') return 'ABSENT';
  if (answer.outcome === 'POSTED') return `POSTED ${answer.reference}`;
  const sent = answer.outcome === 'UNCERTAIN' ? ` sent:${answer.sent}` : '';
  return `${answer.outcome}${sent} ${answer.code} (${answer.message})`;
}

export interface Call {
  /** Default: the warm connector behind the proxy. */
  by?: Connector;
  signal?: AbortSignal;
}

/** Where the cases work: a backend, the proxy in front of it, and connectors on either side of the proxy. */
export class Stand {
  readonly documents: Documents;
  /** Every answer that had a message. */
  readonly messages: string[] = [];
  private readonly opened: Connector[] = [];
  private known: Promise<string> | undefined;
  /** Knows the backend already: logged in, books read. */
  readonly connector: Connector;
  /** Meets no fault. */
  readonly direct: Connector;

  private constructor(readonly backend: Backend, readonly proxy: Proxy, readonly clock: Clock) {
    this.documents = documentsOf(backend.entity);
    this.connector = this.connect(proxy.url);
    this.direct = this.connect(backend.url);
  }

  static async open(backend: Backend, clock: Clock): Promise<Stand> {
    return new Stand(backend, await startProxy(backend.url, clock), clock);
  }

  connect(url: string): Connector {
    const connector = this.backend.connect(url);
    this.opened.push(connector);
    return connector;
  }

  /** A connector that has not spoken to the backend yet. */
  cold(): Connector {
    return this.connect(this.proxy.url);
  }

  async post(document: PostingDocument, { by = this.connector, signal }: Call = {}): Promise<Answer> {
    return this.heard(await this.bounded('post', () => by.post(document, signal ?? AbortSignal.timeout(CALL_MS_MAX))));
  }

  /** Posts several documents at once by the connector behind the proxy. */
  async batch(documents: readonly PostingDocument[], signal?: AbortSignal): Promise<Answer[]> {
    const { batch } = this.connector;
    check(batch !== undefined, 'the connector offers no batches');
    const answers = await this.bounded('batch', () => batch.post(documents, signal ?? AbortSignal.timeout(CALL_MS_MAX)));
    return answers.map((answer) => this.heard(answer));
  }

  async find(document: PostingDocument, { by = this.direct, signal }: Call = {}): Promise<Finding> {
    return this.heard(await this.bounded('find', () => by.find(document, signal ?? AbortSignal.timeout(CALL_MS_MAX))));
  }

  /** Posts what must succeed. */
  async posted(document: PostingDocument, call: Call = {}): Promise<Posted> {
    const answer = await this.post(document, call);
    check(answer.outcome === 'POSTED', `${document.kind} was to be POSTED: ${inWords(answer)}`);
    return answer;
  }

  /** The id of a customer who is in the books. */
  customer(): Promise<string> {
    const document = this.documents.customer();
    this.known ??= this.posted(document, { by: this.direct }).then(() => document.externalId);
    return this.known;
  }

  /** Lets a fault strike requests: those that book, unless told else. */
  arm(fault: Fault, { strikes = (ask: Ask) => this.backend.commits(ask), count = 1 } = {}): void {
    this.proxy.arm({ fault, strikes, count });
  }

  /** Posts under a fault what must end UNCERTAIN. */
  async uncertain(document: PostingDocument, fault: Fault, call: Call = {}): Promise<Uncertain> {
    this.arm(fault);
    const answer = await this.post(document, call);
    this.proxy.disarm();
    check(answer.outcome === 'UNCERTAIN', `the answer was to be UNCERTAIN: ${inWords(answer)}`);
    return answer;
  }

  /** Resolves once a request waits for an answer that will not come. */
  async silence(): Promise<void> {
    for (let waitedMs = 0; this.proxy.silenced === 0 && waitedMs < CALL_MS_MAX; waitedMs += 5) await this.clock.wait(5);
  }

  async count(document: PostingDocument, expected: number): Promise<void> {
    const found = await this.backend.count(document);
    check(found === expected, `the books hold ${found} ${document.kind} under one id instead of ${expected}`);
  }

  /** Does as the runner does: looks up, sends again only what is ABSENT, and expects one document in the books. */
  async resolve(document: PostingDocument, expected?: 'POSTED' | 'ABSENT'): Promise<void> {
    const found = await this.find(document);
    check(found.outcome !== 'UNCERTAIN', `a look-up of a healthy backend gave ${inWords(found)}`);
    if (expected) check(found.outcome === expected, `the look-up gave ${inWords(found)} instead of ${expected}`);
    if (found.outcome === 'ABSENT') await this.posted(document);
    await this.count(document, 1);
    const again = await this.find(document);
    check(again.outcome === 'POSTED', `what was posted is not found: ${inWords(again)}`);
  }

  async close(): Promise<void> {
    for (const connector of this.opened) await connector.close?.();
    await this.proxy.close();
  }

  private async bounded<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      throw new Nonconformance(`${what} threw ${(error as Error).name}: ${(error as Error).message}`);
    }
  }

  private heard<Heard extends Answer | Finding>(answer: Heard): Heard {
    if ('message' in answer) this.messages.push(`${answer.code} ${answer.message}`);
    return answer;
  }
}

export interface Case {
  name: string;
  run: (stand: Stand) => Promise<void>;
}
