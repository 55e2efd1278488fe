import { Entity } from 'typeorm';
import { KeyColumn, TenantColumn } from '../columns';

/** `postingId` goes out only when `dependsOn` is POSTED. */
@Entity('posting_dependency')
export class PostingDependency {
  @TenantColumn()
  tenantId: string;

  @KeyColumn('posting_id')
  postingId: string;

  @KeyColumn('depends_on')
  dependsOn: string;
}
