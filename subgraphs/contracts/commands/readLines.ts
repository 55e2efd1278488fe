import { Product } from '../../../entities/customers/Product';
import { parseId } from '../../../entities/ids';
import { Refusal } from '../../../entities/refusal';
import { applyChange, type TermsChange } from '../../../entities/terms/changes';
import type { ContractTerms } from '../../../entities/terms/terms';
import { Checks } from '../../checks';
import { type MoneyInput, readPositive, readQuantity, readText } from '../../input';
import type { Work } from '../../work';
import type { ContractLineInput } from '../api';
import { changeLine, checkLines, type LineChange } from '../rules';
import { readPlan } from './readPlan';

interface Asked {
  terms: ContractTerms;
  currency: string;
  from: string;
  activates: string;
  /** What products cost that are sold without a price. */
  prices: ReadonlyMap<string, bigint>;
  /** Whether the billing run bills the contract: nothing else can bill usage. */
  billedByRun: boolean;
}

/**
 * Reads line inputs with their products into changes of terms. All that is wrong with any of them is refused together: NOT_FOUND,
 * QUANTITY_INVALID, CURRENCY_MISMATCH, USAGE_NEEDS_BILLING_RUN, what `readPlan` refuses, what `readPositive` refuses, and what `changeLine` and `checkLines` do.
 */
export async function readLines(work: Work, lines: readonly ContractLineInput[], { terms, from, activates, ...at }: Asked): Promise<TermsChange[]> {
  const checks = new Checks();
  const read: (LineChange | undefined)[] = [];
  for (const [index, line] of lines.entries()) read.push(await checks.look(() => readLine(work, line, { ...at, path: `input.lines.${index}` })));
  checks.done();
  const changes = read as LineChange[];
  const steps = await Promise.all(changes.map((_, index) => checks.look(() => changeLine(terms, changes, { index, from, activates }))));
  checks.done();
  const all = steps.flatMap((step) => step ?? []);
  if (changes.length > 0 || terms.lines.length === 0) checkLines(all.reduce(applyChange, terms), from);
  return all;
}

type At = Pick<Asked, 'currency' | 'prices' | 'billedByRun'> & { path: string };

async function readLine(work: Work, line: ContractLineInput, { currency, prices, billedByRun, path }: At): Promise<LineChange> {
  const product = await work.read(Product, parseId(line.productId, 'prd', `${path}.productId`), `${path}.productId`);
  const priceOf = (price: MoneyInput | undefined, at: string) => {
    if (!price) return undefined;
    if (price.currency !== currency) throw new Refusal('CURRENCY_MISMATCH', `The contract is in ${currency}.`, `${at}.currency`);
    return readPositive(price, at).minor;
  };
  const unitPriceMinor = priceOf(line.unitPrice, `${path}.unitPrice`);
  if (line.usage && !billedByRun) throw new Refusal('USAGE_NEEDS_BILLING_RUN', 'Usage is billed by the billing run only: say from which day on it bills the contract.', `${path}.usage`);
  return {
    lineKey: line.lineKey ? readText(line.lineKey, `${path}.lineKey`) : product.key,
    productId: product.id,
    productKey: product.key,
    quantity: unitsIn(line.quantity, `${path}.quantity`),
    unitPriceMinor,
    listPriceMinor: prices.get(product.id),
    charge: line.charge ?? undefined,
    periodMonths: line.periodMonths ?? undefined,
    timing: line.timing ?? undefined,
    ...(line.usage && (await readPlan(work, line.usage, { currency, path: `${path}.usage` }))),
    ramp: (line.ramp ?? []).map((step, index) => ({
      from: step.from,
      quantity: step.quantity ? unitsIn(step.quantity, `${path}.ramp.${index}.quantity`) : undefined,
      unitPriceMinor: priceOf(step.unitPrice, `${path}.ramp.${index}.unitPrice`),
    })),
  };
}

const unitsIn = (text: string, path: string) => (text === '0' ? 0n : readQuantity(text, path));
