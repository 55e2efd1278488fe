import { createUnionType, Field, ID, InputType } from 'type-graphql';
import { CaseState, CollectionCase } from '../../entities/collections/CollectionCase';
import { connectionOf } from '../connection';
import { ChangeInput, MutationInput } from '../input';
import { Refused } from '../refusal';

export const CollectionCaseConnection = connectionOf(CollectionCase);

@InputType()
export class OpenCollectionCaseInput extends MutationInput {
  @Field(() => ID)
  customerId: string;

  @Field(() => ID)
  legalEntityId: string;
}

@InputType()
export class AdvanceCollectionCaseInput extends ChangeInput {
  @Field(() => ID)
  caseId: string;
}

@InputType()
export class CloseCollectionCaseInput extends ChangeInput {
  @Field(() => ID)
  caseId: string;

  @Field()
  reason: string;
}

@InputType()
export class CollectionCaseFilter {
  @Field(() => ID, { nullable: true })
  customerId?: string;

  @Field(() => CaseState, { nullable: true })
  state?: CaseState;
}

const result = (name: string) => createUnionType({ name, types: () => [CollectionCase, Refused] as const });
export const OpenCollectionCaseResult = result('OpenCollectionCaseResult');
export const AdvanceCollectionCaseResult = result('AdvanceCollectionCaseResult');
export const CloseCollectionCaseResult = result('CloseCollectionCaseResult');
