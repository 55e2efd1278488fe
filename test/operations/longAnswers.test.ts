import type { Answer } from '../../connectors/connector';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { DATABASES } from '../harness/databases';
import { rowsOf } from '../harness/refusals';
import { World } from '../harness/world';

const LONG = 'x'.repeat(600);

describe.each(DATABASES)('on %s a backend that says more than there is room for', (database) => {
  let world: World;
  afterEach(() => world.close());

  test.each<[string, Answer, object]>([
    ['in its reference', { outcome: 'POSTED', reference: 'r'.repeat(191) }, { state: 'POSTED', backendReference: 'r'.repeat(191) }],
    ['in a refusal', { outcome: 'REJECTED', code: LONG, message: LONG }, { state: 'REJECTED', errorCode: 'x'.repeat(64), errorMessage: 'x'.repeat(500) }],
    ['in a fault', { outcome: 'UNCERTAIN', sent: true, code: LONG, message: LONG }, { state: 'UNCERTAIN', errorCode: 'x'.repeat(64), errorMessage: 'x'.repeat(500) }],
  ])('%s is heard all the same', async (_where, answer, becomes) => {
    const answers: Answer[] = [{ outcome: 'REJECTED', code: 'FIRST', message: 'No' }, answer];
    const erp = { name: 'wordy', post: async () => answers.shift()!, find: async () => ({ outcome: 'ABSENT' as const }) };
    world = await World.open({ database, connectors: { erp } });
    const { id } = await world.do(upsertCustomer, { system: 'crm', key: 'K', name: 'Acme', currency: 'EUR' });
    await world.settles();
    const [first] = await rowsOf(world, Posting, { resourceId: id, backend: 'erp' });
    await world.do(retryPosting, { postingId: first!.id });
    await world.settles(1);
    expect((await rowsOf(world, Posting, { id: first!.id }))[0]).toMatchObject({ ...becomes, attempts: 2 });
    const [item] = await rowsOf(world, ExceptionItem, { subjectId: first!.id });
    expect(item!.message.length).toBeLessThanOrEqual(500);
  });
});
