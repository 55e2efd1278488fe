import { type Contract, ContractState, type RenewalRule } from '../../entities/contracts/Contract';
import { EntitlementState } from '../../entities/contracts/CustomerSubscription';
import { ratePerMillion } from '../../entities/invoices/pricing';
import { Refusal } from '../../entities/refusal';
import { givesAfter, type TermsChange, unitsOn } from '../../entities/terms/changes';
import { dayWithin, termsOf } from '../../entities/terms/ofContract';
import type { RatePlan } from '../../entities/terms/rating';
import { treatmentOf } from '../../entities/terms/revenue';
import { BillingTiming, ChargeKind, type ContractTerms, isSuspended, type LineMeter, lineOn, type LineStep, type LineTerms, segmentsOf, spanOf, untilOf } from '../../entities/terms/terms';
import type { ContractCheckDocument, ContractDocument, EntitlementDocument } from '../../sync/documents';
import type { Accounting } from '../accounting';
import { move } from '../move';
import { ENTITLEMENT_MOVES } from './states';

/** What is asked of one line: quantity 0 takes it away. */
export interface LineChange {
  lineKey: string;
  productId: string;
  productKey: string;
  quantity: bigint;
  /** Undefined keeps the price the line has. */
  unitPriceMinor: bigint | undefined;
  /** What a new line costs for which no price is said. */
  listPriceMinor?: bigint | undefined;
  charge?: ChargeKind | undefined;
  periodMonths?: number | undefined;
  timing?: BillingTiming | undefined;
  /** What counts the usage of the line and what it costs, where it is charged by usage. */
  meter?: LineMeter;
  rate?: RatePlan;
  ramp: { from: string; quantity: bigint | undefined; unitPriceMinor: bigint | undefined }[];
}

const LINES_MAX = 1_000;
const PERIOD_MONTHS = [1, 2, 3, 4, 6, 12, 24, 36];

/**
 * The changes of terms that change lines from a day on; lines not named stay. Refuses LINE_REPEATED, LINE_UNKNOWN, PRICE_MISSING, LINE_FIXED,
 * PERIOD_INVALID, TIMING_INVALID, RAMP_INVALID.
 */
export function changeLine(terms: ContractTerms, changes: readonly LineChange[], at: { index: number; from: string; activates: string }): TermsChange[] {
  const change = changes[at.index]!;
  const path = `input.lines.${at.index}`;
  const repeated = changes.slice(0, at.index).some(({ lineKey }) => lineKey === change.lineKey);
  if (repeated) throw new Refusal('LINE_REPEATED', `${change.lineKey} is named twice; give each line of a product a key of its own.`, path);
  const old = terms.lines.find(({ lineKey }) => lineKey === change.lineKey);
  if (change.quantity === 0n && !(old && lineOn(old, at.from).quantity > 0n)) {
    throw new Refusal('LINE_UNKNOWN', `There is no line of ${change.lineKey} to take away.`, path);
  }
  const line = lineHead(change, old, path);
  const priced = old !== undefined && old.steps.some(({ from, unitPriceMinor }) => from <= at.from && unitPriceMinor !== undefined);
  const unitPriceMinor = change.rate ? 0n : (change.unitPriceMinor ?? (priced ? undefined : change.listPriceMinor));
  if (line.charge === ChargeKind.USAGE ? !line.meter : unitPriceMinor === undefined && !priced) throw new Refusal('PRICE_MISSING', `A new line of ${change.productKey} needs a price: say it, or name a price book that has it.`, path);
  const first = { ...stepOf({ from: at.from, quantity: change.quantity, unitPriceMinor }), ...(change.rate && { rate: change.rate }) };
  const step = at.activates === at.from ? first : { ...first, activates: at.activates };
  return [step, ...rampOf(terms, change, { from: at.from, path })].map((one) => ({ kind: 'LINE', line, step: one }));
}

function stepOf({ from, quantity, unitPriceMinor }: { from: string; quantity: bigint | undefined; unitPriceMinor: bigint | undefined }): LineStep {
  return { from, ...(quantity !== undefined && { quantity: quantity.toString() }), ...(unitPriceMinor !== undefined && { unitPriceMinor: unitPriceMinor.toString() }) };
}

function lineHead({ lineKey, productId, productKey, ...asked }: LineChange, old: LineTerms | undefined, path: string): Omit<LineTerms, 'steps'> {
  const { charge = asked.meter ? ChargeKind.USAGE : (old?.charge ?? ChargeKind.RECURRING), periodMonths = old?.periodMonths ?? 1 } = asked;
  const isUsage = charge === ChargeKind.USAGE;
  const { timing = old?.timing ?? (isUsage ? BillingTiming.ARREARS : BillingTiming.ADVANCE) } = asked;
  if (isUsage && timing === BillingTiming.ADVANCE) throw new Refusal('TIMING_INVALID', 'Usage is charged after it is known.', `${path}.timing`);
  if (isUsage && asked.ramp.length > 0) throw new Refusal('RAMP_INVALID', 'What usage will cost later is an amendment of that day.', `${path}.ramp`);
  if (!PERIOD_MONTHS.includes(periodMonths)) throw new Refusal('PERIOD_INVALID', `A billing period has ${PERIOD_MONTHS.join(', ')} months.`, `${path}.periodMonths`);
  const meter = old?.meter ?? asked.meter;
  const line = { lineKey, productId, productKey, charge, periodMonths, timing, ...(isUsage && meter && { meter }) };
  if (old?.meter && asked.meter && old.meter.meterId !== asked.meter.meterId) throw new Refusal('LINE_FIXED', `The meter of ${lineKey} is ${old.meter.meterId} for ever; take the line away and add another.`, path);
  const fixed = old && (['productId', 'charge', 'periodMonths', 'timing'] as const).find((field) => old[field] !== line[field]);
  if (fixed) throw new Refusal('LINE_FIXED', `The ${fixed} of ${lineKey} is ${old[fixed]} for ever; take the line away and add another.`, path);
  return line;
}

function rampOf(terms: ContractTerms, { ramp }: LineChange, at: { from: string; path: string }): LineStep[] {
  let before = at.from;
  for (const [index, { from }] of ramp.entries()) {
    if (from <= before || from > terms.endDate) {
      throw new Refusal('RAMP_INVALID', `The steps of a ramp go forward from ${at.from} to ${terms.endDate} at most.`, `${at.path}.ramp.${index}.from`);
    }
    before = from;
  }
  return ramp.map(stepOf);
}

/** Refuses LINES_MISSING and LINES_TOO_MANY. */
export function checkLines(terms: ContractTerms, from: string): void {
  if (!givesAfter(terms, from)) throw new Refusal('LINES_MISSING', 'A contract without lines is none; cancel it instead.', 'input.lines');
  if (terms.lines.length > LINES_MAX) throw new Refusal('LINES_TOO_MANY', `A contract has at most ${LINES_MAX} lines.`, 'input.lines');
}

/** The day of a change, today if none is said and the contract runs. Refuses EFFECTIVE_OUT_OF_TERM. */
export function effectiveDay(terms: Pick<ContractTerms, 'startDate' | 'endDate'>, asked: string | null | undefined, today: string): string {
  const day = asked ?? dayWithin(terms, today);
  if (day < terms.startDate || day > terms.endDate) {
    throw new Refusal('EFFECTIVE_OUT_OF_TERM', `The contract runs from ${terms.startDate} to ${terms.endDate}; ${day} is outside of it.`, 'input.effectiveDate');
  }
  return day;
}

/** Refuses SUSPENSION_INVALID for one that ends before it begins, SUSPENSION_OVERLAPS for a second one over the same days. */
export function checkSuspension(terms: ContractTerms, { from, until }: { from: string; until: string | null }): void {
  if (until !== null && until <= from) throw new Refusal('SUSPENSION_INVALID', `It would end on ${until}, before it begins.`, 'input.until');
  const other = terms.suspensions.find((pause) => (until === null || pause.from < until) && (pause.until === null || from < pause.until));
  if (other) throw new Refusal('SUSPENSION_OVERLAPS', `It is suspended from ${other.from} already.`, 'input.effectiveDate');
}

/** Refuses NOT_SUSPENDED where there is nothing to resume on the day or after it. */
export function checkResumable(terms: ContractTerms, day: string): void {
  if (!terms.suspensions.some(({ until }) => until === null || day < until)) throw new Refusal('NOT_SUSPENDED', `It is not suspended on ${day} or later.`, 'input.effectiveDate');
}

/** Percent with up to four decimals as parts of a million: "7.7" is 77000. Refuses UPLIFT_INVALID. */
export function readUplift(text: string, path: string): bigint {
  if (!/^\d{1,3}(\.\d{1,4})?$/.test(text)) throw new Refusal('UPLIFT_INVALID', `${JSON.stringify(text)} is not a percentage with up to four decimals.`, path);
  return ratePerMillion(text);
}

/** A rule of renewal as it is kept. Refuses RENEWAL_INVALID and what `readUplift` refuses. */
export function readRenewal({ months, upliftPercent }: RenewalRule): RenewalRule {
  if (months < 1 || months > 120) throw new Refusal('RENEWAL_INVALID', 'A further term has 1 to 120 months.', 'input.renewal.months');
  readUplift(upliftPercent, 'input.renewal.upliftPercent');
  return { months, upliftPercent };
}

/** What decides how the books take changes of products. */
export interface SoldProducts {
  /** The price of a product sold alone. */
  standAlone: ReadonlyMap<string, bigint>;
  /** Those that are one obligation as a whole. */
  whole: ReadonlySet<string>;
}

/** How the books take a change of lines, each product by its own nature, marked on its steps, with the reason. */
export function treatLines(terms: ContractTerms, changes: readonly TermsChange[], { standAlone, whole }: SoldProducts): { changes: TermsChange[]; reasons: string[] } {
  const reasons: string[] = [];
  const treated = changes.map((change) => {
    if (change.kind !== 'LINE' || change.line.charge === ChargeKind.USAGE) return change;
    const old = terms.lines.find(({ lineKey }) => lineKey === change.line.lineKey);
    const before = lineOn(old ?? { steps: [] }, change.step.from);
    const price = BigInt(change.step.unitPriceMinor ?? before.unitPriceMinor);
    const addsDistinct = BigInt(change.step.quantity ?? before.quantity) > before.quantity && (before.quantity === 0n || price === before.unitPriceMinor);
    const { treatment, reason } = treatmentOf({ addsDistinct, atStandAlonePrice: standAlone.get(change.line.productId) === price, restIsDistinct: !whole.has(change.line.productId) });
    reasons.push(`${change.line.lineKey}: ${treatment}. ${reason}`);
    return { ...change, step: { ...change.step, treatment } };
  });
  return { changes: treated, reasons: [...new Set(reasons)] };
}

/** A term of at least one day. Refuses TERM_INVALID. */
export function checkTerm(startDate: string, endDate: string): void {
  if (endDate < startDate) throw new Refusal('TERM_INVALID', `The term ends on ${endDate}, before it starts on ${startDate}.`, 'input.endDate');
}

/** Whether the latest version takes terms of an earlier one's place. Refuses NOTHING_TO_WITHDRAW, ALREADY_WITHDRAWN, ALREADY_IN_EFFECT. */
export function checkWithdrawable({ number, version, withdraws }: Pick<Contract, 'number' | 'version' | 'withdraws'>, lastAmended: number): void {
  const path = 'input.contractId';
  if (version === 1) throw new Refusal('NOTHING_TO_WITHDRAW', `Contract ${number} is as it was made; cancel it instead.`, path);
  if (withdraws !== null) throw new Refusal('ALREADY_WITHDRAWN', `Version ${withdraws} of ${number} is taken back; amend the contract anew.`, path);
  if (lastAmended < version) throw new Refusal('ALREADY_IN_EFFECT', `Version ${lastAmended} of ${number} has taken effect since; amend the contract back.`, path);
}

export interface Entitled {
  state: EntitlementState;
  grantedUnits: bigint;
  soldUnits: bigint;
}

/** What is granted once the contract says `sold`: more is held for the backends, less takes effect at once. */
export function entitle(now: Entitled, sold: bigint): Entitled {
  if (sold === 0n) return { state: move(ENTITLEMENT_MOVES, now.state, 'end'), grantedUnits: 0n, soldUnits: 0n };
  const verb = sold > now.grantedUnits ? 'expand' : 'reduce';
  return { state: move(ENTITLEMENT_MOVES, now.state, verb), grantedUnits: sold < now.grantedUnits ? sold : now.grantedUnits, soldUnits: sold };
}

/** What is granted once the backends confirmed `quantity`: never above what is sold now. */
export function grant(now: Entitled, quantity: bigint): Entitled {
  const granted = quantity < now.soldUnits ? quantity : now.soldUnits;
  const state = granted === now.soldUnits ? move<EntitlementState>(ENTITLEMENT_MOVES, now.state, 'grant') : now.state;
  return { ...now, grantedUnits: granted, state };
}

/** The contract as other systems get it: the lines in force, and all that is agreed of the time to come. */
export function contractDocument(contract: Contract): ContractDocument {
  const { number, customerId, state, startDate, endDate, currency } = contract;
  const lines = contract.lines.map(({ productKey, quantity, unitPriceMinor }) => ({ productKey, quantity, unitPriceMinor }));
  const terms = termsOf(contract);
  const whole = spanOf(terms);
  const schedule = terms.lines.flatMap((line) => (whole ? segmentsOf(terms, line, whole) : []).map(({ from, until, quantity, unitPriceMinor }) => {
    return { lineKey: line.lineKey, from, until, quantity: quantity.toString(), unitPriceMinor: unitPriceMinor.toString() };
  }));
  return { number, customerId, state, startDate, endDate, currency, lines, schedule };
}

/** The lines of a contract with their accounts and taxes; a contract that is over brings no invoice. */
export function contractCheckDocument(contract: Contract, accounting: (productId: string) => Pick<Accounting, 'taxCode' | 'taxRatePercent' | 'revenueAccount'>, today: string): ContractCheckDocument {
  const whole = contractDocument(contract);
  if (contract.state !== ContractState.ACTIVE) return { ...whole, invoicesFrom: null, lines: [] };
  const lines = contract.lines.map(({ productId, productKey, quantity, unitPriceMinor }) => {
    const { taxCode, taxRatePercent, revenueAccount } = accounting(productId);
    return { productKey, quantity, unitPriceMinor, taxCode, taxRatePercent, revenueAccount };
  });
  return { ...whole, invoicesFrom: contract.startDate < today ? today : contract.startDate, lines };
}

/** What may be used of each product on a day, in order of the lines; products that give nothing then are there with 0. */
export function unitsByProduct(terms: ContractTerms, day: string): Map<string, { productKey: string; units: bigint }> {
  const units = new Map<string, { productKey: string; units: bigint }>();
  const gives = day >= terms.startDate && day < untilOf(terms) && !isSuspended(terms, day);
  for (const line of terms.lines) {
    const { productId, productKey } = line;
    const before = units.get(productId)?.units ?? 0n;
    units.set(productId, { productKey, units: before + (gives ? unitsOn(line, day) : 0n) });
  }
  return units;
}

export function entitlementDocument(contract: Contract, units: ReturnType<typeof unitsByProduct>): EntitlementDocument {
  const grants = [...units.values()].filter((item) => item.units > 0n).map((item) => ({ productKey: item.productKey, quantity: item.units.toString() }));
  return { contractId: contract.id, contractNumber: contract.number, customerId: contract.customerId, grants };
}
