import { RatingModel } from '../../entities/terms/rating';
import { BillingTiming, ChargeKind } from '../../entities/terms/terms';
import type { ContractLineInput, UsagePriceInput } from '../../subgraphs/contracts/api';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { renewContract } from '../../subgraphs/contracts/commands/renewContract';
import { Contract } from '../../entities/contracts/Contract';
import { ContractAmendment } from '../../entities/contracts/ContractAmendment';
import { DATABASES } from '../harness/databases';
import { MALFORMED_ID, refusalOf, rowsOf, unknownId } from '../harness/refusals';
import { World } from '../harness/world';
import { makeMeter, perCall, type SampleUsage, sampleUsage, usageContract } from '../invoices/usageGiven';

const EUR = (amount: string) => ({ amount, currency: 'EUR' });
const GRADUATED = { model: RatingModel.GRADUATED };

describe.each(DATABASES)('lines charged by usage on %s', (database) => {
  let world: World;
  let given: SampleUsage;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sampleUsage(world);
  });
  afterEach(() => world.close());

  test('a contract that the run does not bill has no usage', async () => {
    expect(await refusalOf(world, () => usageContract(world, given, { billingFrom: undefined }))).toMatchObject({ code: 'USAGE_NEEDS_BILLING_RUN', path: 'input.lines.0.usage' });
  });

  test('a line keeps its meter, and a meter line does not become another', async () => {
    const other = await makeMeter(world, { key: 'other' });
    const { id: contractId } = await usageContract(world, given);
    const amend = (wanted: ContractLineInput) => world.do(amendContract, { contractId, reason: 'Other', lines: [wanted] });
    expect(await refusalOf(world, () => amend({ productId: given.product.id, quantity: '1', usage: perCall(other) }))).toMatchObject({ code: 'LINE_FIXED' });
    expect(await refusalOf(world, () => amend({ productId: given.product.id, quantity: '1', charge: ChargeKind.RECURRING }))).toMatchObject({ code: 'LINE_FIXED' });
  });

  test('a renewal raises the prices of usage as it does others, and the story tells it', async () => {
    const { id: contractId } = await usageContract(world, given, { usage: perCall(given.meter, { minimum: EUR('10.00') }) });
    await world.do(renewContract, { contractId, reason: 'Another year', endDate: '2027-12-31', upliftPercent: '10', lines: [] });
    const [contract] = await rowsOf(world, Contract);
    expect(contract!.allLines[0]!.steps.map(({ from, usagePlan }) => `${from} ${usagePlan}`)).toEqual([
      '2026-01-01 charged by the unit (minor units: 2), at least 1000', '2027-01-01 charged by the unit (minor units: 2.2), at least 1100',
    ]);
    const amendments = await rowsOf(world, ContractAmendment);
    expect(amendments.flatMap(({ changes }) => changes)).toContain('SEAT: usage is charged by the unit (minor units: 2.2), at least 1100 from 2027-01-01 on');
  });
});

describe.each(DATABASES)('plans that are none on %s', (database) => {
  let world: World;
  let given: SampleUsage;
  beforeAll(async () => {
    world = await World.open({ database });
    given = await sampleUsage(world);
  });
  afterAll(() => world.close());

  const line = (usage: Partial<UsagePriceInput>, change: Partial<ContractLineInput> = {}) => ({ productId: given.product.id, quantity: '1', usage: perCall(given.meter, usage), ...change });

  test.each<[string, string, string, () => ContractLineInput]>([
    ['a malformed meter', 'ID_MALFORMED', 'usage.meterId', () => line({ meterId: MALFORMED_ID })],
    ['an unknown meter', 'NOT_FOUND', 'usage.meterId', () => line({ meterId: unknownId('mtr') })],
    ['no tier', 'PLAN_INVALID', 'usage.tiers', () => line({ tiers: [] })],
    ['tiers for what has one price', 'PLAN_INVALID', 'usage.tiers', () => line({ tiers: [{ upTo: '10', unitPrice: '1' }, { unitPrice: '2' }] })],
    ['a last tier with an end', 'PLAN_INVALID', 'usage.tiers', () => line({ ...GRADUATED, tiers: [{ upTo: '10', unitPrice: '1' }] })],
    ['tiers that do not rise', 'PLAN_INVALID', 'usage.tiers', () => line({ ...GRADUATED, tiers: [{ upTo: '10' }, { upTo: '10' }, {}] })],
    ['a tier without an end before the last', 'PLAN_INVALID', 'usage.tiers', () => line({ ...GRADUATED, tiers: [{}, {}] })],
    ['packages without a size', 'PLAN_INVALID', 'usage.packageUnits', () => line({ model: RatingModel.PACKAGE })],
    ['a size without packages', 'PLAN_INVALID', 'usage.packageUnits', () => line({ packageUnits: '10' })],
    ['a price below zero', 'PRICE_MALFORMED', 'usage.tiers.0.unitPrice', () => line({ tiers: [{ unitPrice: '-1' }] })],
    ['a price of too many digits', 'PRICE_MALFORMED', 'usage.tiers.0.unitPrice', () => line({ tiers: [{ unitPrice: '0.000000000001' }] })],
    ['a price beyond all', 'PRICE_MALFORMED', 'usage.tiers.0.unitPrice', () => line({ tiers: [{ unitPrice: '999999999999' }] })],
    ['a minimum in another currency', 'CURRENCY_MISMATCH', 'usage.minimum.currency', () => line({ minimum: { amount: '1', currency: 'USD' } })],
    ['a fee below zero', 'PLAN_INVALID', 'usage.tiers.0.flat', () => line({ tiers: [{ flat: EUR('-1') }] })],
    ['included units that are none', 'QUANTITY_INVALID', 'usage.includedUnits', () => line({ includedUnits: '-3' })],
    ['a charge ahead', 'TIMING_INVALID', 'timing', () => line({}, { timing: BillingTiming.ADVANCE })],
    ['a ramp', 'RAMP_INVALID', 'ramp', () => line({}, { ramp: [{ from: '2026-12-01', quantity: '2' }] })],
    ['usage without a meter', 'PRICE_MISSING', '', () => ({ productId: given.product.id, quantity: '1', charge: ChargeKind.USAGE })],
  ])('%s is refused with %s at %s', async (_what, code, at, wanted) => {
    const path = `input.lines.0${at === '' ? '' : `.${at}`}`;
    expect(await refusalOf(world, () => usageContract(world, given, { lines: [wanted()] }))).toMatchObject({ code, path });
  });
});
