import { beginPeriodClose } from '../../subgraphs/invoices/commands/beginPeriodClose';
import { DATABASES } from '../harness/databases';
import { refusalOf } from '../harness/refusals';
import { sample } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('beginPeriodClose on %s', (database) => {
  test('a month that nobody has touched is open, and its close begins once', async () => {
    const world = await World.open({ database });
    try {
      const { entity } = await sample(world);
      const month = { legalEntityId: entity.id, month: '2026-10' };
      expect(await world.do(beginPeriodClose, month)).toMatchObject({ state: 'PENDING_CLOSE', version: 1, month: '2026-10' });
      expect((await world.told()).at(-1)).toBe('accountingPeriod.changed');
      expect(await refusalOf(world, () => world.do(beginPeriodClose, month))).toMatchObject({ code: 'MOVE_NOT_ALLOWED', message: 'Cannot begin what is PENDING_CLOSE; possible: close, reopen.' });
      const { data } = await world.ask('{ accountingPeriods { nodes { month state } } }');
      expect(data.accountingPeriods.nodes).toEqual([{ month: '2026-10', state: 'PENDING_CLOSE' }]);
    } finally {
      await world.close();
    }
  });
});
