import { Entity } from 'typeorm';
import { DayColumn, IdColumn, KeyColumn, MinorColumn, TenantColumn, TextColumn } from '../columns';

/**
 * One line of an invoice or credit memo that bills what a contract owes: for which line of the contract and which billing period. The sum of
 * a contract's items is what was billed, credits taken off; it is never below zero for any line, period and legal entity.
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
