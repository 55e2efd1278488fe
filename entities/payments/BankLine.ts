import { Entity } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, JsonColumn, KeyColumn, MinorColumn, TenantColumn, TextColumn } from '../columns';

/** One booked line of a statement, kept once however often its file arrives. */
@Entity('bank_line')
export class BankLine {
  @TenantColumn()
  tenantId: string;

  /** SHA-256 of account, statement, bank reference, detail index, amount and sign. */
  @KeyColumn('line_key')
  lineKey: string;

  @IdColumn('statement_id')
  statementId: string;

  @TextColumn('content_hash', 64)
  contentHash: string;

  @DayColumn('booking_date')
  bookingDate: string;

  @TextColumn('currency', 3)
  currency: string;

  /** Money in is positive, money out negative. */
  @MinorColumn('amount_minor')
  amountMinor: bigint;

  @JsonColumn('remittance')
  remittance: string[];

  @IdColumn('payment_id', { nullable: true })
  paymentId: string | null;

  @InstantColumn('created_at_ms')
  createdAtMs: number;
}
