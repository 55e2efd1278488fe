import { Directive, Field, ObjectType } from 'type-graphql';
import type { Refusal } from '../entities/refusal';

/** A mutation that was refused; nothing was written. */
@Directive('@shareable')
@ObjectType({ simpleResolvers: true })
export class Refused {
  @Field({ description: 'Stable code to program against.' })
  code: string;

  @Field({ description: 'What is wrong and what to do, for people.' })
  message: string;

  @Field({ description: 'The input field it is about, or empty.' })
  path: string;

  @Field({ description: 'Whether the same request may succeed later.' })
  retryable: boolean;

  @Field(() => [Refused], { description: 'What else is wrong with the request, as far as it was looked at.' })
  others: Refused[];
}

export function refused(refusal: Refusal): Refused {
  const { code, message, path, retryable, others } = refusal;
  return Object.assign(new Refused(), { code, message, path, retryable, others: others.map(refused) });
}
