import type { Contract, RecordedLine } from '../contracts/Contract';
import { addDays } from './days';
import { BillingTiming, billerOn, ChargeKind, type ContractTerms, type LineTerms, lineOn, nextEdge, ownerOn } from './terms';

type Dated = Pick<Contract, 'startDate' | 'endDate' | 'legalEntityId' | 'customerId' | 'cancelledFrom' | 'termSpans' | 'billedBy' | 'ownedBy' | 'suspensions' | 'proration' | 'lineItems'>;

/** A contract's terms. What was recorded before contracts had dates of their own holds for the whole term, month by month, in advance. */
export function termsOf(contract: Dated): ContractTerms {
  const { startDate, endDate, legalEntityId, customerId, cancelledFrom, proration } = contract;
  return {
    startDate, endDate, cancelledFrom, proration,
    terms: contract.termSpans ?? [{ from: startDate, until: addDays(endDate, 1) }],
    billedBy: contract.billedBy ?? [{ from: startDate, legalEntityId }],
    ownedBy: contract.ownedBy ?? [{ from: startDate, customerId }],
    suspensions: contract.suspensions ?? [],
    lines: contract.lineItems.map((line) => lineTermsOf(line, startDate)),
  };
}

export function lineTermsOf(line: RecordedLine, startDate: string): LineTerms {
  const { productId, productKey, quantity, unitPriceMinor } = line;
  return {
    productId, productKey,
    lineKey: line.lineKey ?? productKey,
    charge: line.charge ?? ChargeKind.RECURRING,
    periodMonths: line.periodMonths ?? 1,
    timing: line.timing ?? BillingTiming.ADVANCE,
    ...(line.meter && { meter: line.meter }),
    steps: line.steps ?? [{ from: startDate, quantity, unitPriceMinor }],
  };
}

/** The day within a contract's time that is nearest to a day. */
export const dayWithin = ({ startDate, endDate }: Pick<ContractTerms, 'startDate' | 'endDate'>, day: string): string =>
  day < startDate ? startDate : day > endDate ? endDate : day;

/** The columns of a contract with these terms, as they are in force on a day. */
export function columnsOf(terms: ContractTerms, today: string, currency: string): Pick<Contract, 'endDate' | 'termSpans' | 'billedBy' | 'ownedBy' | 'suspensions' | 'cancelledFrom' | 'legalEntityId' | 'customerId' | 'lineItems' | 'nextChangeOn'> {
  const day = dayWithin(terms, today);
  const lineItems = terms.lines.map((line) => {
    const { quantity, unitPriceMinor } = lineOn(line, day);
    return { ...line, quantity: quantity.toString(), unitPriceMinor: unitPriceMinor.toString(), currency };
  });
  const { endDate, terms: termSpans, billedBy, ownedBy, suspensions, cancelledFrom } = terms;
  return { endDate, termSpans, billedBy, ownedBy, suspensions, cancelledFrom, legalEntityId: billerOn(terms, day), customerId: ownerOn(terms, day), lineItems, nextChangeOn: nextEdge(terms, today) };
}
