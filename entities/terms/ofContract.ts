import type { Contract, ContractLine } from '../contracts/Contract';
import { addDays } from './days';
import { BillingTiming, ChargeKind, type ContractTerms, type LineTerms } from './terms';

type Dated = Pick<Contract, 'startDate' | 'endDate' | 'legalEntityId' | 'cancelledFrom' | 'termSpans' | 'billedBy' | 'suspensions' | 'proration' | 'lineItems'>;

/** A contract's terms. What was recorded before contracts had dates of their own holds for the whole term, month by month, in advance. */
export function termsOf(contract: Dated): ContractTerms {
  const { startDate, endDate, legalEntityId, cancelledFrom, proration } = contract;
  return {
    startDate, endDate, cancelledFrom, proration,
    terms: contract.termSpans ?? [{ from: startDate, until: addDays(endDate, 1) }],
    billedBy: contract.billedBy ?? [{ from: startDate, legalEntityId }],
    suspensions: contract.suspensions ?? [],
    lines: contract.lineItems.map((line) => lineTermsOf(line, startDate)),
  };
}

export function lineTermsOf(line: ContractLine, startDate: string): LineTerms {
  const { productId, productKey, quantity, unitPriceMinor } = line;
  return {
    productId, productKey,
    lineKey: line.lineKey ?? productKey,
    charge: line.charge ?? ChargeKind.RECURRING,
    periodMonths: line.periodMonths ?? 1,
    timing: line.timing ?? BillingTiming.ADVANCE,
    steps: line.steps ?? [{ from: startDate, quantity, unitPriceMinor }],
  };
}
