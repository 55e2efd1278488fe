import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE, SUBJECTS } from '../../cli/conformance/command';
import type { Answer, Connector } from '../../connectors/connector';
import { CASES } from '../../connectors/conformance/cases';
import { runSubject, type Verdict } from '../../connectors/conformance/run';
import type { Case } from '../../connectors/conformance/stand';
import { inPage, readPage } from '../../connectors/conformance/table';
import { systemClock } from '../../sync/clock';
import { needs } from '../harness/services';

const YES: Answer = { outcome: 'POSTED', reference: 'ERP-1' };
const isCode = (answer: Answer, code: RegExp) => 'code' in answer && code.test(answer.code);
const committed = readPage(readFileSync(join(__dirname, '..', '..', PAGE), 'utf8'));

test('the table has every case and every subject, and nothing failed in it', () => {
  expect([...committed.keys()]).toEqual(SUBJECTS.map(({ name }) => name));
  for (const column of committed.values()) {
    expect([...column.keys()]).toEqual(CASES.map(({ name }) => name));
    expect([...column.values()].filter((cell) => !/^(pass$|n\/a: )/.test(cell))).toEqual([]);
  }
});

/**
 * On the real Tryton an invoice takes half a second. Left out there are the cases in which the proxy answers in its place: who
 * stands behind makes little difference, and the fake shows them. `npm run conformance -- tryton` runs them all.
 */
const ANSWERED_BY_PROXY = /^(pauses of|an answer that is|answers of another shape|answers that lie|no message)/;

describe.each(SUBJECTS)('$name', (subject) => {
  const real = subject.name === 'Tryton 6.0';
  const there = real ? needs('tryton') : subject.available();
  const cases = CASES.filter(({ name }) => !real || !ANSWERED_BY_PROXY.test(name));
  let verdicts: ReadonlyMap<string, Verdict>;

  beforeAll(async () => {
    if (there) ({ verdicts } = await runSubject(subject, { clock: systemClock, cases }));
  }, 240_000);

  (there ? test : test.skip).each([...cases])('$name: as the table says', ({ name }: Case) => {
    expect(inPage(verdicts.get(name)!)).toBe(committed.get(subject.name)!.get(name));
  });
});

test.each`
  connector                  | bends                                                                       | caught
  ${'takes 500 for a yes'}   | ${(answer: Answer): Answer => (isCode(answer, /^HTTP_5/) ? YES : answer)}   | ${['500 before commit', '500 after commit', 'late asynchronous job']}
  ${'says nothing was sent'} | ${(answer: Answer): Answer => ({ ...answer, sent: false }) as Answer}       | ${['connection cut after commit', '500 after commit', 'late asynchronous job']}
  ${'forgets the pause'}     | ${(answer: Answer): Answer => ({ ...answer, retryAfterMs: undefined }) as Answer} | ${['429 with seconds', 'late asynchronous job']}
  ${'takes accepted for done'} | ${(answer: Answer): Answer => (isCode(answer, /^ACCEPTED$/) ? YES : answer)} | ${['late asynchronous job']}
  ${'cries'}                 | ${() => { throw new Error('oh'); }}                                         | ${['500 before commit', '500 after commit', 'connection cut after commit', 'connection refused', '429 with seconds', 'late asynchronous job']}
`('the cases catch a connector that $connector', async ({ bends, caught }: { bends: (answer: Answer) => Answer; caught: string[] }) => {
  const [sandbox] = SUBJECTS;
  const wanted = ['500 before commit', '500 after commit', 'connection cut after commit', 'connection refused', '429 with seconds', 'late asynchronous job'];
  const bent = {
    ...sandbox!,
    async open() {
      const backend = await sandbox!.open();
      const connect = (url: string): Connector => {
        const connector = backend.connect(url);
        const bend = (answer: Answer) => (answer.outcome === 'UNCERTAIN' ? bends(answer) : answer);
        return { name: 'bent', find: (...call) => connector.find(...call), post: async (...call) => bend(await connector.post(...call)), close: () => connector.close!() };
      };
      return { ...backend, connect };
    },
  };
  const { verdicts } = await runSubject(bent, { clock: systemClock, cases: CASES.filter(({ name }) => wanted.includes(name)) });
  const failed = [...verdicts].filter(([, { verdict }]) => verdict === 'FAIL').map(([name]) => name);
  expect(failed.sort()).toEqual([...caught].sort());
});

test.each`
  connector                            | bends
  ${'reads a batch by its lines\' order'} | ${(answers: Answer[]) => [...answers].reverse()}
  ${'leaves out an answer'}            | ${(answers: Answer[]) => answers.slice(1)}
  ${'takes a doubtful line for a yes'} | ${(answers: Answer[]) => answers.map((answer) => (answer.outcome === 'UNCERTAIN' ? YES : answer))}
  ${'takes the batch for one document'} | ${(answers: Answer[]) => (answers.some(({ outcome }) => outcome === 'REJECTED') ? answers.map(() => answers.find(({ outcome }) => outcome === 'REJECTED')!) : answers)}
`('the cases catch a connector that $connector', async ({ bends }: { bends: (answers: Answer[]) => Answer[] }) => {
  const [sandbox] = SUBJECTS;
  const bent = {
    ...sandbox!,
    async open() {
      const backend = await sandbox!.open();
      const connect = (url: string): Connector => {
        const connector = backend.connect(url);
        const batch = connector.batch!;
        return { ...connector, batch: { ...batch, post: async (...call) => bends(await batch.post(...call)) } };
      };
      return { ...backend, connect };
    },
  };
  const { verdicts } = await runSubject(bent, { clock: systemClock, cases: CASES.filter(({ name }) => name === 'partial batch') });
  expect([...verdicts.values()]).toMatchObject([{ verdict: 'FAIL' }]);
});
