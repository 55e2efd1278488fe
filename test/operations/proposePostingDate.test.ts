import { Change } from '../../entities/operations/Change';
import { PeriodHold } from '../../entities/operations/PeriodHold';
import { proposePostingDate } from '../../subgraphs/operations/commands/proposePostingDate';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';
import { closeBooks, erpOf, heldInvoice, rejectedInvoice } from './given';

describe.each(DATABASES)('proposePostingDate on %s', (database) => {
  let world: World;
  let given: Sample;
  let postingId: string;
  let invoice: { id: string };
  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    await world.settles();
    const held = await heldInvoice(world, given, 'R-1');
    ({ invoice } = held);
    postingId = held.posting.id;
  });
  afterAll(() => world.close());

  const propose = (more: object = {}, tenant = 'demo') =>
    world.do(proposePostingDate, { postingId, postingDate: '2026-12-01', reason: 'November is closed', ...more }, world.actor('finance', tenant));

  test('the date, who proposed it and why are kept and told, and nothing is sent yet', async () => {
    expect(await propose()).toMatchObject({ id: postingId, state: 'REJECTED' });
    const proposal = { proposedDate: '2026-12-01', proposedBy: 'demo-finance', reason: 'November is closed' };
    expect(await rowsOf(world, PeriodHold, { postingId })).toMatchObject([proposal]);
    expect(await rowsOf(world, Change, { resourceId: postingId, type: 'posting.dateProposed' })).toMatchObject([
      { data: { from: '2026-11-01', to: '2026-12-01', effectiveDate: '2026-11-01', by: 'demo-finance', reason: 'November is closed' } },
    ]);
    const { items } = await erpOf(world, invoice);
    expect(items).toMatchObject([{ kind: 'PERIOD_CLOSED', state: 'OPEN' }]);
    expect(items[0]!.message).toContain('demo-finance proposes 2026-12-01: November is closed.');
    await world.settles();
    expect((await erpOf(world, invoice)).posting).toMatchObject({ state: 'REJECTED', attempts: 1 });
  });

  test('a later proposal replaces it', async () => {
    await propose({ postingDate: '2026-12-15', reason: 'Mid-month run', expectedVersion: 1 });
    expect(await rowsOf(world, PeriodHold, { postingId })).toMatchObject([{ proposedDate: '2026-12-15', reason: 'Mid-month run' }]);
  });

  test.each([
    ['a day before the books are open', 'POSTING_DATE_BEFORE_OPEN', 'input.postingDate', { postingDate: '2026-11-30' }],
    ['a day more than a year off', 'POSTING_DATE_TOO_LATE', 'input.postingDate', { postingDate: '2206-12-01' }],
    ['no reason', 'TEXT_INVALID', 'input.reason', { reason: ' ' }],
    ['a malformed id', 'ID_MALFORMED', 'input.postingId', { postingId: MALFORMED_ID }],
    ['an unknown posting', 'NOT_FOUND', 'input.postingId', { postingId: unknownId('pst') }],
    ['a stale version', 'VERSION_STALE', 'expectedVersion', { expectedVersion: 7 }],
  ])('%s is refused with %s', async (_what, code, path, more) => {
    expect(await refusalOf(world, () => propose(more))).toMatchObject({ code, path, retryable: false });
  });

  test("another tenant's posting is unknown", async () => {
    expect(await refusalOf(world, () => propose({}, 'other'))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a posting that is in the books, or was refused for something else, has no date to propose', async () => {
    const { posting } = await rejectedInvoice(world, given, 'R-2');
    expect(await refusalOf(world, () => propose({ postingId: posting.id }))).toMatchObject({ code: 'PERIOD_NOT_CLOSED', path: 'input.postingId' });
    await closeBooks(world, null);
    const open = await sampleInvoice(world, given, 'R-3');
    await world.settles();
    const { posting: posted } = await erpOf(world, open);
    expect(posted.state).toBe('POSTED');
    expect(await refusalOf(world, () => propose({ postingId: posted.id }))).toMatchObject({ code: 'PERIOD_NOT_CLOSED' });
  });

  test('the public schema answers the posting with both dates, and says which day is malformed', async () => {
    const mutation = `mutation($input: ProposePostingDateInput!) { proposePostingDate(input: $input) { ... on Posting { effectiveDate postingDate
      periodHold { refusedDate openFrom proposedDate proposedBy reason retryAt redatings } } ... on Refused { code } } }`;
    const input = { postingId, postingDate: '2026-12-24', reason: 'Public' };
    const { data } = await world.ask(mutation, { input }, { role: 'ops' });
    expect(data.proposePostingDate).toEqual({
      effectiveDate: '2026-11-01', postingDate: '2026-11-01',
      periodHold: { refusedDate: '2026-11-01', openFrom: '2026-12-01', proposedDate: '2026-12-24', proposedBy: 'demo-ops', reason: 'Public', retryAt: null, redatings: 0 },
    });
    const wrong = await world.ask(mutation, { input: { ...input, postingDate: '2026-02-30' } }, { role: 'ops' });
    expect(wrong.errors).toHaveLength(1);
    const forbidden = await world.ask(mutation, { input }, { role: 'crm' });
    expect(forbidden.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
