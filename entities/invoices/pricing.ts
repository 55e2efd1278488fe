import { AMOUNT_MINOR_MAX, share, split, sum } from '../money';
import { Refusal } from '../refusal';
import { InvoiceLine } from './Invoice';

/** A line as asked for: whole units at a price before tax. */
export interface DraftLine {
  productId: string;
  /** On a credit memo: the line of the invoice that it takes back. */
  ofLineId?: string | null;
  description: string;
  quantity: bigint;
  unitPriceMinor: bigint;
  taxCode: string;
  taxRatePercent: string;
  revenueAccount: string;
  /** What it is charged for, if it is charged for a time: first day, and the day after the last. */
  serviceFrom?: string | undefined;
  serviceUntil?: string | undefined;
  /** Where it waits until it is earned; revenue with the invoice if there is none. */
  deferredAccount?: string | undefined;
  /** The counted usage it charges. */
  usageIds?: string[];
  /** The contract it is of, where the invoice is of several. */
  contractId?: string;
  /** Who has what it charges, where another pays. */
  customerId?: string;
}

export interface Totals {
  lines: InvoiceLine[];
  netMinor: bigint;
  taxMinor: bigint;
  totalMinor: bigint;
}

const RATE_SCALE = 1_000_000n;

/** "7.7" percent as parts of a million: 77000. */
export function ratePerMillion(percent: string): bigint {
  const [whole, fraction = ''] = percent.split('.');
  return BigInt(whole! + fraction.padEnd(4, '0'));
}

/**
 * Prices lines and taxes them. Tax is worked out once per tax code and rate on the sum of its lines, rounded half up, and spread
 * over them so that line taxes sum to the document's: the usual rule for invoice tax, and the ERPs'. Refuses AMOUNT_TOO_LARGE.
 */
export function priceLines(drafts: readonly DraftLine[], currency: string): Totals {
  const nets = drafts.map((draft) => draft.quantity * draft.unitPriceMinor);
  const taxes = nets.map(() => 0n);
  const groups = new Map<string, number[]>();
  drafts.forEach(({ taxCode, taxRatePercent }, index) => {
    const group = `${taxCode}|${taxRatePercent}`;
    groups.set(group, [...(groups.get(group) ?? []), index]);
  });
  for (const members of groups.values()) {
    const net = sum(members.map((index) => nets[index]!));
    const tax = share(net, ratePerMillion(drafts[members[0]!]!.taxRatePercent), RATE_SCALE);
    const parts = net === 0n ? members.map(() => 0n) : split(tax, members.map((index) => nets[index]!));
    members.forEach((index, place) => (taxes[index] = parts[place]!));
  }
  const lines = drafts.map((draft, index) => lineOf(draft, { id: `line-${index + 1}`, net: nets[index]!, tax: taxes[index]!, currency }));
  const [netMinor, taxMinor] = [sum(nets), sum(taxes)];
  if (netMinor + taxMinor > AMOUNT_MINOR_MAX) throw new Refusal('AMOUNT_TOO_LARGE', 'The total is beyond what one document may carry.', 'input.lines');
  return { lines, netMinor, taxMinor, totalMinor: netMinor + taxMinor };
}

export function lineOf(draft: DraftLine, at: { id: string; net: bigint; tax: bigint; currency: string }): InvoiceLine {
  const { productId, description, taxCode, taxRatePercent, revenueAccount, serviceFrom, serviceUntil, deferredAccount, usageIds, contractId, customerId } = draft;
  return Object.assign(new InvoiceLine(), {
    lineId: at.id,
    ofLineId: draft.ofLineId ?? null,
    productId,
    description,
    quantity: draft.quantity.toString(),
    unitPriceMinor: draft.unitPriceMinor.toString(),
    netMinor: at.net.toString(),
    taxMinor: at.tax.toString(),
    taxCode,
    taxRatePercent,
    revenueAccount,
    ...(serviceFrom !== undefined && { serviceFrom, serviceUntil }),
    ...(deferredAccount && { deferredAccount }),
    ...(usageIds && { usageIds }),
    ...(contractId && { contractId }),
    ...(customerId && { customerId }),
    currency: at.currency,
  });
}
