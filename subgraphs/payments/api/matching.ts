import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { Money } from '../../../entities/types';

@ObjectType({ simpleResolvers: true })
export class SuggestedPart {
  @Field(() => ID)
  invoiceId: string;

  @Field({ description: 'The number of the invoice.' })
  number: string;

  @Field(() => Money)
  amount: Money;
}

/** A way in which a payment may be meant. */
@ObjectType({ simpleResolvers: true })
export class MatchSuggestion {
  @Field(() => [SuggestedPart])
  parts: SuggestedPart[];

  @Field(() => [String], { description: 'What speaks for it, and against.' })
  evidence: string[];

  @Field(() => Float, { description: 'The higher, the likelier; it compares suggestions of one payment only.' })
  score: number;
}

/** How well a matching rule does. */
@ObjectType({ simpleResolvers: true })
export class MatchingRule {
  @Field()
  rule: string;

  @Field(() => Int, { description: 'How often it applied cash.' })
  applied: number;

  @Field(() => Int, { description: 'How often that was taken back.' })
  takenBack: number;

  @Field(() => Float, { description: '1 if nothing was taken back.' })
  precision: number;
}
