import { TrytonClient, type TrytonCalls } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { startFakeTryton, type FakeTryton } from '../../connectors/tryton/fake';
import { openPeriod } from '../../connectors/tryton/periods';
import { prepareCompany } from '../../connectors/tryton/setup';
import { date, decimal, isoDate, type Row, type Values } from '../../connectors/tryton/values';
import { systemClock } from '../../sync/clock';
import { ENTITY, payment } from './trytonWorld';

let fake: FakeTryton;
let calls: TrytonCalls;
let connector: ReturnType<typeof trytonConnector>;
let accounts: { debit: number; credit: number; journal: number };
beforeEach(async () => {
  fake = await startFakeTryton();
  const client = new TrytonClient(fake.account);
  const books = await prepareCompany(client.within({}), ENTITY);
  calls = client.within({ company: books.company });
  accounts = { debit: books.bank, credit: books.unidentified, journal: books.cashJournal };
  connector = trytonConnector({ ...fake.account, clock: systemClock });
});
afterEach(() => fake.close());

const post = (document: Parameters<typeof connector.post>[0]) => connector.post(document, AbortSignal.timeout(10_000));
const moves = (externalId: string) => calls.rows('account.move', [['description', '=', externalId]], ['id', 'state', 'date', 'period.start_date']);

/** Closes the open periods that begin in a stretch of days. */
async function close(from: string, to: string): Promise<void> {
  const rows = await calls.rows('account.period', [['company', '=', calls.company], ['state', '=', 'open'], ['start_date', '>=', date(from)], ['start_date', '<=', date(to)]], ['id']);
  await calls.act('account.period', 'close', rows.map(({ id }) => id));
}

test('a closed day is told with the first open one after it, even if the next month is closed too', async () => {
  await close('2026-03-01', '2026-04-01');
  expect(await post(payment(500n, null))).toMatchObject({ outcome: 'REJECTED', code: 'PERIOD_CLOSED', openFrom: '2026-05-01' });
});

test('when no later period is open, nobody knows from when the books take it', async () => {
  await close('2026-03-01', '2027-12-01');
  const answer = await post(payment(500n, null));
  expect(answer).toMatchObject({ outcome: 'REJECTED', code: 'PERIOD_CLOSED' });
  expect(answer).not.toHaveProperty('openFrom');
});

test('a day in no period at all is another matter', async () => {
  const document = payment(500n, null);
  document.body.receivedDate = '2019-01-31';
  expect(await post(document)).toMatchObject({ outcome: 'REJECTED', code: 'ERP_PERIOD_MISSING' });
});

test('a draft of the time before the period was closed is booked under the new date, and once', async () => {
  const document = payment(500n, null);
  const lines: Values[] = [
    { account: accounts.debit, party: null, debit: decimal('5.00'), credit: decimal('0') },
    { account: accounts.credit, party: null, debit: decimal('0'), credit: decimal('5.00') },
  ];
  const period = await openPeriod(calls, '2026-03-20');
  const draft = { company: calls.company, journal: accounts.journal, period, date: date('2026-03-20'), description: document.externalId, lines: [['create', lines]] };
  await calls.create('account.move', draft);
  await close('2026-03-01', '2026-03-01');
  expect(await post(document)).toMatchObject({ outcome: 'REJECTED', code: 'PERIOD_CLOSED', openFrom: '2026-04-01' });
  expect(await post({ ...document, postingDate: '2026-04-01' })).toMatchObject({ outcome: 'POSTED' });
  const booked = (await moves(document.externalId)).map((row) => [row.state, isoDate(row.date), isoDate((row['period.'] as Row).start_date)]);
  expect(booked).toEqual([['posted', '2026-04-01', '2026-04-01']]);
});
