import { addDays } from './days';
import { describePlan, raised, raisePlan } from './rating';
import { type ContractTerms, type LineStep, type LineTerms, lineOn, rateOn, untilOf } from './terms';

/** What one act changes of a contract's terms, and from which day on. */
export type TermsChange =
  | { kind: 'LINE'; line: Omit<LineTerms, 'steps'>; step: LineStep }
  | { kind: 'EXTEND'; endDate: string }
  | { kind: 'TRANSFER'; from: string; legalEntityId: string }
  | { kind: 'OWNER'; from: string; customerId: string }
  | { kind: 'SUSPEND'; from: string; until: string | null }
  | { kind: 'RESUME'; from: string }
  | { kind: 'CANCEL'; from: string };

/** The terms after a change. What a change sets holds from its day until the next day on which the same is set, whichever came first to be known. */
export function applyChange(terms: ContractTerms, change: TermsChange): ContractTerms {
  switch (change.kind) {
    case 'LINE': return { ...terms, lines: withStep(terms.lines, change) };
    case 'EXTEND': {
      const term = { from: addDays(terms.endDate, 1), until: addDays(change.endDate, 1) };
      return { ...terms, endDate: change.endDate, terms: [...terms.terms, term] };
    }
    case 'TRANSFER': {
      const { from, legalEntityId } = change;
      const others = terms.billedBy.filter((entry) => entry.from !== from);
      return { ...terms, billedBy: [...others, { from, legalEntityId }].sort(byDay) };
    }
    case 'OWNER': {
      const { from, customerId } = change;
      const others = terms.ownedBy.filter((entry) => entry.from !== from);
      return { ...terms, ownedBy: [...others, { from, customerId }].sort(byDay) };
    }
    case 'SUSPEND': return { ...terms, suspensions: [...terms.suspensions, { from: change.from, until: change.until }].sort(byDay) };
    case 'RESUME': return { ...terms, suspensions: terms.suspensions.flatMap((pause) => resumed(pause, change.from)) };
    case 'CANCEL': return { ...terms, cancelledFrom: change.from };
  }
}

function withStep(lines: readonly LineTerms[], { line, step }: Extract<TermsChange, { kind: 'LINE' }>): LineTerms[] {
  const known = lines.find(({ lineKey }) => lineKey === line.lineKey);
  if (!known) return [...lines, { ...line, steps: [step] }];
  return lines.map((one) => (one === known ? { ...one, steps: mergeStep(one.steps, step) } : one));
}

function mergeStep(steps: readonly LineStep[], step: LineStep): LineStep[] {
  const same = steps.find(({ from }) => from === step.from);
  return [...steps.filter((one) => one !== same), { ...same, ...step }].sort(byDay);
}

const byDay = (a: { from: string }, b: { from: string }) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0);

function resumed(pause: ContractTerms['suspensions'][number], on: string): ContractTerms['suspensions'] {
  const goesOn = pause.until === null || on < pause.until;
  if (pause.from >= on && goesOn) return [];
  return [pause.from < on && goesOn ? { ...pause, until: on } : pause];
}

/** What a line gives on a day for the customer to use: it counts from the day of its activation. */
export function unitsOn(line: Pick<LineTerms, 'steps'>, day: string): bigint {
  const active = line.steps.map((step) => ({ ...step, from: step.activates ?? step.from })).sort(byDay);
  return lineOn({ steps: active }, day).quantity;
}

/** What changed between two states of one contract's terms, for people, in order of the lines. */
export function describeChange(before: ContractTerms, after: ContractTerms): string[] {
  const lines = after.lines.flatMap((line) => {
    const old = before.lines.find(({ lineKey }) => lineKey === line.lineKey)?.steps ?? [];
    return line.steps.filter((step) => !old.some((one) => sameStep(one, step))).flatMap((step) => describeStep(line, old, step));
  });
  const whole: string[] = [];
  if (after.endDate !== before.endDate) whole.push(`ends on ${after.endDate} instead of ${before.endDate}`);
  if (after.cancelledFrom !== before.cancelledFrom && after.cancelledFrom) whole.push(`ends early, from ${after.cancelledFrom} on`);
  const billers = after.billedBy.filter((entry) => !before.billedBy.some((old) => old.from === entry.from && old.legalEntityId === entry.legalEntityId));
  whole.push(...billers.map(({ from, legalEntityId }) => `billed by ${legalEntityId} from ${from} on`));
  const owners = after.ownedBy.filter((entry) => !before.ownedBy.some((old) => old.from === entry.from && old.customerId === entry.customerId));
  whole.push(...owners.map(({ from, customerId }) => `owned by ${customerId} from ${from} on`));
  if (JSON.stringify(after.suspensions) !== JSON.stringify(before.suspensions)) {
    whole.push(after.suspensions.length === 0 ? 'no suspension' : `suspended ${after.suspensions.map(({ from, until }) => `from ${from} ${until === null ? 'until further notice' : `until ${until}`}`).join(' and ')}`);
  }
  return [...lines, ...whole];
}

const sameStep = (a: LineStep, b: LineStep) =>
  a.from === b.from && a.quantity === b.quantity && a.unitPriceMinor === b.unitPriceMinor && JSON.stringify(a.rate) === JSON.stringify(b.rate);

function describeStep({ lineKey, productKey }: LineTerms, old: LineStep[], step: LineStep): string[] {
  const was = lineOn({ steps: old }, step.from);
  const name = lineKey === productKey ? productKey : `${productKey} (${lineKey})`;
  const told: string[] = [];
  if (step.quantity !== undefined && BigInt(step.quantity) !== was.quantity) told.push(`${name}: ${was.quantity} to ${step.quantity} units from ${step.from} on`);
  if (step.unitPriceMinor !== undefined && BigInt(step.unitPriceMinor) !== was.unitPriceMinor && was.quantity !== 0n) {
    told.push(`${name}: unit price ${was.unitPriceMinor} to ${step.unitPriceMinor} minor units from ${step.from} on`);
  }
  if (step.rate && JSON.stringify(step.rate) !== JSON.stringify(rateOn({ steps: old }, step.from))) told.push(`${name}: usage is ${describePlan(step.rate)} from ${step.from} on`);
  return told;
}

/** The terms with what a renewal changes of prices from its first day on: every line that still gives something, so many percent dearer (half up). */
export function upliftOf(terms: ContractTerms, from: string, perMillion: bigint): TermsChange[] {
  return terms.lines.flatMap(({ steps, ...line }) => {
    const { quantity, unitPriceMinor } = lineOn({ steps }, from);
    if (quantity === 0n || perMillion === 0n) return [];
    const plan = rateOn({ steps }, from);
    const step = { from, unitPriceMinor: raised(unitPriceMinor, perMillion).toString(), ...(plan && { rate: raisePlan(plan, perMillion) }) };
    return [{ kind: 'LINE' as const, line, step }];
  });
}

/** Whether a contract gives anything on a day or after it. */
export const givesAfter = (terms: ContractTerms, day: string): boolean =>
  day < untilOf(terms) && terms.lines.some(({ steps }) => lineOn({ steps }, day).quantity > 0n || steps.some(({ from, quantity }) => from > day && quantity !== undefined && quantity !== '0'));
