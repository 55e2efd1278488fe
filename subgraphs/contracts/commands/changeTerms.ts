import type { AmendmentKind } from '../../../entities/contracts/ContractAmendment';
import type { Contract } from '../../../entities/contracts/Contract';
import { Product } from '../../../entities/customers/Product';
import { Refusal } from '../../../entities/refusal';
import { applyChange, type TermsChange } from '../../../entities/terms/changes';
import { columnsOf, termsOf } from '../../../entities/terms/ofContract';
import type { ContractTerms } from '../../../entities/terms/terms';
import type { Work } from '../../work';
import type { contractCreated } from '../events';
import { effectsOf } from '../queries/effectsOf';
import { treatLines } from '../rules';
import { checkSale } from './checkSale';
import { publishContract } from './publishContract';
import { recordAmendment } from './recordAmendment';
import { standAlonePrices } from './standAlonePrices';

/** One thing that an act changes of a contract: it gets an id and a place in the contract's story of its own. */
export interface AmendmentPart {
  kind: AmendmentKind;
  changes: readonly TermsChange[];
  effectiveDate: string;
  activationDate?: string | null | undefined;
  acceptanceDate?: string | null | undefined;
}

export interface TermsAct {
  parts: readonly AmendmentPart[];
  reason: string;
  event: typeof contractCreated;
  today: string;
  /** It sells more, or otherwise: whether it can be taxed and paid is looked at. */
  sells?: true;
  expectedDigest?: string | null | undefined;
}

/**
 * Makes the next version of a locked contract: its terms after the parts, one amendment each, entitlements and postings. Refuses PREVIEW_DIFFERS
 * if the effects are other than those of the preview whose digest is given, and what `checkSale` refuses.
 */
export async function changeTerms(work: Work, contract: Contract, { parts, reason, event, today, sells, expectedDigest }: TermsAct): Promise<void> {
  const before = termsOf(contract);
  contract.reason = reason;
  contract.withdraws = null;
  work.change(contract);
  const after = await recordParts(work, contract, { terms: before, parts, reason });
  if (sells) await checkSale(work, contract, { before, after, today });
  Object.assign(contract, columnsOf(after, today, contract.currency));
  if (expectedDigest) {
    const { digest } = await effectsOf(work.sql, { contract, before, after, today });
    if (digest !== expectedDigest) {
      throw new Refusal('PREVIEW_DIFFERS', 'It would not come out any more as it was previewed; preview it again and decide anew.', 'input.expectedDigest');
    }
  }
  await publishContract(work, contract, event);
}

/** Adds an amendment for each part and gives the terms after all of them. */
export async function recordParts(work: Work, contract: Contract, how: { terms: ContractTerms; parts: readonly AmendmentPart[]; reason: string }): Promise<ContractTerms> {
  let { terms } = how;
  for (const { changes, ...part } of how.parts) {
    const standAlone = await standAlonePrices(work, contract.priceBookId, part.effectiveDate);
    const treated = treatLines(terms, changes, { standAlone, whole: await wholeProducts(work, changes) });
    const after = treated.changes.reduce(applyChange, terms);
    recordAmendment(work, contract, { ...part, before: terms, after, reason: how.reason, treatment: treated.reasons.join(' ') || null });
    terms = after;
  }
  return terms;
}

/** The products of changed lines that are one obligation as a whole. */
async function wholeProducts(work: Work, changes: readonly TermsChange[]): Promise<ReadonlySet<string>> {
  const whole = new Set<string>();
  for (const change of changes) if (change.kind === 'LINE' && (await work.read(Product, change.line.productId)).oneObligation) whole.add(change.line.productId);
  return whole;
}
