import { LateUsage, Meter } from '../../../entities/invoices/Meter';
import { Refusal } from '../../../entities/refusal';
import { readQuantity, readText } from '../../input';
import type { Work } from '../../work';
import type { UpsertMeterInput } from '../api/usage';
import { meterUpserted } from '../events';

const DECIMALS_MAX = 9;
const GRACE_DAYS_MAX = 60;

/**
 * Creates the meter of a key, or makes its next version. How it aggregates and with how many decimals is for ever: what was counted would mean something else.
 * Refuses METER_INVALID, METER_FIXED.
 */
export async function upsertMeter(work: Work, input: UpsertMeterInput): Promise<Meter> {
  const key = readText(input.key, 'input.key');
  const { aggregation, decimals = 0, graceDays = 0, holdAbovePercent = null } = input;
  between(decimals, [0, DECIMALS_MAX], 'decimals');
  between(graceDays, [0, GRACE_DAYS_MAX], 'graceDays');
  if (holdAbovePercent !== null) between(holdAbovePercent, [1, 1_000_000], 'holdAbovePercent');
  const wanted = {
    graceDays, holdAbovePercent,
    name: readText(input.name, 'input.name'),
    unit: readText(input.unit, 'input.unit', 40),
    valueField: readText(input.valueField ?? 'value', 'input.valueField'),
    lateUsage: input.lateUsage ?? LateUsage.ADJUST,
    holdAboveUnits: input.holdAboveUnits ? readQuantity(input.holdAboveUnits, 'input.holdAboveUnits').toString() : null,
  };
  const id = work.id('mtr', { system: 'evenkeel', type: 'meter', key });
  const meter = await work.lockOrNew(Meter, { id, key, aggregation, decimals }, input.expectedVersion);
  if (meter.aggregation !== aggregation) throw new Refusal('METER_FIXED', `Meter ${key} aggregates by ${meter.aggregation}; make another meter.`, 'input.aggregation');
  if (meter.decimals !== decimals) throw new Refusal('METER_FIXED', `Meter ${key} has ${meter.decimals} decimals; make another meter.`, 'input.decimals');
  if (work.put(meter, wanted)) work.tell(meterUpserted(meter, { key, aggregation, unit: meter.unit }));
  return meter;
}

function between(value: number, [least, most]: [number, number], field: string): void {
  if (value < least || value > most) throw new Refusal('METER_INVALID', `${field} is from ${least} to ${most}.`, `input.${field}`);
}
