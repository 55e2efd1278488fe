/** What every connector needs to read a backend's answer with care. */
/** The code of an UNCERTAIN answer that is no trouble: the backend has made a job of the document, and books it later. */
export const ACCEPTED = 'ACCEPTED';
export const QUOTE_CHARS_MAX = 200;
export const RETRY_AFTER_MS_MAX = 86_400_000;

/** A piece of an unreadable answer for people to see: no addresses, numbers of accounts or secrets, one line, at most 200 characters. */
export function redactedQuote(text: string): string {
  const clean = text
    .slice(0, QUOTE_CHARS_MAX * 4)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/[^\s"'<>(),;:=]+@[^\s"'<>(),;:=]+/g, '[address]')
    .replace(/\b(bearer|basic)\s+[^\s"'<>,;]+/gi, '$1 [secret]')
    .replace(/\bsession\s+[A-Za-z0-9+/_=.-]{12,}/gi, 'session [secret]')
    .replace(/((?:token|secret|password|passwd|api[_-]?key|authorization|cookie|session)["']?\s*[:=]\s*["']?)(?!(?:bearer|basic|session) )[^\s"'<>,;&}]+/gi, '$1[secret]')
    .replace(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g, '[account]')
    .replace(/\d(?:[ -]?\d){7,}/g, '[digits]')
    .trim();
  return clean.length <= QUOTE_CHARS_MAX ? clean : `${clean.slice(0, QUOTE_CHARS_MAX - 1)}…`;
}

/** The dates that HTTP allows, and ISO 8601 in UTC, which some servers send. Anything looser, `Date.parse` would read as some year. */
const HTTP_DATES = [
  /^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Za-z]{6,9}, \d{2}-[A-Za-z]{3}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/,
];
const ASCTIME = /^[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Milliseconds from `Retry-After`, in seconds or as an HTTP date; undefined if absent, negative or unreadable. At most
 * RETRY_AFTER_MS_MAX, however much is asked; a date that has passed is 0.
 */
export function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : dateMs(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(Math.ceil(ms), 0), RETRY_AFTER_MS_MAX);
}

function dateMs(text: string): number {
  if (ASCTIME.test(text)) return Date.parse(`${text} GMT`);
  return HTTP_DATES.some((form) => form.test(text)) ? Date.parse(text) : Number.NaN;
}
