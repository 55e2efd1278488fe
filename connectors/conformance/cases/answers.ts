/** Cases about answers that are no answers: unreadable, endless, of another shape, untrue; and about what messages may say. */
import * as faults from '../faults';
import type { Ask, Fault } from '../proxy';
import { check, inWords, Nonconformance, type Case, type Stand } from '../stand';

const MESSAGE_CHARACTERS_MAX = 600;
/** What the process may grow by while an endless answer arrives; most of it is the proxy's own writing. */
const GROWTH_BYTES_MAX = 200_000_000;
/** Bytes that were on their way when the connector had enough. */
const UNDERWAY_BYTES_MAX = 64_000_000;
const AT_ONCE_MS = 400;

/** Not POSTED, not thrown, a message of bounded length; and the books can be set right by a look-up. */
async function unreadable(stand: Stand, fault: Fault, mark: string | undefined): Promise<void> {
  for (const document of [stand.documents.payment(), stand.documents.invoice(await stand.customer())]) {
    const answer = await stand.uncertain(document, fault);
    check(answer.sent, 'it was sent, and the answer says it was not');
    check(answer.message.length <= MESSAGE_CHARACTERS_MAX, `the message has ${answer.message.length} characters`);
    check(!mark || answer.message.includes(mark), `the message does not quote what came: ${answer.message}`);
    await stand.resolve(document, 'POSTED');
  }
  stand.arm(fault, { strikes: () => true });
  const found = await stand.find(stand.documents.payment(), { by: stand.connector });
  stand.proxy.disarm();
  check(found.outcome === 'UNCERTAIN', `the look-up gave ${inWords(found)}`);
}

async function endless(stand: Stand): Promise<void> {
  for (const document of [stand.documents.payment(), stand.documents.invoice(await stand.customer())]) {
    const before = process.memoryUsage.rss();
    stand.arm(faults.ENDLESS);
    const answer = await stand.post(document);
    const [taken, grown] = [stand.proxy.endlessBytes, process.memoryUsage.rss() - before];
    stand.proxy.disarm();
    check(answer.outcome === 'UNCERTAIN' && answer.sent, inWords(answer));
    check(taken < stand.backend.answerBytesMax + UNDERWAY_BYTES_MAX, `${taken} bytes were read before it gave up`);
    check(grown < GROWTH_BYTES_MAX, `memory grew by ${grown} bytes`);
    await stand.resolve(document, 'POSTED');
  }
}

/** Every request of a post, then of a look-up, is answered with every odd shape. POSTED is said only of what is in the books. */
async function otherShape(stand: Stand): Promise<void> {
  for (const act of ['post', 'find'] as const) {
    stand.proxy.disarm();
    await stand[act](stand.documents.payment(), { by: stand.connector });
    const requests = stand.proxy.asks.map(({ method, body }) => `${method} ${/"method":"([^"]+)"/.exec(body)?.[1] ?? ''}`.trim());
    for (const [place, asked] of requests.entries()) {
      for (const shape of faults.SHAPES) await answeredWith(stand, { act, place, asked, shape });
    }
  }
}

async function answeredWith(stand: Stand, { act, place, asked, shape }: { act: 'post' | 'find'; place: number; asked: string; shape: string }): Promise<void> {
  const document = stand.documents.payment();
  let seen = 0;
  stand.arm(faults.shaped(shape), { strikes: () => seen++ === place });
  const { outcome } = await stand[act](document, { by: stand.connector }).catch((error: Error) => {
    throw new Nonconformance(`${shape} to ${asked}: ${error.message}`);
  });
  stand.proxy.disarm();
  const booked = await stand.backend.count(document);
  check(booked <= 1 && (outcome !== 'POSTED' || booked === 1), `${shape} to ${asked}: ${outcome}, and the books hold ${booked}`);
}

/** For each lie that the vendor's protocol allows: POSTED is said only of what is in the books. */
async function lies(stand: Stand): Promise<void> {
  const other = stand.documents.payment();
  await stand.posted(other);
  for (const lie of stand.backend.lies) {
    const fault: Fault = { forward: lie.forwarded === false ? 0 : 1, then: (truth, ask) => ({ ...truth, status: truth.status || 200, text: lie.text(truth, ask) }) };
    for (const document of [stand.documents.payment(), stand.documents.invoice(await stand.customer()), stand.documents.customer()]) {
      const trap = { strikes: (ask: Ask) => lie.told(ask), count: Infinity };
      stand.arm(fault, trap);
      const found = await stand.find(document, { by: stand.connector });
      check(found.outcome !== 'POSTED', `${lie.about}: a look-up of the ${document.kind} believed it`);
      const answer = await stand.post(document);
      stand.proxy.disarm();
      const booked = await stand.backend.count(document);
      check(answer.outcome !== 'POSTED' || booked === 1, `${lie.about}: POSTED, and the books hold ${booked} ${document.kind}`);
      if (answer.outcome === 'POSTED') {
        const truth = await stand.find(document);
        check(truth.outcome === 'POSTED' && truth.reference === answer.reference, `${lie.about}: POSTED under ${answer.reference}, which is not it`);
      }
      await stand.resolve(document);
    }
  }
}

async function aborted(stand: Stand): Promise<void> {
  stand.proxy.disarm();
  const never = await stand.post(stand.documents.payment(), { signal: AbortSignal.abort() });
  check(never.outcome === 'UNCERTAIN' && !never.sent, `aborted before it began: ${inWords(never)}`);
  check(stand.proxy.asks.length === 0, 'a call that was aborted before it began reached the backend');
  for (const by of [stand.connector, stand.cold()]) {
    stand.arm(faults.SILENCE_BEFORE, { strikes: () => true, count: Infinity });
    const over = new AbortController();
    const waiting = stand.post(stand.documents.payment(), { by, signal: over.signal });
    await stand.silence();
    for (const act of ['post', 'find'] as const) {
      const controller = new AbortController();
      const call = stand[act](stand.documents.payment(), { by, signal: controller.signal });
      await stand.clock.wait(50);
      const atMs = stand.clock.nowMs();
      controller.abort();
      const answer = await call;
      const tookMs = stand.clock.nowMs() - atMs;
      check(tookMs < AT_ONCE_MS, `${act} ended ${tookMs} ms after it was aborted`);
      check(answer.outcome === 'UNCERTAIN', `${act}: ${inWords(answer)}`);
    }
    over.abort();
    const hung = await waiting;
    check(hung.outcome === 'UNCERTAIN', inWords(hung));
    stand.proxy.disarm();
  }
}

/** Also looks at what the cases before it heard. */
async function secrets(stand: Stand): Promise<void> {
  for (const by of [stand.cold(), stand.connector]) {
    for (const fault of Object.values(faults.UNREADABLE)) {
      stand.arm(fault, { strikes: () => true, count: Infinity });
      await stand.post(stand.documents.payment(), { by });
      await stand.find(stand.documents.payment(), { by });
      stand.proxy.disarm();
    }
  }
  const words = [...stand.proxy.credentials].flatMap((header) => header.split(' ').slice(1));
  const inside = words.map((word) => Buffer.from(word, 'base64').toString('utf8').split(':').at(-1)!);
  const known = [...stand.backend.secrets, ...words, ...inside].filter((word) => word.length >= 8);
  const told = stand.messages.find((message) => ['c00k1e', ...known].some((secret) => message.includes(secret)));
  check(told === undefined, `a message tells a secret: ${known.reduce((text, secret) => text.replaceAll(secret, '…'), told ?? '')}`);
}

const garbage = Object.entries(faults.UNREADABLE).map(([what, fault]) => ({
  name: `an answer that is ${what}`,
  run: (stand: Stand) => unreadable(stand, fault, { 'not JSON': 'MARK-TEXT', HTML: 'MARK-HTML' }[what]),
}));

export const ANSWERS: readonly Case[] = [
  ...garbage,
  { name: 'an answer of more than 1 GB', run: endless },
  { name: 'answers of another shape', run: otherShape },
  { name: 'answers that lie', run: lies },
  { name: 'an aborted signal ends the call at once', run: aborted },
  { name: 'no message tells a secret', run: secrets },
];
