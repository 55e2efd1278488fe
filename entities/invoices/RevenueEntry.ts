import { Entity } from 'typeorm';
import { IdColumn, KeyColumn, MinorColumn, TenantColumn, TextColumn, WholeColumn } from '../columns';

/** What one journal recognized of one obligation: a line of a contract, during one of its terms, in the books of one legal entity. */
@Entity('revenue_entry')
export class RevenueEntry {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('journal_id')
  journalId: string;

  /** Its place in the journal. */
  @KeyColumn('place')
  place: string;

  @IdColumn('contract_id')
  contractId: string;

  @TextColumn('line_key')
  lineKey: string;

  @WholeColumn('term')
  term: number;

  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @TextColumn('month', 7)
  month: string;

  @MinorColumn('amount_minor')
  amountMinor: bigint;
}
