import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, TextColumn, WholeColumn } from '../columns';
import { Resource } from '../resource';
import { usageKey } from '../terms/terms';
import { formatUnits } from '../terms/rating';
import { LocalDate, Node } from '../types';

export enum UsageState {
  /** It may be billed as it is counted. */
  COUNTED = 'COUNTED',
  /** It is unlike what was used before: a person looks at it first. */
  HELD = 'HELD',
  /** A person has looked at it. */
  APPROVED = 'APPROVED',
  /** Events came in or were taken back since: it is counted again before it is billed. */
  STALE = 'STALE',
}
registerEnumType(UsageState, { name: 'UsageState' });

/** What of usage may be billed, as the terms of its contract take it. */
export const billableUsage = (periods: readonly UsagePeriod[]): ReadonlyMap<string, bigint> =>
  new Map(periods.filter(({ state }) => state === UsageState.COUNTED || state === UsageState.APPROVED).map((period) => [usageKey(period), BigInt(period.counted)]));

/** Periods that are counted and not to be counted again. */
export const settledUsage = (periods: readonly UsagePeriod[]): UsagePeriod[] => periods.filter(({ state }) => state !== UsageState.STALE);

/** What one line of a contract used in a stretch of a billing period, as it was counted for billing. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('usage_period')
export class UsagePeriod extends Resource {
  @Field(() => ID)
  @IdColumn('contract_id')
  contractId: string;

  @Field()
  @TextColumn('line_key')
  lineKey: string;

  @Field(() => ID)
  @IdColumn('meter_id')
  meterId: string;

  @Field(() => LocalDate)
  @DayColumn('from_day')
  from: string;

  @Field(() => LocalDate, { description: 'The day after the last one.' })
  @DayColumn('until_day')
  until: string;

  @Field(() => UsageState)
  @TextColumn('state', 20)
  state: UsageState;

  /** In 10^-decimals of the meter's unit. */
  @TextColumn('counted', 40)
  counted: string;

  @WholeColumn('decimals')
  decimals: number;

  @Field(() => Int, { description: 'How many events it was counted from.' })
  @WholeColumn('events')
  eventCount: number;

  @Field(() => String, { nullable: true, description: 'Why it is held, or what was said when it was approved.' })
  @TextColumn('reason', 191, { nullable: true })
  reason: string | null;

  @Field({ description: "In the meter's units." })
  get quantity(): string {
    return formatUnits(BigInt(this.counted), this.decimals);
  }
}
