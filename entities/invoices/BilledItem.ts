import { Entity } from 'typeorm';
import { dueKey, type BilledItem as Billed } from '../terms/schedule';
import { DayColumn, IdColumn, KeyColumn, MinorColumn, TenantColumn, TextColumn } from '../columns';

/**
 * One line of an invoice or credit memo that bills what a contract owes: for which line of the contract and which billing period. The sum of
 * a contract's items is what was billed, credits taken off; it is never below zero for any line, period, legal entity and customer.
 */
@Entity('billed_item')
export class BilledItem {
  @TenantColumn()
  tenantId: string;

  /** The invoice or credit memo. */
  @KeyColumn('document_id')
  documentId: string;

  @KeyColumn('document_line_id')
  documentLineId: string;

  @IdColumn('contract_id')
  contractId: string;

  @TextColumn('line_key')
  lineKey: string;

  @IdColumn('product_id')
  productId: string;

  @IdColumn('legal_entity_id')
  legalEntityId: string;

  /** Whose contract it was in the part of the period that is billed. */
  @IdColumn('customer_id')
  customerId: string;

  /** First day of the billing period, and the day after its last. */
  @DayColumn('period_from')
  periodFrom: string;

  @DayColumn('period_until')
  periodUntil: string;

  /** The date of the document. */
  @DayColumn('document_date')
  documentDate: string;

  /** Before tax; negative on a credit memo and on the reversal of a voided invoice. */
  @MinorColumn('amount_minor')
  amountMinor: bigint;
}

/** What was billed of one contract so far, by line, billing period and parties, credits taken off. */
export function netOf(rows: readonly BilledItem[]): Billed[] {
  const totals = new Map<string, Billed>();
  for (const { lineKey, periodFrom, legalEntityId, customerId, amountMinor } of rows) {
    const key = dueKey({ lineKey, period: { from: periodFrom }, legalEntityId, customerId });
    totals.set(key, { lineKey, periodFrom, legalEntityId, customerId, amountMinor: (totals.get(key)?.amountMinor ?? 0n) + amountMinor });
  }
  return [...totals.values()];
}
