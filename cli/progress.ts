const BAR_CHARS = 30;

/** One line that shows how far something is. */
export function bar(what: string, done: number, all: number): string {
  const full = Math.min(BAR_CHARS, Math.round((done / Math.max(all, 1)) * BAR_CHARS));
  return `${what} ${'#'.repeat(full)}${'.'.repeat(BAR_CHARS - full)} ${done} of ${all}`;
}
