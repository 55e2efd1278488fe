/** Cases about what was sent and what was not: doubles, time-outs, cut lines, pauses and errors of the server. */
import type { Posted } from '../../connector';
import * as faults from '../faults';
import { RETRY_AFTER_MS_MAX } from '../../../sync/replies';
import { deadUrl, type Fault } from '../proxy';
import { check, inWords, type Case, type Stand } from '../stand';

const PAUSE_SECONDS = 90;

const both = async (stand: Stand) => [stand.documents.payment(), stand.documents.invoice(await stand.customer())];

async function lookUpAbsent(stand: Stand): Promise<void> {
  const { documents } = stand;
  for (const document of [documents.customer(), ...(await both(stand))]) {
    const found = await stand.find(document, { by: stand.connector });
    check(found.outcome === 'ABSENT', `${document.kind}: ${inWords(found)}`);
  }
}

async function sentAgain(stand: Stand): Promise<void> {
  for (const document of await both(stand)) {
    const first = await stand.posted(document);
    const found = await stand.find(document);
    check(found.outcome === 'POSTED' && found.reference === first.reference, `${document.kind}: the look-up gave ${inWords(found)}`);
    await stand.count(document, 1);
  }
}

async function sentTwice(stand: Stand): Promise<void> {
  for (const document of await both(stand)) {
    const answers = await Promise.all([stand.posted(document), stand.posted(document)]);
    answers.push(await stand.posted(document));
    const references = new Set(answers.map(({ reference }: Posted) => reference));
    check(references.size === 1, `${document.kind}: ${references.size} references for one document`);
    await stand.count(document, 1);
  }
}

/** The network delivers every request of the conversation twice, and only the second answer comes back. */
async function doubledOnTheWay(stand: Stand): Promise<void> {
  for (const document of [...(await both(stand)), stand.documents.customer()]) {
    stand.arm(faults.DOUBLED, { strikes: () => true, count: Infinity });
    const answer = await stand.post(document);
    stand.proxy.disarm();
    check(answer.outcome !== 'REJECTED', `${document.kind} is in the books and was called ${inWords(answer)}`);
    await stand.resolve(document);
  }
}

async function timeOutAfterCommit(stand: Stand): Promise<void> {
  for (const document of await both(stand)) {
    const over = new AbortController();
    const call = stand.uncertain(document, faults.SILENCE_AFTER, { signal: over.signal });
    await Promise.race([call, stand.silence()]);
    over.abort(new DOMException('The time is up.', 'TimeoutError'));
    const answer = await call;
    check(answer.sent, 'it was sent, and the answer says it was not');
    await stand.resolve(document, 'POSTED');
  }
}

async function lateAnswer(stand: Stand): Promise<void> {
  const document = stand.documents.payment();
  stand.arm(faults.late(400));
  await stand.posted(document);
  stand.proxy.disarm();
  await stand.count(document, 1);
}

async function cutBefore(stand: Stand): Promise<void> {
  for (const document of await both(stand)) {
    await stand.uncertain(document, faults.CUT_BEFORE);
    await stand.count(document, 0);
    await stand.resolve(document, 'ABSENT');
  }
}

async function cutAfter(stand: Stand): Promise<void> {
  for (const document of await both(stand)) {
    const answer = await stand.uncertain(document, faults.CUT_AFTER);
    check(answer.sent, 'it was sent, and the answer says it was not');
    await stand.resolve(document, 'POSTED');
  }
}

/** Each request of the conversation in turn is cut after the backend has done it; the document is finished, never doubled. */
async function cutAnywhere(stand: Stand): Promise<void> {
  await stand.posted(stand.documents.payment());
  stand.proxy.disarm();
  await stand.posted(stand.documents.payment());
  const requests = stand.proxy.asks.length;
  for (let place = 0; place < requests; place++) {
    const document = stand.documents.payment();
    let seen = 0;
    stand.arm(faults.CUT_AFTER, { strikes: () => seen++ === place });
    const answer = await stand.post(document);
    stand.proxy.disarm();
    check(answer.outcome === 'UNCERTAIN', `cut after request ${place + 1} of ${requests}: ${inWords(answer)}`);
    await stand.resolve(document);
  }
}

async function nobodyListens(stand: Stand): Promise<void> {
  const by = stand.connect(await deadUrl(stand.backend.url));
  const answer = await stand.post(stand.documents.payment(), { by });
  check(answer.outcome === 'UNCERTAIN' && !answer.sent, inWords(answer));
  const found = await stand.find(stand.documents.payment(), { by });
  check(found.outcome === 'UNCERTAIN' && found.sent, `a look-up proves nothing then: ${inWords(found)}`);
}

type Busy = (retryAfter: string) => Fault;

/** A pause is honoured in the same way whether it meets the first request or the one that books. Only 429 says that nothing was done. */
async function paused(stand: Stand, retryAfter: () => string, busy: Busy = faults.busy): Promise<void> {
  const [least, most] = [(PAUSE_SECONDS - 5) * 1_000, PAUSE_SECONDS * 1_000];
  const first = { strikes: () => true };
  for (const [by, where] of [[stand.cold(), first], [stand.connector, first], [stand.connector, undefined]] as const) {
    const document = stand.documents.payment();
    stand.arm(busy(retryAfter()), where);
    const answer = await stand.post(document, { by });
    stand.proxy.disarm();
    check(answer.outcome === 'UNCERTAIN', inWords(answer));
    check(!where || busy !== faults.busy || !answer.sent, `nothing was booked, and the answer says ${inWords(answer)}`);
    const { retryAfterMs = -1 } = answer;
    check(retryAfterMs >= least && retryAfterMs <= most, `retryAfterMs is ${retryAfterMs}, asked were ${PAUSE_SECONDS} s`);
    await stand.resolve(document, 'ABSENT');
  }
  stand.arm(busy(retryAfter()), first);
  const found = await stand.find(stand.documents.payment(), { by: stand.connector });
  stand.proxy.disarm();
  check(found.outcome === 'UNCERTAIN' && (found.retryAfterMs ?? -1) >= least, `a look-up keeps the pause: ${inWords(found)}`);
}

/** 503 after the work: a proxy that lost its server asks for a pause too, and the document may be in the books. */
async function pausedAfterCommit(stand: Stand): Promise<void> {
  await paused(stand, () => String(PAUSE_SECONDS), faults.unavailable);
  await paused(stand, () => new Date(stand.clock.nowMs() + PAUSE_SECONDS * 1_000).toUTCString(), faults.unavailable);
  for (const document of await both(stand)) {
    const answer = await stand.uncertain(document, faults.UNAVAILABLE_AFTER);
    check(answer.sent, 'it was sent, and the answer says it was not');
    await stand.resolve(document, 'POSTED');
  }
}

async function oddPauses(stand: Stand): Promise<void> {
  const asked = ['-5', '-9999999999', '9'.repeat(400), '1e99', 'NaN', 'soon', 'wait 3000', 'Fri, 99 Foo 2026 99:99:99 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT'];
  for (const [busy, retryAfter] of asked.flatMap((text) => [[faults.busy, text], [faults.unavailable, text]] as const)) {
    const document = stand.documents.payment();
    const { retryAfterMs = 0 } = await stand.uncertain(document, busy(retryAfter));
    check(retryAfterMs >= 0 && retryAfterMs <= RETRY_AFTER_MS_MAX, `Retry-After: ${retryAfter} gave ${retryAfterMs} ms`);
    await stand.resolve(document, 'ABSENT');
  }
}

async function errorBefore(stand: Stand): Promise<void> {
  const document = stand.documents.payment();
  await stand.uncertain(document, faults.ERROR_BEFORE);
  await stand.count(document, 0);
  await stand.resolve(document, 'ABSENT');
}

async function errorAfter(stand: Stand): Promise<void> {
  for (const document of await both(stand)) {
    const answer = await stand.uncertain(document, faults.ERROR_AFTER);
    check(answer.sent, 'it was sent, and the answer says it was not');
    await stand.resolve(document, 'POSTED');
  }
}

async function sessionEnds(stand: Stand): Promise<void> {
  const document = stand.documents.payment();
  stand.arm(faults.UNAUTHORIZED, { strikes: () => true });
  const answer = await stand.post(document);
  stand.proxy.disarm();
  check(answer.outcome !== 'REJECTED', `a person cannot mend the document: ${inWords(answer)}`);
  await stand.resolve(document);
  const denied = stand.documents.payment();
  stand.arm(faults.UNAUTHORIZED, { strikes: () => true, count: Infinity });
  const refused = await stand.post(denied);
  stand.proxy.disarm();
  check(refused.outcome === 'UNCERTAIN' && !refused.sent, inWords(refused));
  await stand.count(denied, 0);
}

export const DELIVERY = [
  { name: 'a look-up of what is not there is ABSENT', run: lookUpAbsent },
  { name: 'what was posted is found under its reference, once', run: sentAgain },
  { name: 'the same document sent again without a look-up', run: sentTwice },
  { name: 'each request delivered twice', run: doubledOnTheWay },
  { name: 'time-out after commit, then look-up', run: timeOutAfterCommit },
  { name: 'a slow answer', run: lateAnswer },
  { name: 'connection cut before the backend got it', run: cutBefore },
  { name: 'connection cut after commit', run: cutAfter },
  { name: 'connection cut after each request in turn', run: cutAnywhere },
  { name: 'connection refused', run: nobodyListens },
  { name: '429 with seconds', run: (stand: Stand) => paused(stand, () => String(PAUSE_SECONDS)) },
  {
    name: '429 with a date',
    run: (stand: Stand) => paused(stand, () => new Date(stand.clock.nowMs() + PAUSE_SECONDS * 1_000).toUTCString()),
  },
  { name: '503 with a pause, before and after commit', run: pausedAfterCommit },
  { name: 'pauses of negative, absurd and unreadable length', run: oddPauses },
  { name: '500 before commit', run: errorBefore },
  { name: '500 after commit', run: errorAfter },
  { name: '401 once, then for good', run: sessionEnds },
] as const satisfies readonly Case[];
