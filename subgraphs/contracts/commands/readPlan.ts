import { Meter } from '../../../entities/invoices/Meter';
import { parseId } from '../../../entities/ids';
import { AMOUNT_MINOR_MAX, digitsOf } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { type RatePlan, type RateTier, RatingModel } from '../../../entities/terms/rating';
import type { LineMeter } from '../../../entities/terms/terms';
import { type MoneyInput, readMoney, readQuantity } from '../../input';
import type { Work } from '../../work';
import type { UsagePriceInput, UsageTierInput } from '../api';

interface At {
  currency: string;
  path: string;
}

const TIERS_MAX = 50;
const NANO_DIGITS = 9;

/**
 * Reads what the usage of a line costs, and which meter counts it. Refuses ID_MALFORMED, NOT_FOUND, PLAN_INVALID (tiers that do not fit the model or do not rise, packages
 * without a size), PRICE_MALFORMED, CURRENCY_MISMATCH and what `readMoney` refuses.
 */
export async function readPlan(work: Work, usage: UsagePriceInput, at: At): Promise<{ meter: LineMeter; rate: RatePlan }> {
  const { id, decimals, graceDays } = await work.read(Meter, parseId(usage.meterId, 'mtr', `${at.path}.meterId`), `${at.path}.meterId`);
  const units = (name: 'includedUnits' | 'prepaidUnits' | 'packageUnits') => (usage[name] ? { [name]: readQuantity(usage[name], `${at.path}.${name}`).toString() } : {});
  const rate: RatePlan = {
    model: usage.model,
    tiers: usage.tiers.map((tier, index) => readTier(tier, { ...at, path: `${at.path}.tiers.${index}` })),
    ...units('packageUnits'), ...units('includedUnits'), ...units('prepaidUnits'),
    ...(usage.minimum && { minimumMinor: amountOf(usage.minimum, { ...at, path: `${at.path}.minimum` }) }),
  };
  checkTiers(rate, at.path);
  return { meter: { meterId: id, decimals, graceDays }, rate };
}

function readTier({ upTo, unitPrice, flat }: UsageTierInput, { currency, path }: At): RateTier {
  return {
    upTo: upTo ? readQuantity(upTo, `${path}.upTo`).toString() : null,
    unitPriceNano: unitPrice ? nanoOf(unitPrice, { currency, path: `${path}.unitPrice` }) : '0',
    flatMinor: flat ? amountOf(flat, { currency, path: `${path}.flat` }) : '0',
  };
}

function amountOf(input: MoneyInput, { currency, path }: At): string {
  const amount = readMoney(input, path);
  if (amount.currency !== currency) throw new Refusal('CURRENCY_MISMATCH', `The contract is in ${currency}.`, `${path}.currency`);
  if (amount.minor < 0n) throw new Refusal('PLAN_INVALID', 'It is not below zero.', path);
  return amount.minor.toString();
}

/** A decimal price in 10⁻⁹ of a minor unit: it may be far below one. */
function nanoOf(text: string, { currency, path }: At): string {
  const digits = digitsOf(currency) + NANO_DIGITS;
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[2] ?? '';
  if (!match || fraction.length > digits) throw new Refusal('PRICE_MALFORMED', `${JSON.stringify(text)} is no price with up to ${digits} decimals.`, path);
  const nano = BigInt(match[1]! + fraction.padEnd(digits, '0'));
  if (nano > AMOUNT_MINOR_MAX * 1_000n) throw new Refusal('PRICE_MALFORMED', `${text} is beyond what a unit may cost.`, path);
  return nano.toString();
}

function checkTiers({ model, tiers, packageUnits }: RatePlan, path: string): void {
  const invalid = (text: string) => new Refusal('PLAN_INVALID', text, `${path}.tiers`);
  const tiered = model === RatingModel.GRADUATED || model === RatingModel.VOLUME;
  if (tiers.length === 0 || tiers.length > TIERS_MAX) throw invalid(`A plan has 1 to ${TIERS_MAX} tiers.`);
  if (!tiered && tiers.length > 1) throw invalid(`${model} has one tier.`);
  if (tiers.at(-1)!.upTo !== null) throw invalid('The last tier has no end.');
  const rising = tiers.slice(0, -1).every(({ upTo }, index) => upTo !== null && (index === 0 || BigInt(upTo) > BigInt(tiers[index - 1]!.upTo!)));
  if (!rising) throw invalid('Each tier but the last ends, above the one before it.');
  if ((model === RatingModel.PACKAGE) !== (packageUnits !== undefined)) throw new Refusal('PLAN_INVALID', 'PACKAGE, and it alone, says how many units a package has.', `${path}.packageUnits`);
}
