import type { LegalEntity } from './documents';
import type { PostingDocument } from '../../sync/documents';
import type { Connector } from '../connector';
import type { Ask, Reply } from './proxy';

/** A well-formed answer that is untrue: how to recognize the request, and what to say instead. */
export interface Lie {
  about: string;
  told: (ask: Ask) => boolean;
  /** Whether the backend gets the request at all; default: yes. */
  forwarded?: boolean;
  text: (truth: Reply, ask: Ask) => string;
}

/** A backend that runs, with what the kit has to know of it. All but `connect` goes past the connector, straight to the books. */
export interface Backend {
  url: string;
  /** The connector under test, at this address: the backend's own or the proxy's. */
  connect(url: string): Connector;
  /** The legal entity that documents are for, and those with currencies of no and of three decimals. */
  entity: LegalEntity;
  noDecimals?: LegalEntity;
  threeDecimals?: LegalEntity;
  /** A date in a closed period, and the first day after it that the books take, if the backend tells. */
  closedDate?: string;
  openFrom?: string;
  /** A date that is in no period at all. */
  missingDate?: string;
  /** The document's own date and its accounting date, as they stand in the books. */
  dates?(document: PostingDocument): Promise<{ effective: string; posting: string }>;
  /** How many documents the books hold under the document's external id. */
  count(document: PostingDocument): Promise<number>;
  /** The texts and amounts (decimal) of the document as they stand in the books. */
  content(document: PostingDocument): Promise<{ texts: string[]; total?: string }>;
  /** Whether this request is the one that books a document. */
  commits(ask: Ask): boolean;
  lies: readonly Lie[];
  /** Lets the backend accept documents and book them later, or makes it book at once again. */
  jobs?: {
    /** Accepts from now on; books after `delayMs`, or when told if that is null. */
    accept(delayMs: number | null): Promise<void>;
    /** Works off what it has accepted. */
    end(how: 'book' | 'fail'): Promise<void>;
    atOnce(): Promise<void>;
  };
  /** What may happen to one batch and its answer at the backend's side, each for the next batch only. */
  batchTroubles?: readonly { about: string; arm: () => Promise<void> }[];
  /** What no message may contain. */
  secrets: readonly string[];
  /** After how many bytes the connector gives an answer up. */
  answerBytesMax: number;
  close(): Promise<void>;
}

export interface Subject {
  /** The heading of its column. */
  name: string;
  /** The connector's name on the command line. */
  connector: string;
  /** Cases that cannot be shown on it, each with the reason. */
  lacks: Readonly<Record<string, string>>;
  /** Whether it can run on this machine. */
  available(): boolean;
  open(): Promise<Backend>;
}
