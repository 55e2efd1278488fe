import type { Contract } from '../../entities/contracts/Contract';
import { type Meter, MeterAggregation } from '../../entities/invoices/Meter';
import { RatingModel } from '../../entities/terms/rating';
import type { CreateContractInput, UsagePriceInput } from '../../subgraphs/contracts/api';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import type { UpsertMeterInput, UsageEventInput } from '../../subgraphs/invoices/api/usage';
import { recordUsage } from '../../subgraphs/invoices/commands/recordUsage';
import { upsertMeter } from '../../subgraphs/invoices/commands/upsertMeter';
import { type Sample, sample } from '../harness/sample';
import type { World } from '../harness/world';

export interface SampleUsage extends Sample {
  meter: Meter;
}

/** A meter that sums calls, beside the sample; the date is 24 November 2026. */
export async function sampleUsage(world: World, tenant?: string): Promise<SampleUsage> {
  const given = await sample(world, tenant);
  return { ...given, meter: await makeMeter(world, {}, tenant) };
}

export const makeMeter = (world: World, change: Partial<UpsertMeterInput> = {}, tenant?: string) =>
  world.do(upsertMeter, { key: 'calls', name: 'Calls', unit: 'calls', aggregation: MeterAggregation.SUM, ...change }, world.actor('finance', tenant));

/** Each call at 0.02. */
export const perCall = (meter: Meter, change: Partial<UsagePriceInput> = {}): UsagePriceInput => ({ meterId: meter.id, model: RatingModel.PER_UNIT, tiers: [{ unitPrice: '0.02' }], ...change });

/** A contract over 2026 that is charged by its usage, billed from October on. */
export const usageContract = (world: World, given: SampleUsage, { number = 'U-1', usage = perCall(given.meter), ...change }: Partial<CreateContractInput> & { usage?: UsagePriceInput } = {}): Promise<Contract> =>
  world.do(createContract, {
    number, customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-01-01', endDate: '2026-12-31', currency: 'EUR', billingFrom: '2026-10-01',
    lines: [{ productId: given.product.id, quantity: '1', usage }], ...change,
  }, world.actor('finance', given.customer.tenantId));

let ids = 0;
/** 100 calls of U-1 on 5 November. */
export const usageEvent = (change: Partial<UsageEventInput> = {}): UsageEventInput => ({ source: 'app', id: `e-${++ids}`, type: 'calls', subject: 'U-1', time: '2026-11-05T12:00:00Z', value: '100', ...change });

export const record = (world: World, ...events: UsageEventInput[]) => world.do(recordUsage, { events });
/** What became of each event. */
export const verdicts = async (world: World, ...events: UsageEventInput[]) => (await record(world, ...events)).events.map(({ verdict, refusal }) => refusal?.code ?? verdict);
