import { CashState, type Payment } from '../../entities/payments/Payment';
import type { PaymentApplication } from '../../entities/payments/PaymentApplication';
import type { ApplicationDocument, PaymentDocument } from '../../sync/documents';
import { move } from '../move';
import { CASH_MOVES } from './states';

/** What is unapplied after a change of `deltaMinor`, and the state that follows from it. */
export function place(payment: Pick<Payment, 'unappliedMinor' | 'amountMinor' | 'state'>, deltaMinor: bigint): { unappliedMinor: bigint; state: CashState } {
  const unappliedMinor = payment.unappliedMinor + deltaMinor;
  if (unappliedMinor < 0n || unappliedMinor > payment.amountMinor) throw new RangeError(`unapplied ${unappliedMinor} of ${payment.amountMinor}`);
  const verb = unappliedMinor === 0n ? 'place' : unappliedMinor === payment.amountMinor ? 'free' : 'placePart';
  return { unappliedMinor, state: move<CashState>(CASH_MOVES, payment.state, verb) };
}

/** What a payer gave with a transfer, in the order of its weight as evidence. */
export interface Evidence {
  /** Structured creditor references. */
  creditorReferences: string[];
  /** End-to-end id and document numbers: single references in fields of their own. */
  references: string[];
  /** Free text. */
  text: string[];
}

/** An invoice as matching sees it. */
export interface Receivable {
  id: string;
  customerId: string;
  number: string;
  paymentReference: string;
  openMinor: bigint;
  currency: string;
}

export type Match =
  | { found: 'INVOICE'; invoice: Receivable; rule: MatchRule; evidence: string }
  | { found: 'NONE' | 'SEVERAL'; reason: string };
export type MatchRule = 'CREDITOR_REFERENCE' | 'END_TO_END_ID' | 'NUMBER_IN_TEXT';

const plain = (text: string) => text.toUpperCase().replace(/[^0-9A-Z]/g, '');
const TOKENS_MAX = 40;

/** The texts by which invoices of a line may be looked up: references as they stand, and words of the free text. */
export function lookupTerms(evidence: Evidence): { numbers: string[]; paymentReferences: string[] } {
  const words = evidence.text.flatMap((text) => text.toUpperCase().match(/[0-9A-Z][0-9A-Z/_.-]{3,38}[0-9A-Z]/g) ?? []).slice(0, TOKENS_MAX);
  const given = [...evidence.creditorReferences, ...evidence.references].map((text) => text.trim());
  return {
    numbers: [...new Set([...evidence.references.map((text) => text.trim()), ...words])],
    paymentReferences: [...new Set([...given, ...words].map(plain).filter((text) => text.startsWith('RF')))],
  };
}

/**
 * Finds the invoice a transfer pays, by evidence in order: structured creditor reference, reference in a field of its own, invoice
 * number found exactly once in free text. Two invoices by the strongest evidence are no match: nothing is guessed.
 */
export function matchInvoice(evidence: Evidence, candidates: readonly Receivable[]): Match {
  const structured = new Set(evidence.creditorReferences.map(plain));
  const single = new Set(evidence.references.map(plain));
  const words = new Set(lookupTerms({ ...evidence, references: [], creditorReferences: [] }).numbers.map(plain));
  const rules: [MatchRule, Set<string>][] = [['CREDITOR_REFERENCE', structured], ['END_TO_END_ID', single], ['NUMBER_IN_TEXT', words]];
  for (const [rule, given] of rules) {
    const hits = candidates.filter((invoice) => given.has(plain(invoice.number)) || given.has(plain(invoice.paymentReference)));
    if (hits.length > 1) return { found: 'SEVERAL', reason: `The transfer names ${hits.length} invoices: ${hits.map((hit) => hit.number).join(', ')}.` };
    if (hits.length === 1) return { found: 'INVOICE', invoice: hits[0]!, rule, evidence: hits[0]!.number };
  }
  return { found: 'NONE', reason: 'No reference of the transfer is that of an invoice.' };
}

/** How much of a payment goes to an invoice: never more than is open, never more than there is. */
export function applicable(unappliedMinor: bigint, openMinor: bigint): bigint {
  return unappliedMinor < openMinor ? unappliedMinor : openMinor;
}

export function paymentDocument(payment: Payment): PaymentDocument {
  const { reference, customerId, receivedDate, currency } = payment;
  return { number: reference, customerId, receivedDate, currency, amountMinor: payment.amountMinor.toString(), reference };
}

export function applicationDocument(application: PaymentApplication, invoiceNumber: string): ApplicationDocument {
  const { paymentId, invoiceId, customerId, appliedDate, currency } = application;
  return { paymentId, invoiceId, invoiceNumber, customerId, appliedDate, currency, amountMinor: application.amountMinor.toString() };
}
