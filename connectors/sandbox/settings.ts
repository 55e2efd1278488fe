import { Refusal } from '../../entities/refusal';
import { BACKENDS, postingDateOf, type Backend, type ContractCheckDocument, type InvoiceDocument, type PostingDocument } from '../../sync/documents';
import { isBackend } from './checks';
import { DELAY_MS_MAX } from './faults';
import type { JobSetting } from './jobs';

/** How one backend keeps its books; in memory only. */
export interface Setting {
  /** A repeated external id is answered with the first booking. */
  dedupe: boolean;
  /** Nothing may be dated up to this day. */
  closedThrough: string | null;
  /** The revenue accounts there are; null: whatever a document names. */
  accounts: readonly string[] | null;
  /** Documents are accepted at once and booked later; null: booked at once. */
  jobs: JobSetting | null;
}
export type Settings = Record<Backend, Setting>;

export function openSettings(dedupe: readonly Backend[]): Settings {
  const setting = (backend: Backend): Setting => ({ dedupe: dedupe.includes(backend), closedThrough: null, accounts: null, jobs: null });
  return Object.fromEntries(BACKENDS.map((backend) => [backend, setting(backend)])) as Settings;
}

/** Changes what a request names and leaves the rest. Refuses SETTING_MALFORMED. */
export function changeSettings(settings: Settings, raw: unknown): void {
  const { backend, dedupe, closedThrough, accounts, jobs, ...rest } = (raw ?? {}) as Record<string, unknown>;
  const known = typeof backend === 'string' && isBackend(backend) && Object.keys(rest).length === 0;
  const given = [dedupe, closedThrough, accounts, jobs].some((value) => value !== undefined);
  const fits = (dedupe === undefined || typeof dedupe === 'boolean')
    && (closedThrough === undefined || closedThrough === null || /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(String(closedThrough)))
    && (accounts === undefined || accounts === null || (Array.isArray(accounts) && accounts.every((code) => typeof code === 'string')))
    && (jobs === undefined || jobs === null || isJobs(jobs));
  if (!known || !given || !fits) {
    throw new Refusal('SETTING_MALFORMED', 'Say { backend } and dedupe: true | false, closedThrough: date | null, accounts: [codes] | null, jobs: { delayMs, fails } | null.', 'backend');
  }
  const changes = Object.entries({ dedupe, closedThrough, accounts, jobs }).filter(([, value]) => value !== undefined);
  Object.assign(settings[backend], Object.fromEntries(changes));
}

/** The books take a day no longer; they do from `openFrom` on. */
export class PeriodClosed extends Refusal {
  readonly openFrom: string;

  constructor(closedThrough: string) {
    super('PERIOD_CLOSED', `The books are closed through ${closedThrough}.`, 'body');
    this.openFrom = new Date(Date.parse(`${closedThrough}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  }
}
const DAY_MS = 86_400_000;

function isJobs(value: unknown): value is JobSetting {
  const { delayMs, fails, ...rest } = Object(value) as Record<string, unknown>;
  const timely = delayMs === null || (Number.isInteger(delayMs) && (delayMs as number) >= 0 && (delayMs as number) <= DELAY_MS_MAX);
  return timely && typeof fails === 'boolean' && Object.keys(rest).length === 0;
}

/** What the backend refuses because of its settings. */
export function checkSettings({ closedThrough, accounts }: Setting, document: PostingDocument): void {
  const day = postingDateOf(document);
  if (closedThrough !== null && day !== null && day <= closedThrough) throw new PeriodClosed(closedThrough);
  const { invoicesFrom = null } = document.body as Partial<ContractCheckDocument>;
  if (closedThrough !== null && invoicesFrom !== null && invoicesFrom <= closedThrough) {
    throw new Refusal('START_CLOSED', `Invoices from ${invoicesFrom} on would meet books that are closed through ${closedThrough}.`, 'body.invoicesFrom');
  }
  const { lines = [] } = document.body as Partial<InvoiceDocument>;
  const unknown = lines.find((line) => line.revenueAccount !== undefined && !(accounts?.includes(line.revenueAccount) ?? true));
  if (unknown) throw new Refusal('UNKNOWN_ACCOUNT', `There is no revenue account ${unknown.revenueAccount}.`, 'body.lines');
}
