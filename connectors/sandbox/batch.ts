import type { PostingDocument } from '../../sync/documents';
import { redactedQuote } from '../../sync/replies';
import type { Answer, Uncertain } from '../connector';
import { parse, readPost, readTrouble, unreadable } from './answers';
import { exchange, failure, headersOf, type Course, type Told } from './wire';

export const DOCUMENTS_PER_BATCH_MAX = 50;
/** A little below what the backend takes in one body. */
export const BATCH_BYTES_MAX = 1_000_000;

/** Posts documents in as few requests as they fit in; each answer is that of its own line, wherever it stands in the reply. */
export async function postBatches(course: Course, documents: readonly PostingDocument[]): Promise<Answer[]> {
  const answers = new Map<PostingDocument, Answer>();
  for (const chunk of chunksOf(documents)) {
    const told = await exchange(course.wire, askOf(course, chunk), course.signal);
    for (const document of chunk) answers.set(document, 'outcome' in told ? told : readLine(told, { chunk, document }, course.clock.nowMs()));
  }
  return documents.map((document) => answers.get(document)!);
}

/** Of one tenant each, and small enough for one request. */
function chunksOf(documents: readonly PostingDocument[]): PostingDocument[][] {
  const chunks: PostingDocument[][] = [];
  const open = new Map<string, { chunk: PostingDocument[]; bytes: number }>();
  for (const document of documents) {
    const bytes = Buffer.byteLength(JSON.stringify(document));
    let last = open.get(document.tenantId);
    if (!last || last.chunk.length === DOCUMENTS_PER_BATCH_MAX || last.bytes + bytes > BATCH_BYTES_MAX) {
      open.set(document.tenantId, (last = { chunk: [], bytes: 0 }));
      chunks.push(last.chunk);
    }
    last.chunk.push(document);
    last.bytes += bytes;
  }
  return chunks;
}

function askOf({ backend }: Course, chunk: readonly PostingDocument[]) {
  const body = JSON.stringify({ documents: chunk });
  const headers = { ...headersOf(chunk[0]!), 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return { method: 'POST' as const, path: `/${backend}/batches`, headers, body };
}

/** What a reply says of one document: the one line that names it by external id, kind and version. Without such a line nothing is known. */
function readLine(told: Told, { chunk, document }: { chunk: readonly PostingDocument[]; document: PostingDocument }, nowMs: number): Answer {
  const trouble = readTrouble(told, nowMs);
  if (trouble) return trouble;
  if (told.status >= 400) return refused(told);
  const { lines } = (parse(told.text) ?? {}) as { lines?: unknown };
  if (told.status !== 200 || !Array.isArray(lines)) return unreadable(told);
  const own = lines.map((line) => Object(line) as Record<string, unknown>).filter((line) => isAbout(line, document));
  const [line] = own;
  if (!line) return failure('LINE_MISSING', { message: `The answer to a batch of ${chunk.length} has no line for the document.`, sent: true });
  if (own.length > 1) return failure('LINE_TWICE', { message: `The answer to a batch has ${own.length} lines for the document.`, sent: true });
  const { status, answer, retryAfter, location } = line;
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer ?? null);
  const whole = { status: Number.isInteger(status) ? (status as number) : 0, retryAfter: textOr(retryAfter), location: textOr(location), text };
  return readPost(whole, document, nowMs);
}

const textOr = (value: unknown) => (typeof value === 'string' ? value : null);

const isAbout = (line: Record<string, unknown>, { externalId, kind, version }: PostingDocument) =>
  line['externalId'] === externalId && line['kind'] === kind && line['version'] === version;

/** A batch that is refused as a whole says nothing about any of its documents. */
function refused({ status, text }: Told): Uncertain {
  return failure('BATCH_REFUSED', { message: `The backend refuses the batch (HTTP ${status}): ${redactedQuote(text)}`, sent: true });
}
