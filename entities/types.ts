import { GraphQLScalarType, GraphQLError, Kind } from 'graphql';
import { Directive, Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import { formatDecimal } from './money';

/** Anything that has a global id. */
@InterfaceType({ autoRegisterImplementations: false })
export abstract class Node {
  @Field(() => ID)
  id: string;
}

/** An exact amount of one currency. */
@Directive('@shareable')
@ObjectType({ simpleResolvers: true })
export class Money {
  @Field({ description: 'Whole minor units: "1230" is 12.30 of a two-decimal currency.' })
  amountMinor: string;

  @Field({ description: 'ISO 4217 code.' })
  currency: string;

  @Field({ description: 'The same as a decimal, for people.' })
  amount: string;
}

export function money(minor: bigint, currency: string): Money {
  return Object.assign(new Money(), { amountMinor: minor.toString(), currency, amount: formatDecimal(minor, currency) });
}

@Directive('@shareable')
@ObjectType({ simpleResolvers: true })
export class PageInfo {
  @Field()
  hasNextPage: boolean;

  @Field(() => String, { nullable: true })
  endCursor: string | null;
}

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

function day(value: unknown): string {
  if (typeof value !== 'string' || !DAY.test(value) || !isCalendarDay(value)) {
    throw new GraphQLError(`${JSON.stringify(value)} is not a day as YYYY-MM-DD.`, { extensions: { code: 'DATE_MALFORMED' } });
  }
  return value;
}

function isCalendarDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A calendar day `YYYY-MM-DD` in the legal entity's zone. */
export const LocalDate = new GraphQLScalarType({
  name: 'LocalDate',
  description: 'A calendar day as YYYY-MM-DD, in the zone of the legal entity.',
  serialize: (value) => value,
  parseValue: day,
  parseLiteral: (node) => day(node.kind === Kind.STRING ? node.value : null),
});

/** A JSON value, for data whose shape the event's schema gives. */
export const Json = new GraphQLScalarType({
  name: 'JSON',
  description: 'A JSON value; its shape is given by the schema that the field names.',
  serialize: (value) => value,
});
