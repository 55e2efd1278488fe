import { Refusal } from '../../entities/refusal';
import type { Clock } from '../../sync/clock';
import type { PostingDocument } from '../../sync/documents';
import { refusalReply } from './calls';
import type { Key } from './store';

/** How a backend works off what it has accepted: after `delayMs`, or when told if that is null; `fails` lets every job fail. */
export interface JobSetting {
  delayMs: number | null;
  fails: boolean;
}
export type JobEnd = 'book' | 'fail';

/** A document that was accepted, to be booked later. */
export interface Job {
  id: string;
  document: PostingDocument;
  progress: 'running' | 'done' | 'failed';
  /** Why it failed, as a backend says it that books at once. */
  refusal: unknown;
  /** When it will be worked off by itself; null: when told. */
  dueMs: number | null;
  /** Books the document, or refuses as a backend does that books at once. */
  book(): void;
}

export const JOBS_KEPT_MAX = 10_000;

/** The jobs of all backends, in memory only: a restart forgets what was accepted and not booked yet. */
export class Jobs {
  private readonly byDocument = new Map<string, Job>();
  private readonly byId = new Map<string, Job>();
  private taken = 0;

  constructor(private readonly clock: Clock, private readonly closing: AbortSignal) {}

  /** Takes a document in; it is worked off later. */
  accept(document: PostingDocument, { delayMs, fails }: JobSetting, book: () => void): Job {
    const dueMs = delayMs === null ? null : this.clock.nowMs() + delayMs;
    const job: Job = { id: `job-${++this.taken}`, document, progress: 'running', refusal: null, dueMs, book };
    this.byDocument.set(nameOf(document), job);
    this.byId.set(job.id, job);
    this.forget();
    if (delayMs !== null) void this.clock.wait(delayMs, this.closing).then(() => this.closing.aborted || this.finish(job, fails ? 'fail' : 'book'));
    return job;
  }

  /** The newest job of this version of a document. */
  of(key: Key, version: number): Job | undefined {
    return this.byDocument.get(nameOf({ ...key, version }));
  }

  get(id: string): Job | undefined {
    return this.byId.get(id);
  }

  /** Works off what a backend has running, in the order it came; returns how many. */
  end(backend: string, end: JobEnd): number {
    const running = [...this.byId.values()].filter((job) => job.progress === 'running' && job.document.backend === backend);
    for (const job of running) this.finish(job, end);
    return running.length;
  }

  private finish(job: Job, end: JobEnd): void {
    if (job.progress !== 'running') return;
    try {
      if (end === 'fail') throw new Refusal('JOB_FAILED', 'The job failed on request.');
      job.book();
      job.progress = 'done';
    } catch (error) {
      Object.assign(job, { progress: 'failed', refusal: refusalReply(error).body });
    }
  }

  /** Drops the oldest that are over. */
  private forget(): void {
    for (const job of this.byId.values()) {
      if (this.byId.size <= JOBS_KEPT_MAX) return;
      if (job.progress === 'running') continue;
      this.byId.delete(job.id);
      if (this.byDocument.get(nameOf(job.document)) === job) this.byDocument.delete(nameOf(job.document));
    }
  }
}

const nameOf = ({ tenantId, backend, kind, externalId, version }: Key & { version: number }) =>
  JSON.stringify([tenantId, backend, kind, externalId, version]);
