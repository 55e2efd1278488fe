import type { Clock } from '../../sync/clock';
import { CASES } from './cases';
import { Nonconformance, Stand, type Case } from './stand';
import type { Subject } from './subject';

export type Verdict = { verdict: 'pass' } | { verdict: 'n/a'; reason: string } | { verdict: 'FAIL'; detail: string };

/** The verdicts of one subject by the names of the cases. */
export interface Column {
  subject: string;
  verdicts: ReadonlyMap<string, Verdict>;
}

export interface RunOptions {
  clock: Clock;
  /** Is told each verdict as it falls, with the milliseconds it took. */
  say?: (name: string, verdict: Verdict, tookMs: number) => void;
  /** Default: all. */
  cases?: readonly Case[];
}

/** Runs the cases one after the other against one subject. What a case leaves behind is lifted before the next. */
export async function runSubject(subject: Subject, { clock, say, cases = CASES }: RunOptions): Promise<Column> {
  const backend = await subject.open();
  const stand = await Stand.open(backend, clock);
  const verdicts = new Map<string, Verdict>();
  try {
    for (const one of cases) {
      const startMs = clock.nowMs();
      const verdict = await verdictOf(one, stand, subject.lacks[one.name]);
      stand.proxy.disarm();
      verdicts.set(one.name, verdict);
      say?.(one.name, verdict, clock.nowMs() - startMs);
    }
  } finally {
    await stand.close();
    await backend.close();
  }
  return { subject: subject.name, verdicts };
}

async function verdictOf({ run }: Case, stand: Stand, lack: string | undefined): Promise<Verdict> {
  if (lack !== undefined) return { verdict: 'n/a', reason: lack };
  try {
    await run(stand);
    return { verdict: 'pass' };
  } catch (error) {
    const detail = error instanceof Nonconformance ? error.message : `the kit failed: ${String((error as Error).stack ?? error)}`;
    return { verdict: 'FAIL', detail };
  }
}
