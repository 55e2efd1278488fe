import fc from 'fast-check';
import { PostingState, SupersededReason } from '../../entities/operations/Posting';
import {
  ageingBucket, allowedActions, backendState, checkPostingDate, decidePeriod, earliestPostingDate, isStanding, isUnsettled, lagSeconds, moneyOf, neverBooked, POSTING_DAYS_MAX,
  type PostingCount, REDATINGS_MAX, syncState,
} from '../../subgraphs/operations/rules';
import { retryDelayMs } from '../../sync/dispatcher';

const { PENDING, UNCERTAIN, POSTED, REJECTED, SUPERSEDED } = PostingState;
const erp = (states: PostingState[], oldestMs = 0): PostingCount[] => states.map((state) => ({ backend: 'erp', state, oldestMs }));

test.each`
  due             | today           | bucket
  ${'2026-11-25'} | ${'2026-11-24'} | ${0}
  ${'2026-11-24'} | ${'2026-11-24'} | ${0}
  ${'2026-11-23'} | ${'2026-11-24'} | ${1}
  ${'2026-10-25'} | ${'2026-11-24'} | ${1}
  ${'2026-10-24'} | ${'2026-11-24'} | ${2}
  ${'2026-09-25'} | ${'2026-11-24'} | ${2}
  ${'2026-09-24'} | ${'2026-11-24'} | ${3}
  ${'2026-08-26'} | ${'2026-11-24'} | ${3}
  ${'2026-08-25'} | ${'2026-11-24'} | ${4}
  ${'2024-02-29'} | ${'2026-11-24'} | ${4}
  ${'2024-02-29'} | ${'2024-03-01'} | ${1}
  ${'2026-03-28'} | ${'2026-03-30'} | ${1}
`('what was due on $due is in bucket $bucket on $today', ({ due, today, bucket }) => {
  expect(ageingBucket(due, today)).toBe(bucket);
});

test.each`
  states                           | state
  ${[]}                            | ${'NOT_APPLICABLE'}
  ${[POSTED]}                      | ${'IN_SYNC'}
  ${[SUPERSEDED]}                  | ${'IN_SYNC'}
  ${[POSTED, PENDING]}             | ${'PENDING'}
  ${[PENDING, UNCERTAIN]}          | ${'UNCERTAIN'}
  ${[UNCERTAIN, REJECTED, POSTED]} | ${'REJECTED'}
`('a backend with postings $states is $state', ({ states, state }) => {
  expect(backendState(erp(states), 'erp')).toBe(state);
  expect(backendState(erp(states), 'billing')).toBe('NOT_APPLICABLE');
});

test.each`
  states                  | exceptions | state
  ${[]}                   | ${0}       | ${'IN_SYNC'}
  ${[POSTED, SUPERSEDED]} | ${0}       | ${'IN_SYNC'}
  ${[POSTED, PENDING]}    | ${0}       | ${'PENDING'}
  ${[UNCERTAIN]}          | ${0}       | ${'PENDING'}
  ${[PENDING, REJECTED]}  | ${0}       | ${'BLOCKED'}
  ${[POSTED]}             | ${1}       | ${'BLOCKED'}
  ${[]}                   | ${2}       | ${'BLOCKED'}
`('postings $states with $exceptions open exceptions are $state', ({ states, exceptions, state }) => {
  expect(syncState(erp(states), exceptions)).toBe(state);
});

test.each`
  state         | unsettled
  ${PENDING}    | ${true}
  ${UNCERTAIN}  | ${true}
  ${POSTED}     | ${false}
  ${REJECTED}   | ${false}
  ${SUPERSEDED} | ${false}
`('that a posting which is $state still has to be sent or looked up is $unsettled', ({ state, unsettled }) => {
  expect(isUnsettled({ state })).toBe(unsettled);
});

test.each`
  counts                                              | now       | lag
  ${[]}                                               | ${10_000} | ${0}
  ${erp([POSTED], 1_000)}                             | ${10_000} | ${0}
  ${erp([PENDING], 1_000)}                            | ${10_000} | ${9}
  ${erp([PENDING], 1_001)}                            | ${10_000} | ${8}
  ${erp([REJECTED], 0)}                               | ${10_000} | ${10}
  ${[...erp([PENDING], 5_000), ...erp([UNCERTAIN], 2_000)]} | ${10_000} | ${8}
  ${[...erp([PENDING], 5_000), ...erp([POSTED], 0)]}  | ${10_000} | ${5}
  ${erp([PENDING], 20_000)}                           | ${10_000} | ${0}
`('of $counts at $now ms the oldest waits for $lag s', ({ counts, now, lag }) => {
  expect(lagSeconds(counts, now)).toBe(lag);
});

test.each`
  body                                          | money
  ${{ totalMinor: '12000', currency: 'EUR' }}   | ${{ minor: 12_000n, currency: 'EUR' }}
  ${{ amountMinor: '5', currency: 'JPY' }}      | ${{ minor: 5n, currency: 'JPY' }}
  ${{ currency: 'EUR' }}                        | ${null}
  ${{ grants: [] }}                             | ${null}
`('the money that hangs on $body is $money', ({ body, money }) => {
  expect(moneyOf({ body } as never)).toEqual(money);
});

test('the wait before a retry doubles up to a bound', () => {
  expect([0, 1, 2, 5, 6, 50].map(retryDelayMs)).toEqual([250, 500, 1_000, 8_000, 15_000, 15_000]);
});

test.each`
  policy         | openFrom        | redatings | act
  ${'ASK'}       | ${'2026-12-01'} | ${0}      | ${{ act: 'ASK' }}
  ${'WAIT'}      | ${'2026-12-01'} | ${0}      | ${{ act: 'WAIT' }}
  ${'WAIT'}      | ${null}         | ${99}     | ${{ act: 'WAIT' }}
  ${'NEXT_OPEN'} | ${'2026-12-01'} | ${0}      | ${{ act: 'REDATE', to: '2026-12-01' }}
  ${'NEXT_OPEN'} | ${'2026-12-01'} | ${11}     | ${{ act: 'REDATE', to: '2026-12-01' }}
  ${'NEXT_OPEN'} | ${'2026-12-01'} | ${12}     | ${{ act: 'ASK' }}
  ${'NEXT_OPEN'} | ${null}         | ${0}      | ${{ act: 'ASK' }}
`('under $policy, open from $openFrom after $redatings other dates, a posting of a closed period is to $act.act', ({ policy, openFrom, redatings, act }) => {
  expect(REDATINGS_MAX).toBe(12);
  expect(decidePeriod({ policy, openFrom, redatings })).toEqual(act);
});

const aDay = fc.integer({ min: 0, max: 40_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));

test('a proposed date is taken exactly from the first possible day to a year after it', () => {
  fc.assert(
    fc.property(aDay, aDay, fc.boolean(), (refusedDate, day, told) => {
      const openFrom = told ? earliestPostingDate({ refusedDate, openFrom: null }) : null;
      const hold = { refusedDate, openFrom };
      const days = (Date.parse(day) - Date.parse(earliestPostingDate(hold))) / 86_400_000;
      const refused = days < 0 ? 'POSTING_DATE_BEFORE_OPEN' : days > POSTING_DAYS_MAX ? 'POSTING_DATE_TOO_LATE' : undefined;
      if (refused) expect(() => checkPostingDate(day, hold)).toThrow(expect.objectContaining({ code: refused, path: 'input.postingDate' }));
      else expect(checkPostingDate(day, hold)).toBe(day);
    }),
  );
});

test.each`
  refusedDate     | openFrom        | earliest
  ${'2026-11-30'} | ${null}         | ${'2026-12-01'}
  ${'2026-12-31'} | ${null}         | ${'2027-01-01'}
  ${'2028-02-28'} | ${null}         | ${'2028-02-29'}
  ${'2026-11-01'} | ${'2026-12-01'} | ${'2026-12-01'}
`('what was refused on $refusedDate, open from $openFrom, may be dated from $earliest on', ({ refusedDate, openFrom, earliest }) => {
  expect(earliestPostingDate({ refusedDate, openFrom })).toBe(earliest);
});

test.each`
  kind                    | state         | proposed | actions
  ${'PERIOD_CLOSED'}      | ${'OPEN'}     | ${false} | ${['proposePostingDate', 'retryPosting', 'assignException', 'resolveException']}
  ${'PERIOD_CLOSED'}      | ${'OPEN'}     | ${true}  | ${['approvePostingDate', 'proposePostingDate', 'retryPosting', 'assignException', 'resolveException']}
  ${'POSTING_REJECTED'}   | ${'OPEN'}     | ${false} | ${['retryPosting', 'assignException', 'resolveException']}
  ${'STATEMENT_CONFLICT'} | ${'OPEN'}     | ${false} | ${['assignException', 'resolveException']}
  ${'PERIOD_CLOSED'}      | ${'RESOLVED'} | ${true}  | ${[]}
`('an exception $kind $state, proposed: $proposed, may be answered by $actions', ({ kind, state, proposed, actions }) => {
  expect(allowedActions({ kind, state }, proposed)).toEqual(actions);
});

test.each`
  state          | owner       | reason
  ${'REJECTED'}  | ${null}     | ${'REJECTED'}
  ${'PENDING'}   | ${null}     | ${'NEVER_SENT'}
  ${'PENDING'}   | ${'runner'} | ${undefined}
  ${'UNCERTAIN'} | ${null}     | ${undefined}
  ${'POSTED'}    | ${null}     | ${undefined}
`('what is $state in a lane of $owner surely never was booked: $reason', ({ state, owner, reason }) => {
  expect(neverBooked({ state }, owner)).toBe(reason);
});

test('a version stands unless a later one, or nothing, took its place', () => {
  expect(isStanding(undefined)).toBe(false);
  for (const state of [PostingState.PENDING, PostingState.POSTED, PostingState.REJECTED]) expect(isStanding({ state, supersededReason: null })).toBe(true);
  const superseded = (supersededReason: SupersededReason) => isStanding({ state: PostingState.SUPERSEDED, supersededReason });
  expect(Object.values(SupersededReason).filter(superseded)).toEqual(['NOTHING_TO_UNDO']);
});

test('the money that hangs on a contract is what it brings in one period', () => {
  const lines = [{ productKey: 'A', quantity: '3', unitPriceMinor: '250' }, { productKey: 'B', quantity: '1', unitPriceMinor: '10' }];
  expect(moneyOf({ kind: 'contract', body: { lines, currency: 'EUR' } as never })).toEqual({ minor: 760n, currency: 'EUR' });
  expect(moneyOf({ kind: 'contractCheck', body: { lines: [], currency: 'EUR' } as never })).toBeNull();
});
