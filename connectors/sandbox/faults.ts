import { Refusal } from '../../entities/refusal';
import type { Backend, DocumentKind } from '../../sync/documents';
import { isBackend, KINDS_TAKEN } from './checks';

export const FAULTS = [
  'none', 'down', 'slow', 'hang', 'tooMany', 'errorAfterCommit', 'errorBeforeCommit', 'reject', 'garbage', 'cut',
  'linesMissing', 'linesReordered', 'linesDoubled', 'linesLying',
] as const;
export type FaultName = (typeof FAULTS)[number];
/** A line of a batch is a post too; `batch` is the request as a whole. */
export type Act = 'post' | 'find' | 'batch';

/** One trouble of one backend. `count` is how many requests it still strikes, null without end, `skip` how many it lets pass before. */
export interface Fault {
  backend: Backend;
  fault: FaultName;
  count: number | null;
  skip: number;
  delayMs: number;
  retryAfterSeconds: number;
  /** Strikes only documents of this kind. */
  match: DocumentKind | null;
  /** Strikes posts, look-ups, whole batches, or (`both`) all of them. */
  on: Act | 'both';
}

export const DELAY_MS_MAX = 600_000;
export const COUNT_MAX = 1_000_000;
export const RETRY_AFTER_SECONDS_MAX = 86_400;

/** Faults of the way to the backend strike look-ups too; faults of the booking strike posts only, unless `on` says else. */
const STRIKES_BOTH: ReadonlySet<FaultName> = new Set<FaultName>(['down', 'slow', 'hang', 'tooMany']);
/** Faults of a batch's answer. */
const OF_LINES: ReadonlySet<FaultName> = new Set<FaultName>(['linesMissing', 'linesReordered', 'linesDoubled', 'linesLying']);

/** The troubles in force, in memory only. */
export class FaultBoard {
  private faults: Fault[] = [];

  /** Sets a fault in place of one for the same backend, kind and act; `none` lifts the backend's faults (of that kind). */
  set(raw: unknown): Fault {
    const fault = readFault(raw);
    this.faults = this.faults.filter((old) => !replaces(fault, old));
    if (fault.fault !== 'none') this.faults.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }

  /** Whether this request is to be cut before a byte of it is read. */
  takeDown(backend: Backend, act: Act): boolean {
    const fault = this.faults.find((one) => strikes(one, { backend, act, kind: null }));
    return fault?.fault === 'down' && fault.skip === 0 && this.use(fault);
  }

  /** The fault that strikes this request, if any; it uses up one of its count. */
  take(call: { backend: Backend; act: Act; kind: string | null }): Fault | undefined {
    const fault = this.faults.find((one) => strikes(one, call));
    if (!fault) return undefined;
    if (fault.skip > 0) return void fault.skip--;
    this.use(fault);
    return fault;
  }

  private use(fault: Fault): true {
    if (fault.count !== null && --fault.count === 0) this.faults = this.faults.filter((one) => one !== fault);
    return true;
  }
}

function strikes(fault: Fault, call: { backend: Backend; act: Act; kind: string | null }): boolean {
  return fault.backend === call.backend && (fault.on === 'both' || fault.on === call.act)
    && (fault.match === null || fault.match === call.kind);
}

function replaces(fresh: Fault, old: Fault): boolean {
  if (fresh.backend !== old.backend) return false;
  if (fresh.fault === 'none') return fresh.match === null || fresh.match === old.match;
  return fresh.match === old.match && fresh.on === old.on;
}

function readFault(raw: unknown): Fault {
  const fields = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const { backend, fault, match = null } = fields;
  if (typeof backend !== 'string' || !isBackend(backend)) throw new Refusal('FAULT_MALFORMED', 'backend is none of the sandbox.', 'backend');
  if (!FAULTS.includes(fault as FaultName)) throw new Refusal('FAULT_MALFORMED', `fault is one of ${FAULTS.join(', ')}.`, 'fault');
  if (match !== null && !KINDS_TAKEN[backend].includes(match as DocumentKind)) throw new Refusal('FAULT_MALFORMED', `${backend} takes no such kind.`, 'match');
  const on = readOn(fields['on'], fault as FaultName);
  return {
    backend,
    fault: fault as FaultName,
    count: fields['count'] === undefined ? null : whole(fields, 'count', { least: 1, most: COUNT_MAX }),
    skip: fields['skip'] === undefined ? 0 : whole(fields, 'skip', { least: 0, most: COUNT_MAX }),
    delayMs: fields['delayMs'] === undefined ? 1_000 : whole(fields, 'delayMs', { least: 0, most: DELAY_MS_MAX }),
    retryAfterSeconds:
      fields['retryAfterSeconds'] === undefined ? 1 : whole(fields, 'retryAfterSeconds', { least: 0, most: RETRY_AFTER_SECONDS_MAX }),
    match: match as DocumentKind | null,
    on,
  };
}

function readOn(given: unknown, fault: FaultName): Fault['on'] {
  const usual = OF_LINES.has(fault) ? 'batch' : STRIKES_BOTH.has(fault) ? 'both' : 'post';
  const on = given ?? usual;
  const known = on === 'post' || on === 'find' || on === 'batch' || on === 'both';
  if (!known || (OF_LINES.has(fault) && on !== 'batch')) throw new Refusal('FAULT_MALFORMED', 'on is post, find, batch or both; only a batch has lines.', 'on');
  return on;
}

function whole(fields: Record<string, unknown>, name: string, bounds: { least: number; most: number }): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < bounds.least || value > bounds.most) {
    throw new Refusal('FAULT_MALFORMED', `${name} is a whole number from ${bounds.least} to ${bounds.most}.`, name);
  }
  return value;
}
