import { Entity } from 'typeorm';
import { KeyColumn, TenantColumn, WholeColumn } from '../columns';

/** Who has paid from an account, or under a name, by what was applied. It is written by applying cash, and taken back with it. */
@Entity('payer_alias')
export class PayerAlias {
  @TenantColumn()
  tenantId: string;

  /** A digest of the account, or else of the name. */
  @KeyColumn('alias_key')
  aliasKey: string;

  @KeyColumn('customer_id')
  customerId: string;

  /** Applications that say so, less those taken back. */
  @WholeColumn('confirmed')
  confirmed: number;
}
