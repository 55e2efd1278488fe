import { afterSignals, type Breaker, BREAKER_FAILURES, type Signals } from '../../sync/breaker';

const CLOSED: Breaker = { failures: 0, openings: 0, openUntilMs: null, sinceMs: null };
const QUIET: Signals = { answered: false, failed: 0, probeFailed: false, retryAfterMs: 0 };
const NOW = 1_000_000;
const OPEN: Breaker = { failures: 5, openings: 1, openUntilMs: NOW, sinceMs: NOW - 1_000 };

test.each`
  what                                                       | before                       | signals                                  | after
  ${'one failure is remembered'}                             | ${CLOSED}                    | ${{ failed: 1 }}                         | ${{ failures: 1, openings: 0, openUntilMs: null, sinceMs: NOW }}
  ${'the fifth in a row opens it for a second'}              | ${{ ...CLOSED, failures: 4 }} | ${{ failed: 1 }}                        | ${{ failures: BREAKER_FAILURES, openings: 1, openUntilMs: NOW + 1_000, sinceMs: NOW }}
  ${'an answer among failures closes it'}                    | ${{ ...CLOSED, failures: 4 }} | ${{ answered: true, failed: 3 }}        | ${CLOSED}
  ${'a probe that fails opens it for twice as long'}         | ${OPEN}                      | ${{ probeFailed: true }}                 | ${{ ...OPEN, openings: 2, openUntilMs: NOW + 2_000 }}
  ${'never for more than half a minute'}                     | ${{ ...OPEN, openings: 90 }} | ${{ probeFailed: true }}                 | ${{ ...OPEN, openings: 91, openUntilMs: NOW + 30_000 }}
  ${'what was on its way when it opened does not prolong it'} | ${OPEN}                     | ${{ failed: 7 }}                         | ${{ ...OPEN, failures: 12 }}
  ${'a probe that is answered closes it'}                    | ${OPEN}                      | ${{ answered: true }}                    | ${CLOSED}
  ${'a pause asked for opens it for so long'}                | ${CLOSED}                    | ${{ failed: 1, retryAfterMs: 60_000 }}   | ${{ failures: 1, openings: 0, openUntilMs: NOW + 60_000, sinceMs: NOW }}
  ${'also when others were answered in the same moment'}     | ${CLOSED}                    | ${{ answered: true, retryAfterMs: 500 }} | ${{ failures: 0, openings: 0, openUntilMs: NOW + 500, sinceMs: NOW }}
  ${'and a shorter pause never cuts a longer one'}           | ${{ ...OPEN, openUntilMs: NOW + 9_000 }} | ${{ retryAfterMs: 10 }}      | ${{ ...OPEN, openUntilMs: NOW + 9_000 }}
`('$what', ({ before, signals, after }) => {
  expect(afterSignals(before as Breaker, { ...QUIET, ...(signals as object) }, NOW)).toEqual(after);
});
