import { Refusal } from '../../entities/refusal';
import type { Backend } from '../../sync/documents';
import { readJson, type Call, type Outcome, type Reply } from './calls';
import type { FaultName } from './faults';
import { postOne, strike } from './postings';
import type { World } from './world';

export const BATCH_LINES_MAX = 50;

/** One line of the answer to a batch: which document it is about, and what a post of this document alone would have been answered. */
interface Line {
  externalId: unknown;
  kind: unknown;
  version: unknown;
  status: number;
  retryAfter?: string;
  location?: string;
  answer: unknown;
}

/**
 * Takes several documents, each for itself: one that is refused leaves the others as they are. Faults of posts strike the lines; faults
 * on `batch` strike the whole. Refuses BATCH_MALFORMED.
 */
export async function postBatch(world: World, call: Call, backend: Backend): Promise<Outcome> {
  const documents = readLines(readJson(call.body));
  const tally = world.tallies[backend];
  tally.batches++;
  const whole = world.faults.take({ backend, act: 'batch', kind: null });
  if (whole) tally.faulted++;
  const lines: Line[] = [];
  const post = async (faulty: boolean): Promise<Outcome | undefined> => {
    for (const raw of documents) {
      const outcome = await postOne(world, { raw, call, backend }, faulty);
      if (typeof outcome === 'string') return outcome;
      lines.push(lineOf(raw, outcome));
    }
    return undefined;
  };
  if (!whole) return (await post(true)) ?? replyOf(lines);
  return strike(world, whole, async () => {
    await post(false);
    return replyOf(arranged(lines, whole.fault));
  });
}

function readLines(raw: unknown): Record<string, unknown>[] {
  const { documents } = (raw ?? {}) as { documents?: unknown };
  const fits = Array.isArray(documents) && documents.length > 0 && documents.length <= BATCH_LINES_MAX
    && documents.every((one) => typeof one === 'object' && one !== null);
  if (!fits) throw new Refusal('BATCH_MALFORMED', `Say { documents: [1 to ${BATCH_LINES_MAX} documents] }.`, 'documents');
  return documents as Record<string, unknown>[];
}

function lineOf({ externalId, kind, version }: Record<string, unknown>, { status, body, headers = {}, text }: Reply): Line {
  const { 'retry-after': retryAfter, location } = headers;
  return { externalId, kind, version, status, ...(retryAfter ? { retryAfter } : {}), ...(location ? { location } : {}), answer: text ?? body };
}

const replyOf = (lines: readonly Line[]): Reply => ({ status: 200, body: { lines } });

/** What becomes of the lines on their way back. */
function arranged(lines: readonly Line[], fault: FaultName): Line[] {
  switch (fault) {
    case 'linesMissing': return lines.filter((_, at) => at % 2 === 0);
    case 'linesReordered': return [...lines].reverse();
    case 'linesDoubled': return lines.flatMap((line) => [line, line]);
    case 'linesLying': return lines.map((line, at) => ({ ...line, externalId: lines[(at + 1) % lines.length]!.externalId }));
    default: return [...lines];
  }
}
