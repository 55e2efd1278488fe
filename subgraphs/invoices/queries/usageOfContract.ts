import DataLoader from 'dataloader';
import { Contract } from '../../../entities/contracts/Contract';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Meter } from '../../../entities/invoices/Meter';
import { settledUsage, UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { Refusal } from '../../../entities/refusal';
import { selectRows } from '../../../entities/rows';
import { dayWithin, termsOf } from '../../../entities/terms/ofContract';
import { formatUnits, type Rated } from '../../../entities/terms/rating';
import { ChargeKind, type ContractTerms, type LineTerms, usageKey } from '../../../entities/terms/terms';
import { lineUsage, type UsagePart } from '../../../entities/terms/usage';
import { money } from '../../../entities/types';
import type { RequestContext } from '../../context';
import { CHILDREN_MAX } from '../../loaders';
import { dayIn } from '../../work';
import { ChargedTier, LineUsage } from '../api/usage';
import { type Counted, countEvents } from './countEvents';

/**
 * The usage of a contract by line and stretch, the latest first, at most so many of each line: as it was counted for billing, or else as it is by now. Batched: four statements, and those that
 * count, for up to 100 contracts. Refuses PAGE_SIZE_INVALID.
 */
export function usageOfContract(context: RequestContext, contractId: string, first: number): Promise<LineUsage[]> {
  if (first < 1 || first > CHILDREN_MAX) throw new Refusal('PAGE_SIZE_INVALID', `first is 1 to ${CHILDREN_MAX}.`, 'first');
  const make = () => new DataLoader<string, LineUsage[]>((ids) => load(context, ids, first), { maxBatchSize: 100 });
  return context.loader(`usageOfContract.${first}`, make).load(contractId);
}

/** A contract with lines that are charged by usage, up to today. */
interface Metered {
  contract: Contract;
  terms: ContractTerms;
  lines: LineTerms[];
  timeZone: string;
  today: string;
  /** Stretches that have begun, by line. */
  begun: Map<LineTerms, UsagePart[]>;
}

async function load(context: RequestContext, ids: readonly string[], first: number): Promise<LineUsage[][]> {
  const { reads, principal: { tenantId } } = context;
  const contracts = await selectRows(reads, Contract, { where: { tenantId, id: [...ids] } });
  const zones = new Map((await selectRows(reads, LegalEntity, { where: { tenantId, id: [...new Set(contracts.map(({ legalEntityId }) => legalEntityId))] } })).map(({ id, timeZone }) => [id, timeZone]));
  const metered = contracts.map((contract) => meteredOf(contract, { timeZone: zones.get(contract.legalEntityId)!, nowMs: context.engine.clock.nowMs() })).filter(({ lines }) => lines.length > 0);
  const known = metered.length === 0 ? new Map<string, Known>() : await counted(context, metered);
  const told = new Map(metered.map((one) => [one.contract.id, usageOf(one, known, first)]));
  return ids.map((id) => told.get(id) ?? []);
}

function meteredOf(contract: Contract, { timeZone, nowMs }: { timeZone: string; nowMs: number }): Metered {
  const terms = termsOf(contract);
  const lines = terms.lines.filter(({ charge }) => charge === ChargeKind.USAGE);
  const today = dayWithin(terms, dayIn(nowMs, timeZone));
  return { contract, terms, lines, timeZone, today, begun: new Map(lines.map((line) => [line, begunParts(terms, line, today)])) };
}

const begunParts = (terms: ContractTerms, line: LineTerms, today: string): UsagePart[] => lineUsage(terms, line, today).flatMap((period) => period.parts).filter(({ from }) => from <= today);

interface Known extends Counted {
  period?: UsagePeriod;
}

const keyOf = (contractId: string, stretch: { lineKey: string; from: string; until: string }): string => `${contractId}|${usageKey(stretch)}`;

/** What is counted of each stretch that has begun: for billing, or else now. */
async function counted({ reads, principal: { tenantId } }: RequestContext, metered: readonly Metered[]): Promise<Map<string, Known>> {
  const settled = settledUsage(await selectRows(reads, UsagePeriod, { where: { tenantId, contractId: metered.map(({ contract }) => contract.id) } }));
  const known = new Map<string, Known>(settled.map((period) => [keyOf(period.contractId, period), { quantity: BigInt(period.counted), events: period.eventCount, period }]));
  const meterIds = [...new Set(metered.flatMap(({ lines }) => lines.map(({ meter }) => meter!.meterId)))];
  const meters = new Map((await selectRows(reads, Meter, { where: { tenantId, id: meterIds } })).map((meter) => [meter.id, meter]));
  const open = metered.flatMap(({ contract: { id: contractId }, timeZone, begun }) => [...begun].flatMap(([line, parts]) =>
    parts.map(({ from, until }) => ({ key: keyOf(contractId, { lineKey: line.lineKey, from, until }), contractId, meter: meters.get(line.meter!.meterId)!, timeZone, from, until })))).filter(({ key }) => !known.has(key));
  const now = await countEvents(reads, tenantId, open);
  open.forEach(({ key }, index) => known.set(key, now[index]!));
  return known;
}

function usageOf({ contract, terms, lines, today, begun }: Metered, known: ReadonlyMap<string, Known>, first: number): LineUsage[] {
  const of = (line: LineTerms, { from, until }: UsagePart) => known.get(keyOf(contract.id, { lineKey: line.lineKey, from, until }))!;
  const usage = new Map([...begun].flatMap(([line, parts]) => parts.map((part) => [usageKey({ lineKey: line.lineKey, ...part }), of(line, part).quantity] as const)));
  return lines.flatMap((line) => begunParts({ ...terms, usage }, line, today).reverse().slice(0, first).map((part) => {
    const { period, events } = of(line, part);
    const head = { lineKey: line.lineKey, meterId: line.meter!.meterId, from: part.from, until: part.until, counted: period ?? null, eventCount: events };
    return Object.assign(new LineUsage(), head, told(part.rated!, contract.currency));
  }));
}

function told({ quantity, decimals, included, prepaid, parts, shortfallMinor, amountMinor }: Rated, currency: string) {
  const units = (count: bigint) => formatUnits(count, decimals);
  const charged = parts.map((part) => Object.assign(new ChargedTier(), { tier: part.tier + 1, quantity: units(part.quantity), amount: money(part.amountMinor, currency) }));
  return { quantity: units(quantity), included: units(included), prepaid: units(prepaid), charged, shortfall: money(shortfallMinor, currency), amount: money(amountMinor, currency) };
}
