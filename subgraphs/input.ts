import { Field, InputType, Int } from 'type-graphql';
import { type Amount, digitsOf, parseDecimal, parseMinor } from '../entities/money';
import { Refusal } from '../entities/refusal';

/** What every mutation's input may carry. */
@InputType()
export abstract class MutationInput {
  @Field(() => String, { nullable: true, description: 'Same key, same input: the first answer again, and nothing done twice.' })
  idempotencyKey?: string;
}

/** For changes of something that exists. */
@InputType()
export abstract class ChangeInput extends MutationInput {
  @Field(() => Int, { nullable: true, description: 'Refused with VERSION_STALE if the resource is at another version.' })
  expectedVersion?: number;
}

/** An exact amount: minor units, or a decimal; not both. */
@InputType()
export class MoneyInput {
  @Field(() => String, { nullable: true, description: 'Whole minor units: "1230".' })
  amountMinor?: string;

  @Field(() => String, { nullable: true, description: 'A decimal with at most the digits of the currency: "12.30".' })
  amount?: string;

  @Field({ description: 'ISO 4217 code.' })
  currency: string;
}

/** Reads an amount from outside. Refuses CURRENCY_UNKNOWN, AMOUNT_MISSING, AMOUNT_MALFORMED, AMOUNT_TOO_PRECISE, AMOUNT_TOO_LARGE. */
export function readMoney(input: MoneyInput, path: string): Amount {
  digitsOf(input.currency, `${path}.currency`);
  if ((input.amount === undefined || input.amount === null) === (input.amountMinor === undefined || input.amountMinor === null)) {
    throw new Refusal('AMOUNT_MISSING', 'Give either amountMinor or amount.', path);
  }
  const minor =
    input.amountMinor === undefined || input.amountMinor === null
      ? parseDecimal(input.amount!, input.currency, `${path}.amount`)
      : parseMinor(input.amountMinor, `${path}.amountMinor`);
  return { minor, currency: input.currency };
}

/** An amount that must be above nothing. Also refuses AMOUNT_NOT_POSITIVE. */
export function readPositive(input: MoneyInput, path: string): Amount {
  const amount = readMoney(input, path);
  if (amount.minor <= 0n) throw new Refusal('AMOUNT_NOT_POSITIVE', 'The amount must be above zero.', path);
  return amount;
}

const TEXT_MAX = 191;

/** A text that names something: 1 to 191 characters without control characters. Refuses TEXT_INVALID. */
export function readText(text: string, path: string, max = TEXT_MAX): string {
  if (text.trim().length === 0 || text.length > max || /[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed()) {
    throw new Refusal('TEXT_INVALID', `${path} needs 1 to ${max} characters, none of them a control character.`, path);
  }
  return text.normalize('NFC');
}

/** Whole units above zero. Refuses QUANTITY_INVALID. */
export function readQuantity(text: string, path: string): bigint {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new Refusal('QUANTITY_INVALID', `${JSON.stringify(text)} is not a whole number from 1 up.`, path);
  return BigInt(text);
}
