import type { Contract } from '../../../entities/contracts/Contract';
import type { Customer } from '../../../entities/customers/Customer';
import type { LegalEntity } from '../../../entities/customers/LegalEntity';
import { priceLines, type Totals } from '../../../entities/invoices/pricing';
import { Refusal } from '../../../entities/refusal';
import type { Difference } from '../../../entities/terms/schedule';
import type { Charge } from './planBilling';

/** What goes on one invoice: the charges of one contract, or of several whose payer wants them together. */
export interface Bill {
  reference: string;
  entity: LegalEntity;
  payer: Customer;
  currency: string;
  /** The contract, if it is of one alone. */
  contract: Contract | null;
  /** What each of its lines is for. */
  parts: { contract: Contract; difference: Difference }[];
  totals: Totals;
}

const LINES_MAX = 1_000;

/** Puts charges on invoices, in their order: those of a payer who consolidates together by legal entity and currency, up to a thousand lines each. */
export function gatherCharges(charges: readonly Charge[]): Bill[] {
  const batches: Charge[][] = [];
  const latest = new Map<string, Charge[]>();
  for (const charge of charges) {
    const key = `${charge.payer.id}|${charge.entity.id}|${charge.contract.currency}`;
    const batch = charge.payer.consolidatesInvoices ? latest.get(key) : undefined;
    const lines = (batch ?? []).reduce((sum, one) => sum + one.drafts.length, 0);
    if (batch && lines + charge.drafts.length <= LINES_MAX) batch.push(charge);
    else {
      const begun = [charge];
      latest.set(key, begun);
      batches.push(begun);
    }
  }
  return batches.flatMap((batch) => (batch.length === 1 ? batch.map(billOf) : together(batch)));
}

function billOf({ contract, entity, payer, reference, differences, totals }: Charge): Bill {
  return { reference, entity, payer, contract, totals, currency: contract.currency, parts: differences.map((difference) => ({ contract, difference })) };
}

/** One invoice of several charges, by contract number, named by the first of them, which no other document is; each by itself where the sum is beyond what one may carry. */
function together(unsorted: readonly Charge[]): Bill[] {
  const batch = [...unsorted].sort((a, b) => (a.contract.number < b.contract.number ? -1 : a.contract.number > b.contract.number ? 1 : 0));
  const { reference, entity, payer, contract: { currency } } = batch[0]!;
  const drafts = batch.flatMap(({ contract, drafts: own }) => own.map((draft) => ({ ...draft, description: `${contract.number}: ${draft.description}`, contractId: contract.id })));
  try {
    const bills = batch.map(billOf);
    return [{ reference: `${reference}+${batch.length - 1}`, entity, payer, currency, contract: null, parts: bills.flatMap(({ parts }) => parts), totals: priceLines(drafts, currency) }];
  } catch (error) {
    if (error instanceof Refusal) return batch.map(billOf);
    throw error;
  }
}
