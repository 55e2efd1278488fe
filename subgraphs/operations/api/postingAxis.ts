import { Field, ObjectType } from 'type-graphql';
import { DocumentAuthority } from '../../../entities/customers/LegalEntity';
import { BACKEND_STATES } from '../api';
import type { BackendState } from '../rules';

/** Whether a document counts as posted: by the word of the system that its legal entity has made the authority. */
@ObjectType({ simpleResolvers: true })
export class PostingAxis {
  @Field(() => DocumentAuthority)
  authority: DocumentAuthority;

  @Field(() => BACKEND_STATES, { description: 'IN_SYNC if it is posted.' })
  state: BackendState;
}
