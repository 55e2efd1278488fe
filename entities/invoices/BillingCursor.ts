import { Entity } from 'typeorm';
import { DayColumn, IdColumn, KeyColumn, TenantColumn } from '../columns';

/** The next day on which a contract has something to bill: what the billing run finds its work by. */
@Entity('billing_cursor')
export class BillingCursor {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('contract_id')
  contractId: string;

  /** Who billed the contract when the day was set. */
  @IdColumn('legal_entity_id')
  legalEntityId: string;

  /** Who gets it on one invoice with what else is due of its payer's; null if the contract has invoices of its own. */
  @IdColumn('consolidated_for', { nullable: true })
  consolidatedFor: string | null;

  /** Null when nothing falls due any more. */
  @DayColumn('next_bill_on', { nullable: true })
  nextBillOn: string | null;
}
