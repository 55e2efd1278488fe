import type { Contract } from '../../entities/contracts/Contract';
import { ContractPreview } from '../../entities/contracts/ContractPreview';
import { addDays } from '../../entities/terms/days';
import { contextOf } from '../../gateway/context';
import type { Command } from '../../subgraphs/domain';
import { perform } from '../../subgraphs/act';
import type { RequestContext } from '../../subgraphs/context';
import type { TermsInput } from '../../subgraphs/contracts/api';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { renewContract } from '../../subgraphs/contracts/commands/renewContract';
import { resumeContract } from '../../subgraphs/contracts/commands/resumeContract';
import { suspendContract } from '../../subgraphs/contracts/commands/suspendContract';
import { transferContract } from '../../subgraphs/contracts/commands/transferContract';
import { previewChange } from '../../subgraphs/contracts/queries/previewChange';
import { BillingTiming } from '../../entities/terms/terms';
import { anotherEntity, type Sample, sample } from '../harness/sample';
import { World } from '../harness/world';
import { Random } from '../simulation/random';
import { storage } from './given';

/** How many random changes are previewed and carried out; `EVENKEEL_CASES=10000` for more than a test run takes. */
const CASES = Number(process.env['EVENKEEL_CASES'] ?? 400);
const CHANGES_EACH = 8;

describe('a preview and what is carried out under its digest', () => {
  let world: World;
  let given: Sample;
  let other: string;
  let more: string;
  beforeAll(async () => {
    world = await World.open();
    given = await sample(world);
    other = (await anotherEntity(world)).id;
    more = (await storage(world)).id;
  });
  afterAll(() => world.close());

  const EUR = (cents: number) => ({ amountMinor: String(cents), currency: 'EUR' });
  const context = (): RequestContext => contextOf(world.engine, { principal: world.principal(), correlationId: 'test', idempotencyKey: undefined });

  const create = (random: Random, number: string) => world.do(createContract, {
    number, customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR',
    lines: [
      { productId: given.product.id, quantity: String(random.between(1, 30)), unitPrice: EUR(random.between(1, 20_000)), periodMonths: random.pick([1, 3, 12]) },
      { productId: more, quantity: String(random.between(1, 9)), unitPrice: EUR(random.between(1, 999)), timing: random.pick(Object.values(BillingTiming)) },
    ],
  });

  /** A change of any kind on any day: many are refused, then the preview must refuse them alike. */
  function change(random: Random, contract: Contract): { command: Command<any, Contract>; input: TermsInput & Record<string, unknown> } {
    const common = { contractId: contract.id, reason: 'Random', effectiveDate: addDays('2026-01-01', random.between(0, 400)) };
    const lines = [{ productId: random.pick([given.product.id, more]), quantity: String(random.between(0, 40)), ...(random.chance(500) && { unitPrice: EUR(random.between(1, 30_000)) }) }];
    return random.pick([
      { command: amendContract, input: { ...common, lines } },
      { command: amendContract, input: { ...common, lines } },
      { command: renewContract, input: { ...common, endDate: addDays(contract.endDate, random.between(0, 400)), lines: random.chance(500) ? lines : [], upliftPercent: '3.25' } },
      { command: transferContract, input: { ...common, legalEntityId: random.pick([given.entity.id, other]) } },
      { command: suspendContract, input: common },
      { command: resumeContract, input: common },
      { command: cancelContract, input: random.chance(200) ? common : { ...common, effectiveDate: '1999-01-01' } },
    ]);
  }

  test(`are the same in ${CASES} random cases, and the digest of another case is refused`, async () => {
    const random = new Random(20_261_125);
    let [done, refused] = [0, 0];
    let stale = 'none';
    let contract = await create(random, 'CASE-0');
    for (let index = 1; index <= CASES; index++) {
      if (index % CHANGES_EACH === 0) contract = await create(random, `CASE-${index}`);
      const { command, input } = change(random, contract);
      const preview = await previewChange(context(), command, input);
      if (!(preview instanceof ContractPreview)) {
        await expect(world.do(command, input)).rejects.toMatchObject({ code: preview.code, path: preview.path });
        refused++;
        continue;
      }
      if (stale !== preview.digest) await expect(perform(world.actor(), command, { ...input, expectedDigest: stale })).rejects.toMatchObject({ code: 'PREVIEW_DIFFERS' });
      contract = await world.do(command, { ...input, expectedDigest: preview.digest });
      stale = preview.digest;
      done++;
    }
    expect(done).toBeGreaterThan(CASES / 3);
    expect(refused).toBeGreaterThan(0);
  }, 1_200_000);
});
