import { Entity } from 'typeorm';
import { KeyColumn, TenantColumn, WholeColumn } from '../columns';

/** The next number of a gapless document series; taken in the transaction that issues the document. */
@Entity('number_series')
export class NumberSeries {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('series')
  series: string;

  @WholeColumn('next_number')
  nextNumber: number;
}
