import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { beginPeriodClose } from '../../subgraphs/invoices/commands/beginPeriodClose';
import { closePeriod } from '../../subgraphs/invoices/commands/closePeriod';
import { reopenPeriod } from '../../subgraphs/invoices/commands/reopenPeriod';
import { DATABASES } from '../harness/databases';
import { refusalOf } from '../harness/refusals';
import { World } from '../harness/world';

describe.each(DATABASES)('reopenPeriod on %s', (database) => {
  let world: World;
  let legalEntityId: string;
  beforeEach(async () => {
    world = await World.open({ database });
    ({ id: legalEntityId } = await world.do(upsertLegalEntity, { code: 'DE01', name: 'Test GmbH', currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2026-09-01', bankAccounts: [] }));
  });
  afterEach(() => world.close());

  const approver = () => world.actor('approver');
  const close = async (month: string) => {
    await world.do(beginPeriodClose, { legalEntityId, month });
    return world.do(closePeriod, { legalEntityId, month }, approver());
  };
  const reopen = (month: string, reason = 'A late invoice') => world.do(reopenPeriod, { legalEntityId, month, reason }, approver());

  test('the latest closed month is opened again, with the reason, and its report is no longer kept', async () => {
    await close('2026-09');
    expect(await reopen('2026-09')).toMatchObject({ state: 'OPEN', reason: 'A late invoice', report: null, reportHash: null, version: 3 });
    expect(await close('2026-09')).toMatchObject({ state: 'CLOSED', version: 5, reason: null });
  });

  test('a close that was begun may be given up', async () => {
    await world.do(beginPeriodClose, { legalEntityId, month: '2026-09' });
    expect(await reopen('2026-09', 'Not yet')).toMatchObject({ state: 'OPEN' });
  });

  test('not while a later one is closed, not one that is open, and not without a reason', async () => {
    await close('2026-09');
    await close('2026-10');
    expect(await refusalOf(world, () => reopen('2026-09'))).toMatchObject({ code: 'PERIOD_LATER_CLOSED', path: 'input.month', message: '2026-10 is closed; reopen the latest month first.' });
    expect(await refusalOf(world, () => reopen('2026-11'))).toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
    expect(await refusalOf(world, () => reopen('2026-10', ' '))).toMatchObject({ code: 'TEXT_INVALID', path: 'input.reason' });
  });
});
