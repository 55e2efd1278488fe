import { Change } from '../../entities/operations/Change';
import { approvePostingDate } from '../../subgraphs/operations/commands/approvePostingDate';
import { proposePostingDate } from '../../subgraphs/operations/commands/proposePostingDate';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';
import { closeBooks, datesInErp, erpOf, heldInvoice } from './given';

describe.each(DATABASES)('approvePostingDate on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
    await world.settles();
  });
  afterAll(() => world.close());

  const propose = (postingId: string, postingDate = '2026-12-01') =>
    world.do(proposePostingDate, { postingId, postingDate, reason: 'November is closed' }, world.actor('finance'));
  const approve = (postingId: string, more: object = {}) => world.do(approvePostingDate, { postingId, ...more }, world.actor('approver'));

  test('a second person brings the document into the books under the proposed date, once, and keeps its own', async () => {
    const { invoice, posting } = await heldInvoice(world, given, 'R-1');
    await propose(posting.id);
    expect(await approve(posting.id, { postingDate: '2026-12-01', expectedVersion: 1 })).toMatchObject({ state: 'PENDING', document: { postingDate: '2026-12-01' } });
    expect(await erpOf(world, invoice)).toMatchObject({ hold: { proposedDate: null, redatings: 1 }, items: [{ state: 'OPEN' }] });
    expect(await rowsOf(world, Change, { resourceId: posting.id, type: 'posting.redated' })).toMatchObject([{
      data: { from: '2026-11-01', to: '2026-12-01', effectiveDate: '2026-11-01', by: 'demo-finance', reason: 'November is closed', approvedBy: 'demo-approver' },
    }]);
    await world.settles();
    expect(await erpOf(world, invoice)).toMatchObject({ posting: { state: 'POSTED', attempts: 2 }, hold: undefined, items: [{ state: 'RESOLVED' }] });
    expect(await datesInErp(world, invoice)).toEqual([{ date: '2026-12-01', effectiveDate: '2026-11-01' }]);
  });

  test('an approved day that has been closed since is asked about again', async () => {
    const { invoice, posting } = await heldInvoice(world, given, 'R-2');
    await propose(posting.id);
    await closeBooks(world, '2026-12-31');
    await approve(posting.id);
    await world.settles();
    const { posting: again, hold, items } = await erpOf(world, invoice);
    expect(again).toMatchObject({ state: 'REJECTED', errorCode: 'PERIOD_CLOSED' });
    expect(hold).toMatchObject({ refusedDate: '2026-12-01', openFrom: '2027-01-01', proposedDate: null });
    expect(items).toMatchObject([{ state: 'OPEN' }]);
    expect(items[0]!.message).toContain('dated 2026-11-01, posting date 2026-12-01');
    await propose(posting.id, '2027-01-01');
    await approve(posting.id);
    await world.settles();
    expect(await datesInErp(world, invoice)).toEqual([{ date: '2027-01-01', effectiveDate: '2026-11-01' }]);
  });

  test('nobody approves their own proposal', async () => {
    const { posting } = await heldInvoice(world, given, 'R-3');
    await propose(posting.id);
    const own = () => world.do(approvePostingDate, { postingId: posting.id }, world.actor('finance'));
    expect(await refusalOf(world, own)).toMatchObject({ code: 'SECOND_PERSON_REQUIRED', path: 'input.postingId', retryable: false });
  });

  test('what nobody has proposed, another date than is proposed by now, and a stale version are refused', async () => {
    const { posting } = await heldInvoice(world, given, 'R-4');
    expect(await refusalOf(world, () => approve(posting.id))).toMatchObject({ code: 'NOTHING_PROPOSED' });
    await propose(posting.id, '2026-12-02');
    expect(await refusalOf(world, () => approve(posting.id, { postingDate: '2026-12-01' }))).toMatchObject({ code: 'PROPOSAL_CHANGED', path: 'input.postingDate' });
    expect(await refusalOf(world, () => approve(posting.id, { expectedVersion: 2 }))).toMatchObject({ code: 'VERSION_STALE', path: 'expectedVersion' });
    await approve(posting.id);
    expect(await refusalOf(world, () => approve(posting.id))).toMatchObject({ code: 'PERIOD_NOT_CLOSED' });
  });

  test('a malformed, an unknown and another tenant\'s posting are refused', async () => {
    const { posting } = await heldInvoice(world, given, 'R-5');
    expect(await refusalOf(world, () => approve(MALFORMED_ID))).toMatchObject({ code: 'ID_MALFORMED', path: 'input.postingId' });
    expect(await refusalOf(world, () => approve(unknownId('pst')))).toMatchObject({ code: 'NOT_FOUND', path: 'input.postingId' });
    const stranger = () => world.do(approvePostingDate, { postingId: posting.id }, world.actor('approver', 'other'));
    expect(await refusalOf(world, stranger)).toMatchObject({ code: 'NOT_FOUND' });
  });
});
