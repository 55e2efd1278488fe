/** The case of a backend that accepts a document now and books it, or fails, later. */
import * as faults from '../faults';
import type { PostingDocument } from '../../../sync/documents';
import { check, inWords, type Case, type Stand } from '../stand';

const SOON_MS = 150;
const SOON_MS_MAX = 20_000;

/** Accepted is neither done nor lost: the answer, and every look-up until the job is over, is UNCERTAIN. */
async function accepted(stand: Stand, document: PostingDocument): Promise<void> {
  const answer = await stand.post(document);
  check(answer.outcome === 'UNCERTAIN' && answer.sent, `accepted for later: ${inWords(answer)}`);
  check((answer.retryAfterMs ?? 0) > 0, 'the answer does not say when to look again');
  await running(stand, document);
}

async function running(stand: Stand, document: PostingDocument): Promise<void> {
  const found = await stand.find(document);
  check(found.outcome === 'UNCERTAIN' && found.sent, `while the job runs: ${inWords(found)}`);
  await stand.count(document, 0);
}

async function lateJob(stand: Stand): Promise<void> {
  const { documents } = stand;
  const jobs = stand.backend.jobs!;
  const customerId = await stand.customer();
  await jobs.accept(null);
  try {
    for (const document of [documents.payment(), documents.invoice(customerId), documents.customer()]) {
      await accepted(stand, document);
      const again = await stand.post(document);
      check(again.outcome === 'UNCERTAIN' && again.sent, `submitted again while the job runs: ${inWords(again)}`);
      await jobs.end('book');
      await stand.resolve(document, 'POSTED');
      const late = await stand.posted(document);
      const found = await stand.find(document);
      check(found.outcome === 'POSTED' && found.reference === late.reference, `submitted again when it was done: ${inWords(found)}`);
      await stand.count(document, 1);
    }
    await failedJobs(stand);
    await lostAcceptance(stand);
    await jobs.accept(SOON_MS);
    await byItself(stand, documents.payment());
  } finally {
    await jobs.atOnce();
  }
}

/** A job that failed is a refusal that came late. Once the cause is mended, the document is accepted anew. */
async function failedJobs(stand: Stand): Promise<void> {
  const { documents } = stand;
  const jobs = stand.backend.jobs!;
  const orphan = documents.invoice(documents.fresh('cus'));
  for (const [document, end] of [[documents.payment(), 'fail'], [orphan, 'book']] as const) {
    await accepted(stand, document);
    await jobs.end(end);
    const found = await stand.find(document);
    check(found.outcome === 'REJECTED' && found.message !== '', `the job failed: ${inWords(found)}`);
    check(document !== orphan || /CUSTOMER/.test(found.code), `the code ${found.code} does not say why`);
    await stand.count(document, 0);
  }
  await jobs.atOnce();
  await stand.posted(documents.customer(orphan.body.customerId));
  await jobs.accept(null);
  await accepted(stand, orphan);
  await jobs.end('book');
  await stand.resolve(orphan, 'POSTED');
}

/** The document was accepted, and nobody heard of it. */
async function lostAcceptance(stand: Stand): Promise<void> {
  for (const fault of [faults.CUT_AFTER, faults.ERROR_AFTER]) {
    const document = stand.documents.payment();
    const answer = await stand.uncertain(document, fault);
    check(answer.sent, 'it was sent, and the answer says it was not');
    await running(stand, document);
    await stand.backend.jobs!.end('book');
    await stand.resolve(document, 'POSTED');
  }
}

async function byItself(stand: Stand, document: PostingDocument): Promise<void> {
  await accepted(stand, document);
  for (let waitedMs = 0; waitedMs < SOON_MS_MAX; waitedMs += SOON_MS) {
    const found = await stand.find(document);
    if (found.outcome === 'POSTED') return stand.count(document, 1);
    check(found.outcome === 'UNCERTAIN', `before the job is over: ${inWords(found)}`);
    await stand.clock.wait(SOON_MS);
  }
  check(false, `the job was not over after ${SOON_MS_MAX} ms`);
}

export const JOBS: readonly Case[] = [{ name: 'late asynchronous job', run: lateJob }];
