import type { PostingDocument } from '../sync/documents';

/** The document is in the backend's books, under `reference` (the backend's own id) and perhaps a document number. */
export interface Posted {
  outcome: 'POSTED';
  reference: string;
  number?: string;
  /** The tax of each line, by line id, in minor units, where the backend is the authority for it. */
  taxes?: Readonly<Record<string, string>>;
  /** Set by the runner if a look-up, and no post, told so. */
  found?: boolean;
}

/** The backend understood and said no; sending the same again changes nothing. It becomes an exception for a person. */
export interface Rejected {
  outcome: 'REJECTED';
  /** `PERIOD_CLOSED` if the books no longer take the posting date; else the backend's own. */
  code: string;
  message: string;
  /** With PERIOD_CLOSED: the first day after the document's date that the books take (`YYYY-MM-DD`), if the backend tells. */
  openFrom?: string;
}

/**
 * Nobody knows yet. `sent` is false only if it is certain that nothing reached the backend (connection refused, 429, a
 * refusal before the work); else the external id is looked up before anything is sent again.
 */
export interface Uncertain {
  outcome: 'UNCERTAIN';
  sent: boolean;
  /** `ACCEPTED` while a job runs that the backend has made of the document. */
  code: string;
  message: string;
  /** Milliseconds the backend asked to be left alone. */
  retryAfterMs?: number;
}
export type Answer = Posted | Rejected | Uncertain;

/**
 * The answer of a look-up: there under that id, surely not there, or still unknown. REJECTED if the backend took the document as a job that
 * failed since: surely not there, and sending the same again changes nothing.
 */
export type Finding = Posted | Rejected | { outcome: 'ABSENT' } | Uncertain;

/**
 * One backend of one vendor. Neither call throws for what the backend or the network does, and both end when the signal
 * aborts. `post` is called outside any database transaction; for an upsert kind `find` reports POSTED only if the
 * backend holds this version or a later one.
 */
export interface Connector {
  readonly name: string;
  /**
   * What the backend bears. `channelConcurrency`: how many documents of one legal entity it takes at once, counted over all processes
   * together; none given means that the connector asks for no limit.
   */
  readonly limits?: { readonly channelConcurrency?: number };
  post(document: PostingDocument, signal: AbortSignal): Promise<Answer>;
  find(document: PostingDocument, signal: AbortSignal): Promise<Finding>;
  /**
   * Offered by a backend that takes several documents a call: one answer for each, in their order, whatever becomes of the others. They are
   * independent of each other; an answer that is missing from the backend's reply is UNCERTAIN.
   */
  readonly batch?: { readonly documentsMax: number; post(documents: readonly PostingDocument[], signal: AbortSignal): Promise<Answer[]> };
  close?(): Promise<void>;
}
