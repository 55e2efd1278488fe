import { Refusal } from '../../entities/refusal';
import { BACKENDS, type Backend, type InvoiceDocument, type PostingDocument } from '../../sync/documents';
import { isBackend } from './checks';
import { accountingDate } from './ledger';

/** How one backend keeps its books; in memory only. */
export interface Setting {
  /** A repeated external id is answered with the first booking. */
  dedupe: boolean;
  /** Nothing may be dated up to this day. */
  closedThrough: string | null;
  /** The revenue accounts there are; null: whatever a document names. */
  accounts: readonly string[] | null;
}
export type Settings = Record<Backend, Setting>;

export function openSettings(dedupe: readonly Backend[]): Settings {
  const setting = (backend: Backend): Setting => ({ dedupe: dedupe.includes(backend), closedThrough: null, accounts: null });
  return Object.fromEntries(BACKENDS.map((backend) => [backend, setting(backend)])) as Settings;
}

/** Changes what a request names and leaves the rest. Refuses SETTING_MALFORMED. */
export function changeSettings(settings: Settings, raw: unknown): void {
  const { backend, dedupe, closedThrough, accounts, ...rest } = (raw ?? {}) as Record<string, unknown>;
  const known = typeof backend === 'string' && isBackend(backend) && Object.keys(rest).length === 0;
  const given = [dedupe, closedThrough, accounts].some((value) => value !== undefined);
  const fits = (dedupe === undefined || typeof dedupe === 'boolean')
    && (closedThrough === undefined || closedThrough === null || /^\d{4}-\d{2}-\d{2}$/.test(String(closedThrough)))
    && (accounts === undefined || accounts === null || (Array.isArray(accounts) && accounts.every((code) => typeof code === 'string')));
  if (!known || !given || !fits) {
    throw new Refusal('SETTING_MALFORMED', 'Say { backend } and dedupe: true | false, closedThrough: date | null, accounts: [codes] | null.', 'backend');
  }
  const changes = Object.entries({ dedupe, closedThrough, accounts }).filter(([, value]) => value !== undefined);
  Object.assign(settings[backend], Object.fromEntries(changes));
}

/** What the backend refuses because of its settings. */
export function checkSettings({ closedThrough, accounts }: Setting, document: PostingDocument): void {
  const day = accountingDate(document);
  if (closedThrough !== null && day !== null && day <= closedThrough) {
    throw new Refusal('PERIOD_CLOSED', `The books are closed through ${closedThrough}.`, 'body');
  }
  const { lines = [] } = document.body as Partial<InvoiceDocument>;
  const unknown = lines.find((line) => line.revenueAccount !== undefined && !(accounts?.includes(line.revenueAccount) ?? true));
  if (unknown) throw new Refusal('UNKNOWN_ACCOUNT', `There is no revenue account ${unknown.revenueAccount}.`, 'body.lines');
}
