import { share as portion, sum } from '../money';
import { largestRemainder } from './proration';

/** How the units that a meter counted become an amount. */
export enum RatingModel {
  /** The tier's flat amount, whatever is used; nothing if nothing is. */
  FLAT = 'FLAT',
  /** Each unit at one price. */
  PER_UNIT = 'PER_UNIT',
  /** Each unit at the price of the tier it falls into. */
  GRADUATED = 'GRADUATED',
  /** All units at the price of the tier that the last of them falls into. */
  VOLUME = 'VOLUME',
  /** Each package of so many units that is begun, at one price. */
  PACKAGE = 'PACKAGE',
}

export interface RateTier {
  /** The last unit of the tier, counted from 1; null for the last tier, which has no end. Whole units, as text. */
  upTo: string | null;
  /** Price of one unit, or one package, in 10⁻⁹ of a minor unit, as text. */
  unitPriceNano: string;
  /** Once, if any unit falls into the tier; minor units, as text. */
  flatMinor: string;
}

/** What the usage of one billing period costs. Units and amounts are whole numbers as text. */
export interface RatePlan {
  model: RatingModel;
  /** One, but for GRADUATED and VOLUME; the last has no end. */
  tiers: RateTier[];
  /** Units of one package. */
  packageUnits?: string;
  /** Units of each billing period that cost nothing: what is above them is overage. */
  includedUnits?: string;
  /** Units of each term that were paid for ahead, drawn down before any is charged. */
  prepaidUnits?: string;
  /** What a billing period costs at least, in minor units. */
  minimumMinor?: string;
}

/** The part of a billing period that usage is rated for: it weighs `part` of `whole`, and what lies before it `before`. */
export interface PeriodShare {
  before: bigint;
  part: bigint;
  whole: bigint;
}

export interface Usage {
  /** In 10^-decimals of a unit. */
  quantity: bigint;
  decimals: number;
  share: PeriodShare;
  /** Prepaid units of the term that are drawn already, in 10^-decimals of a unit. */
  drawn: bigint;
}

/** Units that were charged at one price. */
export interface RatedPart {
  /** Which tier of the plan, from 0. */
  tier: number;
  /** In 10^-decimals of a unit. */
  quantity: bigint;
  amountMinor: bigint;
}

/** What usage costs, and why: `included` and `prepaid` cost nothing, the rest is charged by `parts`, and `shortfallMinor` fills up to the minimum. */
export interface Rated {
  quantity: bigint;
  decimals: number;
  included: bigint;
  prepaid: bigint;
  parts: RatedPart[];
  shortfallMinor: bigint;
  amountMinor: bigint;
}

const NANO = 1_000_000_000n;
const least = (a: bigint, b: bigint) => (a < b ? a : b);

/** The share of a whole that falls to a part of a period; the shares of parts that fill the period sum to the whole. */
const allot = (whole: bigint, { before, part, whole: all }: PeriodShare) => (whole * (before + part)) / all - (whole * before) / all;

/**
 * Rates what a meter counted in a billing period or a part of it. Included units, the bounds of tiers and the minimum are those of the whole period, and are
 * divided over its parts by their weights; prepaid units are those of the term. The exact amounts of all tiers are summed before they are rounded, half up.
 */
export function rate(plan: RatePlan, { quantity, decimals, share, drawn }: Usage): Rated {
  const unit = 10n ** BigInt(decimals);
  const included = least(quantity, allot(BigInt(plan.includedUnits ?? '0') * unit, share));
  const left = BigInt(plan.prepaidUnits ?? '0') * unit - drawn;
  const prepaid = left > 0n ? least(quantity - included, left) : 0n;
  const charged = charge(plan, { quantity: quantity - included - prepaid, unit, share });
  const amounts = largestRemainder(charged.map(({ exact }) => exact), unit * NANO);
  const parts = charged.map(({ tier, quantity: units }, index): RatedPart => ({ tier, quantity: units, amountMinor: amounts[index]! }));
  const ratedMinor = sum(amounts);
  const minimumMinor = allot(BigInt(plan.minimumMinor ?? '0'), share);
  const shortfallMinor = ratedMinor < minimumMinor ? minimumMinor - ratedMinor : 0n;
  return { quantity, decimals, included, prepaid, parts, shortfallMinor, amountMinor: ratedMinor + shortfallMinor };
}

interface Charge {
  tier: number;
  quantity: bigint;
  /** The amount in minor units, times 10^decimals and 10⁹. */
  exact: bigint;
}

interface Charged {
  quantity: bigint;
  unit: bigint;
  share: PeriodShare;
}

function charge(plan: RatePlan, { quantity, unit, share }: Charged): Charge[] {
  if (quantity === 0n) return [];
  const at = (tier: number, units: bigint): Charge => {
    const { unitPriceNano, flatMinor } = plan.tiers[tier]!;
    return { tier, quantity: units, exact: units * BigInt(unitPriceNano) + BigInt(flatMinor) * NANO * unit };
  };
  const bounds = plan.tiers.map(({ upTo }) => (upTo === null ? quantity : allot(BigInt(upTo) * unit, share)));
  switch (plan.model) {
    case RatingModel.FLAT:
    case RatingModel.PER_UNIT: return [at(0, quantity)];
    case RatingModel.VOLUME: return [at(bounds.findIndex((bound) => quantity <= bound), quantity)];
    case RatingModel.GRADUATED: {
      const bands = bounds.map((bound, tier) => least(quantity, bound) - least(quantity, tier === 0 ? 0n : bounds[tier - 1]!));
      return bands.flatMap((units, tier) => (units > 0n ? [at(tier, units)] : []));
    }
    case RatingModel.PACKAGE: {
      const size = BigInt(plan.packageUnits!) * unit;
      const packages = (quantity + size - 1n) / size;
      return [{ ...at(0, packages * unit), quantity }];
    }
  }
}

/** A price so many parts of a million higher, half up. */
export const raised = (price: bigint, perMillion: bigint): bigint => portion(price, 1_000_000n + perMillion, 1_000_000n);

/** A plan whose prices are so many parts of a million higher, half up. */
export function raisePlan(plan: RatePlan, perMillion: bigint): RatePlan {
  const raise = (text: string) => raised(BigInt(text), perMillion).toString();
  const tiers = plan.tiers.map(({ upTo, unitPriceNano, flatMinor }) => ({ upTo, unitPriceNano: raise(unitPriceNano), flatMinor: raise(flatMinor) }));
  return { ...plan, tiers, ...(plan.minimumMinor !== undefined && { minimumMinor: raise(plan.minimumMinor) }) };
}

/** A quantity in 10^-decimals of a unit as people write it: 1500 with 3 decimals is "1.5". */
export function formatUnits(quantity: bigint, decimals: number): string {
  const text = quantity.toString().padStart(decimals + 1, '0');
  if (decimals === 0) return text;
  const fraction = text.slice(-decimals).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, -decimals) : `${text.slice(0, -decimals)}.${fraction}`;
}

const PLAIN: Record<RatingModel, string> = {
  FLAT: 'a flat amount',
  PER_UNIT: 'charged by the unit',
  GRADUATED: 'charged in graduated tiers',
  VOLUME: 'charged by volume',
  PACKAGE: 'charged by the package',
};

/** A plan in words, with its tiers in minor units. */
export function describePlan({ model, tiers, packageUnits, includedUnits, prepaidUnits, minimumMinor }: RatePlan): string {
  const price = (nano: string) => formatUnits(BigInt(nano), 9);
  const told = tiers.map(({ upTo, unitPriceNano, flatMinor }) => `${price(unitPriceNano)}${flatMinor === '0' ? '' : ` and ${flatMinor} flat`}${upTo === null ? '' : ` up to ${upTo}`}`);
  const besides = [
    packageUnits !== undefined && `packages of ${packageUnits}`,
    includedUnits !== undefined && `${includedUnits} included`,
    prepaidUnits !== undefined && `${prepaidUnits} prepaid for the term`,
    minimumMinor !== undefined && `at least ${minimumMinor}`,
  ].filter(Boolean);
  return [`${PLAIN[model]} (minor units: ${told.join('; ')})`, ...besides].join(', ');
}
