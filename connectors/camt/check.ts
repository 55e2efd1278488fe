import { formatDecimal, sum, type Amount } from '../../entities/money';
import type { CamtBalance, CamtCharge, CamtTransaction, Direction } from './types';

/** What is wrong, and with which balance if with one (its position in the statement's list). */
export interface Fault {
  readonly code: string;
  readonly text: string;
  readonly balance?: number | undefined;
}

/** Positions in the list of balances. */
export interface BookedBalances {
  readonly opening: number | undefined;
  readonly closing: number | undefined;
}

/** Credit positive, debit negative. */
export function signed(amount: Amount, direction: Direction): Amount {
  return direction === 'CREDIT' ? amount : { minor: -amount.minor, currency: amount.currency };
}

const shown = (amount: Amount): string => `${formatDecimal(amount.minor, amount.currency)} ${amount.currency}`;

/**
 * Which balances the entries lead from and to. Opening: OPBD, else PRCD, the earliest if there is one a day; closing: CLBD, the
 * latest. A page of a paged statement has the interim balance ITBD for the side that is on another page. Available
 * balances (OPAV, CLAV, ITAV, FWAV) move with value dates and credit lines, so entries never lead from or to them.
 */
export function bookedBalances(balances: readonly CamtBalance[]): BookedBalances {
  const opening = extreme(balances, 'OPBD', -1) ?? extreme(balances, 'PRCD', -1);
  const closing = extreme(balances, 'CLBD', 1);
  if (opening !== undefined && closing !== undefined) return { opening, closing };
  const first = opening ?? extreme(balances, 'ITBD', -1);
  const last = closing ?? extreme(balances, 'ITBD', 1);
  // A single interim balance serves one side only.
  return { opening: first, closing: last === first ? undefined : last };
}

/** The earliest (-1) or latest (1) balance of a code; on the same date the first or last in the file. */
function extreme(balances: readonly CamtBalance[], code: string, side: -1 | 1): number | undefined {
  let best: number | undefined;
  balances.forEach((balance, i) => {
    if (balance.code !== code) return;
    const before = best === undefined ? undefined : balances[best]!.date;
    const order = before === undefined || balance.date === undefined || balance.date === before ? 0 : balance.date > before ? 1 : -1;
    if (best === undefined || order === side || (order === 0 && side === 1)) best = i;
  });
  return best;
}

/** What a statement states and what its booked entries came to. */
export interface StatementFacts {
  readonly balances: readonly CamtBalance[];
  readonly currency: string | undefined;
  readonly creditMinor: bigint;
  readonly debitMinor: bigint;
}

/** Opening + booked entries = closing, all in the account's currency. Returns the first fault, or nothing. */
export function checkBalances(facts: StatementFacts): Fault | undefined {
  const { opening, closing } = bookedBalances(facts.balances);
  if (opening === undefined || closing === undefined) {
    const side = opening === undefined ? 'opening balance (OPBD, PRCD or ITBD)' : 'closing balance (CLBD or ITBD)';
    return { code: 'BALANCE_MISSING', text: `the statement has no booked ${side}; ask the bank for the complete statement` };
  }
  for (const i of [opening, closing]) {
    const { currency } = facts.balances[i]!.amount;
    if (currency !== facts.currency) return currencyFault(currency, facts.currency, i);
  }
  const from = facts.balances[opening]!.amount;
  const to = facts.balances[closing]!.amount;
  const net: Amount = { minor: facts.creditMinor - facts.debitMinor, currency: from.currency };
  if (from.minor + net.minor === to.minor) return undefined;
  const text = `opening ${shown(from)} + booked entries ${shown(net)} is not closing ${shown(to)}`;
  return { code: 'BALANCE_MISMATCH', text, balance: closing };
}

export function currencyFault(found: string, expected: string | undefined, balance?: number): Fault {
  return { code: 'CURRENCY_MISMATCH', text: `${found} on an account in ${expected ?? 'no stated currency'}`, balance };
}

/** What the lines of an entry amount to: one signed figure a transaction, or nothing if they do not all say. */
export interface Pricing {
  readonly minors: readonly bigint[] | undefined;
  /** Lines minus entry, withheld as charges. */
  readonly chargesNettedMinor: bigint;
}
export interface EntryFacts {
  readonly amount: Amount;
  readonly direction: Direction;
  readonly charges: readonly CamtCharge[];
}

/**
 * The amounts of an entry's transactions, never the entry's total for each (the batch trap). A transaction counts with its own `Amt`, or
 * `AmtDtls/TxAmt`, in the entry's currency and its own direction if it has one. They must sum to the entry, or to the
 * entry and the charges stated as withheld from it.
 */
export function priceDetails(entry: EntryFacts, transactions: readonly CamtTransaction[]): Pricing | Fault {
  const whole = entry.amount.minor;
  const minors = amountsBy(entry, transactions, ['own', 'transaction']);
  if (minors === undefined) return { minors: transactions.length > 1 ? undefined : [whole], chargesNettedMinor: 0n };
  const total = sum(minors);
  if (total === whole) return { minors, chargesNettedMinor: 0n };
  const others = amountsBy(entry, transactions, ['transaction', 'own'])!;
  if (sum(others) === whole) return { minors: others, chargesNettedMinor: 0n };
  const netted = total - whole;
  const itemised = -chargesMinor(entry, transactions.flatMap((one) => one.charges));
  if (netted === itemised || netted === -chargesMinor(entry, entry.charges)) return { minors, chargesNettedMinor: netted };
  const { currency } = entry.amount;
  const text = `the details sum to ${shown({ minor: total, currency })}, the entry is ${shown(entry.amount)}`;
  return { code: 'ENTRY_DETAILS_MISMATCH', text };
}

type Source = 'own' | 'transaction';
/** Undefined unless every transaction states an amount in the entry's currency; the first source that has one wins. */
function amountsBy(entry: EntryFacts, transactions: readonly CamtTransaction[], order: readonly Source[]): bigint[] | undefined {
  const minors: bigint[] = [];
  for (const { stated, ownDirection } of transactions) {
    const source = order.find((name) => stated[name]?.currency === entry.amount.currency);
    if (source === undefined) return undefined;
    minors.push(signed(stated[source]!, ownDirection ?? entry.direction).minor);
  }
  return minors.length === 0 ? undefined : minors;
}

function chargesMinor(entry: EntryFacts, charges: readonly CamtCharge[]): bigint {
  return sum(charges.filter(({ amount }) => amount.currency === entry.amount.currency).map(({ amount }) => amount.minor));
}
