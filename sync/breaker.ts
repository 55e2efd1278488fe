/** Lanes that must fail one after the other, each for the first time, before a channel is taken to be down. */
export const BREAKER_FAILURES = 5;
const OPEN_MS_MIN = 1_000;
const OPEN_MS_MAX = 30_000;

/** The circuit breaker of a channel: closed while `openUntilMs` is null. */
export interface Breaker {
  failures: number;
  openings: number;
  openUntilMs: number | null;
  sinceMs: number | null;
}

/** What lanes of one channel have learned. */
export interface Signals {
  /** The backend answered something that settles a document, be it a refusal. */
  answered: boolean;
  /** Lanes that got no answer and had got one the time before; who keeps failing alone says nothing about the others. */
  failed: number;
  /** The lane that tried whether an open breaker may close got no answer. */
  probeFailed: boolean;
  /** The pause the backend asked for; 0 if it asked for none. */
  retryAfterMs: number;
}

/**
 * The breaker after that. An answer closes it; a pause asked for opens it for so long; else it opens after five failures in a row, for 1 s
 * and twice as long each time it has to open again, up to 30 s.
 */
export function afterSignals(breaker: Breaker, { answered, failed, probeFailed, retryAfterMs }: Signals, nowMs: number): Breaker {
  if (answered && retryAfterMs === 0) return { failures: 0, openings: 0, openUntilMs: null, sinceMs: null };
  const trouble = { ...breaker, failures: breaker.failures + failed, sinceMs: breaker.sinceMs ?? nowMs };
  if (retryAfterMs > 0) return { ...trouble, openUntilMs: Math.max(breaker.openUntilMs ?? 0, nowMs + retryAfterMs) };
  const opens = breaker.openUntilMs === null ? trouble.failures >= BREAKER_FAILURES : probeFailed;
  if (!opens) return trouble;
  const openMs = Math.min(OPEN_MS_MIN * 2 ** Math.min(breaker.openings, 10), OPEN_MS_MAX);
  return { ...trouble, openings: breaker.openings + 1, openUntilMs: nowMs + openMs };
}
