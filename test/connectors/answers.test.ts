/** Whatever a backend answers: POSTED is said only of what it holds, nothing is thrown, and an honest look-up sets the books right. */
import fc from 'fast-check';
import { startProxy, type Ask, type Fault, type Proxy, type Reply } from '../../connectors/conformance/proxy';
import { documentsOf } from '../../connectors/conformance/documents';
import type { Backend } from '../../connectors/conformance/subject';
import { SUBJECTS } from '../../cli/conformance/command';
import type { Connector } from '../../connectors/connector';
import { systemClock } from '../../sync/clock';
import type { PostingDocument } from '../../sync/documents';

const RUNS = 60;
const CALL_MS = 2_000;
const signal = () => AbortSignal.timeout(CALL_MS);

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** One change to an answer that was true: at the node of this number, counted from the top. */
interface Mutation {
  node: number;
  how: 'drop' | 'null' | 'number' | 'text' | 'list' | 'object' | 'twice' | 'swap' | 'state';
}

const STATES = ['posted', 'draft', 'paid', 'cancelled', 'failed', 'running', 'ACCEPTED', 'BOOKED'];

/** The value with its `node`th part changed. Returns how many parts it has. */
function mutated(value: Json, { node, how }: Mutation, other: string): Json {
  let at = -1;
  const visit = (part: Json): Json | undefined => {
    if (++at === node) return changed(part, how, other);
    if (Array.isArray(part)) return part.flatMap((item) => visit(item) ?? []);
    if (part === null || typeof part !== 'object') return part;
    const fields = Object.entries(part).map(([name, item]) => [name, visit(item)] as const);
    return Object.fromEntries(fields.filter((field): field is [string, Json] => field[1] !== undefined));
  };
  return visit(value) ?? null;
}

function changed(part: Json, how: Mutation['how'], other: string): Json | undefined {
  switch (how) {
    case 'drop': return undefined;
    case 'null': return null;
    case 'number': return typeof part === 'number' ? String(part) : 7;
    case 'text': return typeof part === 'string' ? part.length : 'text';
    case 'list': return [part];
    case 'object': return { [other]: part };
    case 'twice': return Array.isArray(part) ? [...part, ...part] : [part, part];
    case 'swap': return typeof part === 'string' ? other : typeof part === 'number' ? part + 1 : part;
    case 'state': return typeof part === 'string' ? STATES[part.length % STATES.length]! : part;
  }
}

const mutations = fc.array(fc.record<Mutation>({ node: fc.nat(40), how: fc.constantFrom('drop', 'null', 'number', 'text', 'list', 'object', 'twice', 'swap', 'state') }), { minLength: 1, maxLength: 3 });
const statuses = fc.constantFrom(200, 201, 202, 204, 302, 400, 404, 409, 422, 429, 500, 503);
const STATUSLESS = new Set([204, 304]);
const reply = (status: number, text: string): Reply => ({ status, text: STATUSLESS.has(status) ? '' : text });

/** What stands in place of a true answer. */
const untruths: fc.Arbitrary<(truth: Reply, other: string) => Reply> = fc.oneof(
  fc.record({ status: statuses, bytes: fc.uint8Array({ maxLength: 400 }) }).map(({ status, bytes }) => () => reply(status, Buffer.from(bytes).toString('latin1'))),
  fc.record({ status: statuses, json: fc.json() }).map(({ status, json }) => () => reply(status, json)),
  fc.record({ status: statuses, json: fc.json() }).map(({ status, json }) => () => reply(status, `{"result":${json},"lines":${json},"externalId":${json}}`)),
  statuses.map((status) => (truth: Reply) => reply(status, truth.text)),
  fc.nat(200).map((length) => (truth: Reply) => ({ ...truth, text: truth.text.slice(0, length) })),
  mutations.map((changes) => (truth: Reply, other: string) => {
    if (!/^[[{]/.test(truth.text)) return truth;
    const text = JSON.stringify(changes.reduce((value, change) => mutated(value, change, other), JSON.parse(truth.text) as Json));
    return { ...truth, text };
  }),
);

const subjects = SUBJECTS.filter(({ name }) => name === 'sandbox' || name === 'Tryton (fake)');
describe.each(subjects)('$name', (subject) => {
  let backend: Backend;
  let proxy: Proxy;
  let lied: Connector;
  let honest: Connector;
  let customer: PostingDocument<'customer'>;
  let documents: ReturnType<typeof documentsOf>;

  beforeAll(async () => {
    backend = await subject.open();
    proxy = await startProxy(backend.url, systemClock);
    [lied, honest] = [backend.connect(proxy.url), backend.connect(backend.url)];
    documents = documentsOf(backend.entity);
    customer = documents.customer();
    for (const connector of [honest, lied]) expect(await connector.post(customer, signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await lied.post(documents.payment(), signal())).toMatchObject({ outcome: 'POSTED' }); // by now it knows the books
  }, 60_000);
  afterAll(async () => {
    await lied.close?.();
    await honest.close?.();
    await proxy.close();
    await backend.close();
  });

  const fresh = (which: number): PostingDocument => [() => documents.payment(), () => documents.invoice(customer.externalId), () => documents.customer()][which % 3]!();

  /** Answers the request of this number, and perhaps all after it, with an untruth. */
  function arm(untruth: (truth: Reply, other: string) => Reply, { place, lasts }: { place: number; lasts: boolean }): void {
    let seen = 0;
    const fault: Fault = { forward: 1, then: (truth: Reply, _ask: Ask) => untruth(truth, customer.externalId) };
    proxy.disarm();
    proxy.arm({ fault, strikes: () => (lasts ? seen++ >= place : seen++ === place), count: lasts ? Infinity : 1 });
  }

  const cases = fc.record({ which: fc.nat(2), untruth: untruths, place: fc.nat(8), lasts: fc.boolean() });

  test('a post that is answered with an untruth is POSTED only if it is in the books, and ends there once', async () => {
    await fc.assert(fc.asyncProperty(cases, async ({ which, untruth, ...where }) => {
      const document = fresh(which);
      arm(untruth, where);
      const answer = await lied.post(document, signal());
      proxy.disarm();
      const booked = await backend.count(document);
      expect({ answer, booked }).toEqual({ answer, booked: answer.outcome === 'POSTED' ? 1 : Math.min(booked, 1) });
      // 429 and 401 mean "before the work"; a backend that says so after it is believed
      if (answer.outcome === 'UNCERTAIN' && !answer.sent && !/BUSY|UNAUTHORIZED|LOGIN/.test(answer.code)) expect(booked).toBe(0);
      const found = await honest.find(document, signal());
      expect(found.outcome).toBe(booked === 1 && found.outcome !== 'ABSENT' ? 'POSTED' : 'ABSENT');
      if (found.outcome === 'ABSENT') expect(await honest.post(document, signal())).toMatchObject({ outcome: 'POSTED' });
      expect(await backend.count(document)).toBe(1);
    }), { numRuns: RUNS });
  }, 300_000);

  test('a look-up that is answered with an untruth never finds what is not there', async () => {
    await fc.assert(fc.asyncProperty(cases, async ({ which, untruth, ...where }) => {
      const document = fresh(which);
      arm(untruth, { ...where, place: where.place % 3 });
      const found = await lied.find(document, signal());
      proxy.disarm();
      expect(found.outcome).not.toBe('POSTED');
      expect(found.outcome).not.toBe('REJECTED');
    }), { numRuns: RUNS });
  }, 300_000);

  test('a batch that is answered with an untruth gives one answer each, and POSTED only for what is in the books', async () => {
    if (!lied.batch) return;
    await fc.assert(fc.asyncProperty(untruths, async (untruth) => {
      const several = [0, 1, 2, 0].map(fresh);
      arm(untruth, { place: 0, lasts: true });
      const answers = await lied.batch!.post(several, signal());
      proxy.disarm();
      expect(answers).toHaveLength(several.length);
      for (const [at, document] of several.entries()) {
        const booked = await backend.count(document);
        expect({ answer: answers[at], booked }).toEqual({ answer: answers[at], booked: 1 }); // it was forwarded, whatever is said
        if (answers[at]!.outcome === 'UNCERTAIN') expect(answers[at]).toMatchObject({ sent: !/BUSY|UNAUTHORIZED/.test((answers[at] as { code: string }).code) });
      }
    }), { numRuns: RUNS });
  }, 300_000);
});
