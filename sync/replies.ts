/** What every connector needs to read a backend's answer with care. */
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

/** Milliseconds from `Retry-After`, in seconds or as an HTTP date; undefined if absent or unreadable. */
export function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : /[A-Za-z]/.test(text) ? Date.parse(text) - nowMs : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX);
}
