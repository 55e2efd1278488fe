import type { Answer, Connector } from '../connectors/connector';
import type { Clock } from './clock';
import type { PostingDocument } from './documents';

/** How long a document waits for others to share its call. */
export const BATCH_LINGER_MS = 2;

/** The documents of one legal entity that go out at the same moment share a call, if the backend offers that. Each has its own answer. */
export class Batches {
  private readonly waiting = new Map<string, { document: PostingDocument; answered: (answer: Answer) => void }[]>();

  constructor(
    private readonly batch: NonNullable<Connector['batch']>,
    private readonly options: { clock: Clock; within<Result>(ask: (signal: AbortSignal) => Promise<Result>): Promise<Result> },
  ) {}

  post(channel: string, document: PostingDocument): Promise<Answer> {
    return new Promise((answered) => {
      const waiting = this.waiting.get(channel);
      if (waiting) waiting.push({ document, answered });
      else this.waiting.set(channel, [{ document, answered }]);
      if (!waiting) void this.options.clock.wait(BATCH_LINGER_MS).then(() => this.send(channel));
      else if (waiting.length === this.batch.documentsMax) this.send(channel);
    });
  }

  private send(channel: string): void {
    const waiting = this.waiting.get(channel);
    if (!waiting) return;
    this.waiting.delete(channel);
    const documents = waiting.map(({ document }) => document);
    const unknown: Answer = { outcome: 'UNCERTAIN', sent: true, code: 'BATCH_UNANSWERED', message: 'The backend said nothing of this document.' };
    this.options
      .within((signal) => this.batch.post(documents, signal))
      .then((answers) => waiting.forEach(({ answered }, index) => answered(answers[index] ?? unknown)))
      .catch(() => waiting.forEach(({ answered }) => answered(unknown)));
  }
}
