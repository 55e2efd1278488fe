import { Contract } from '../../../entities/contracts/Contract';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Meter } from '../../../entities/invoices/Meter';
import { UsagePeriod, UsageState } from '../../../entities/invoices/UsagePeriod';
import { Refusal } from '../../../entities/refusal';
import { selectRows } from '../../../entities/rows';
import { dayWithin, termsOf } from '../../../entities/terms/ofContract';
import { formatUnits, type Rated } from '../../../entities/terms/rating';
import { ChargeKind, type LineTerms, usageKey } from '../../../entities/terms/terms';
import { lineUsage } from '../../../entities/terms/usage';
import { money } from '../../../entities/types';
import type { RequestContext } from '../../context';
import { byId, CHILDREN_MAX } from '../../loaders';
import { dayIn } from '../../work';
import { ChargedTier, LineUsage } from '../api/usage';
import { type Counted, countEvents } from './countEvents';

/** The usage of a contract by line and stretch, the latest first, at most so many of each line: as it was counted for billing, or else as it is by now. Refuses PAGE_SIZE_INVALID. */
export async function usageOfContract(context: RequestContext, contractId: string, first: number): Promise<LineUsage[]> {
  if (first < 1 || first > CHILDREN_MAX) throw new Refusal('PAGE_SIZE_INVALID', `first is 1 to ${CHILDREN_MAX}.`, 'first');
  const contract = await byId(Contract, context, contractId);
  const terms = contract && termsOf(contract);
  const lines = terms?.lines.filter(({ charge }) => charge === ChargeKind.USAGE) ?? [];
  if (!contract || !terms || lines.length === 0) return [];
  const { timeZone } = (await byId(LegalEntity, context, contract.legalEntityId))!;
  const today = dayWithin(terms, dayIn(context.engine.clock.nowMs(), timeZone));
  const known = await counted(context, contract, { lines, today, timeZone });
  const usage = new Map([...known].map(([key, { quantity }]) => [key, quantity]));
  return lines.flatMap((line) => {
    const parts = lineUsage({ ...terms, usage }, line, today).flatMap((period) => period.parts).filter(({ from }) => from <= today);
    return parts.reverse().slice(0, first).map(({ from, until, rated }) => {
      const { period, events } = known.get(usageKey({ lineKey: line.lineKey, from, until }))!;
      const head = { lineKey: line.lineKey, meterId: line.meter!.meterId, from, until, counted: period ?? null, eventCount: events };
      return Object.assign(new LineUsage(), head, told(rated!, contract.currency));
    });
  });
}

interface Known extends Counted {
  period?: UsagePeriod;
}

/** What is counted of each stretch that has begun: for billing, or else now. */
async function counted(context: RequestContext, contract: Contract, { lines, today, timeZone }: { lines: LineTerms[]; today: string; timeZone: string }): Promise<Map<string, Known>> {
  const { tenantId } = context.principal;
  const periods = await selectRows(context.reads, UsagePeriod, { where: { tenantId, contractId: contract.id } });
  const settled = periods.filter(({ state }) => state !== UsageState.STALE);
  const known = new Map<string, Known>(settled.map((period) => [usageKey(period), { quantity: BigInt(period.counted), events: period.eventCount, period }]));
  const meters = new Map((await selectRows(context.reads, Meter, { where: { tenantId, id: lines.map(({ meter }) => meter!.meterId) } })).map((meter) => [meter.id, meter]));
  const open = lines.flatMap((line) => {
    const parts = lineUsage(termsOf(contract), line, today).flatMap((period) => period.parts).filter(({ from }) => from <= today);
    return parts.map(({ from, until }) => ({ key: usageKey({ lineKey: line.lineKey, from, until }), contractId: contract.id, meter: meters.get(line.meter!.meterId)!, timeZone, from, until }));
  }).filter(({ key }) => !known.has(key));
  const now = await countEvents(context.reads, tenantId, open);
  open.forEach(({ key }, index) => known.set(key, now[index]!));
  return known;
}

function told({ quantity, decimals, included, prepaid, parts, shortfallMinor, amountMinor }: Rated, currency: string) {
  const units = (count: bigint) => formatUnits(count, decimals);
  const charged = parts.map((part) => Object.assign(new ChargedTier(), { tier: part.tier + 1, quantity: units(part.quantity), amount: money(part.amountMinor, currency) }));
  return { quantity: units(quantity), included: units(included), prepaid: units(prepaid), charged, shortfall: money(shortfallMinor, currency), amount: money(amountMinor, currency) };
}
