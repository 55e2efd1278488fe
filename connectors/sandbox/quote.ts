export const QUOTE_CHARS_MAX = 200;

/** A piece of an unreadable answer for people to see: no addresses, numbers of accounts or secrets, one line, at most 200 characters. */
export function redactedQuote(text: string): string {
  const clean = text
    .slice(0, QUOTE_CHARS_MAX * 4)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/[^\s"'<>(),;:=]+@[^\s"'<>(),;:=]+/g, '[address]')
    .replace(/\b(bearer|basic)\s+[^\s"'<>,;]+/gi, '$1 [secret]')
    .replace(/((?:token|secret|password|passwd|api[_-]?key|authorization|cookie|session)["']?\s*[:=]\s*["']?)(?!bearer |basic )[^\s"'<>,;&}]+/gi, '$1[secret]')
    .replace(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g, '[account]')
    .replace(/\d(?:[ -]?\d){7,}/g, '[digits]')
    .trim();
  return clean.length <= QUOTE_CHARS_MAX ? clean : `${clean.slice(0, QUOTE_CHARS_MAX - 1)}…`;
}
