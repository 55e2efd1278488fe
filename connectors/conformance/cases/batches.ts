/** The case of a batch that succeeds in part, is cut in two, or is answered in disorder. */
import type { PostingDocument } from '../../../sync/documents';
import type { Answer } from '../../connector';
import * as faults from '../faults';
import type { Fault } from '../proxy';
import { check, inWords, type Case, type Stand } from '../stand';

const LATE_MS = 400;

/** What was sent, and the answers to it. */
interface Sent {
  documents: readonly PostingDocument[];
  answers: readonly Answer[];
}

async function several(stand: Stand): Promise<PostingDocument[]> {
  const customerId = await stand.customer();
  const { payment, invoice, customer } = stand.documents;
  return [payment(), invoice(customerId), customer(), payment(), invoice(customerId), payment()];
}

/** One answer for each document; what is POSTED is in the books under that reference, and what is not settled can be looked up. */
async function sound(stand: Stand, { documents, answers }: Sent, about: string): Promise<void> {
  check(answers.length === documents.length, `${about}: ${answers.length} answers to ${documents.length} documents`);
  for (const [at, document] of documents.entries()) {
    const answer = answers[at]!;
    check(answer.outcome !== 'UNCERTAIN' || answer.sent || (await stand.backend.count(document)) === 0, `${about}: booked, and called ${inWords(answer)}`);
    if (answer.outcome !== 'POSTED') continue;
    const found = await stand.find(document);
    check(found.outcome === 'POSTED' && found.reference === answer.reference, `${about}: ${inWords(answer)}, and the look-up says ${inWords(found)}`);
    await stand.count(document, 1);
  }
}

async function settled(stand: Stand, { documents, answers }: Sent): Promise<void> {
  for (const [at, document] of documents.entries()) if (answers[at]!.outcome === 'UNCERTAIN') await stand.resolve(document);
}

/** Good and bad documents together: each is judged by itself. */
async function inPart(stand: Stand): Promise<void> {
  const good = await several(stand);
  const orphan = stand.documents.invoice(stand.documents.fresh('cus'));
  const wrong = stand.documents.invoice(await stand.customer(), { totalMinor: '1' });
  const documents = [good[0]!, orphan, ...good.slice(1, 4), wrong, ...good.slice(4)];
  const answers = await stand.batch(documents);
  await sound(stand, { documents, answers }, 'a batch with two bad documents');
  for (const [at, document] of documents.entries()) {
    const expected = document === orphan ? /CUSTOMER/ : document === wrong ? /TOTAL/ : undefined;
    const answer = answers[at]!;
    check(expected ? answer.outcome === 'REJECTED' && expected.test(answer.code) : answer.outcome === 'POSTED', `line ${at + 1}: ${inWords(answer)}`);
    await stand.count(document, expected ? 0 : 1);
  }
}

/** More than one request takes, one document of half a megabyte, and none at all. */
async function manyAndLarge(stand: Stand): Promise<void> {
  const { documentsMax } = stand.connector.batch!;
  const [first, ...rest] = Array.from({ length: documentsMax + 3 }, () => stand.documents.payment());
  const draft = stand.documents.invoice(await stand.customer());
  const line = { ...draft.body.lines[0]!, unitPriceMinor: '0', netMinor: '0', taxMinor: '0', description: 'x'.repeat(1_000) };
  const lines = [draft.body.lines[0]!, ...Array.from({ length: 400 }, (_, at) => ({ ...line, lineId: `z${at}` }))];
  const documents = [first!, { ...draft, body: { ...draft.body, lines } }, ...rest];
  const answers = await stand.batch(documents);
  check(answers.every(({ outcome }) => outcome === 'POSTED'), inWords(answers.find(({ outcome }) => outcome !== 'POSTED') ?? answers[0]!));
  await sound(stand, { documents, answers }, 'a batch larger than one request');
  check((await stand.batch([])).length === 0, 'no documents, and an answer');
}

async function underFaults(stand: Stand): Promise<void> {
  const shapes = ['{"lines":null}', '{"lines":[null,7,"x",[],{}]}', '{"lines":[{"externalId":{}}]}', ...faults.SHAPES];
  const troubles: [string, Fault][] = [
    ...Object.entries({ ...faults.UNREADABLE, cutBefore: faults.CUT_BEFORE, cutAfter: faults.CUT_AFTER, errorAfter: faults.ERROR_AFTER, endless: faults.ENDLESS }),
    ['a pause', faults.busy('9')], ['503', faults.unavailable('9')], ['401', faults.UNAUTHORIZED],
    ...shapes.map((shape): [string, Fault] => [shape, faults.shaped(shape)]),
  ];
  for (const [about, fault] of troubles) {
    const documents = (await several(stand)).slice(0, 3);
    stand.arm(fault, { strikes: () => true });
    const answers = await stand.batch(documents);
    stand.proxy.disarm();
    check(answers.every(({ outcome }) => outcome === 'UNCERTAIN'), `${about}: ${answers.map(inWords).join(', ')}`);
    check(about !== 'a pause' || answers.every((answer) => answer.outcome === 'UNCERTAIN' && answer.retryAfterMs === 9_000), `the pause is lost: ${inWords(answers[0]!)}`);
    await sound(stand, { documents, answers }, about);
    await settled(stand, { documents, answers });
  }
}

async function underTroubles(stand: Stand): Promise<void> {
  for (const { about, arm } of stand.backend.batchTroubles ?? []) {
    const documents = await several(stand);
    await arm();
    const answers = await stand.batch(documents, AbortSignal.timeout(LATE_MS));
    await sound(stand, { documents, answers }, about);
    await settled(stand, { documents, answers });
  }
}

async function aborted(stand: Stand): Promise<void> {
  const documents = await several(stand);
  stand.proxy.disarm();
  const answers = await stand.batch(documents, AbortSignal.abort());
  check(answers.every((answer) => answer.outcome === 'UNCERTAIN' && !answer.sent), 'aborted before it began');
  check(stand.proxy.asks.length === 0, 'a batch that was aborted before it began reached the backend');
}

async function partialBatch(stand: Stand): Promise<void> {
  for (const part of [inPart, manyAndLarge, underFaults, underTroubles, aborted]) await part(stand);
}

export const BATCHES: readonly Case[] = [{ name: 'partial batch', run: partialBatch }];
