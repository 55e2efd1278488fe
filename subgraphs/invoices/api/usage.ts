import { createUnionType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { LateUsage, Meter, MeterAggregation } from '../../../entities/invoices/Meter';
import { UsageEvent } from '../../../entities/invoices/UsageEvent';
import { UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { LocalDate, Money, PageInfo } from '../../../entities/types';
import { connectionOf } from '../../connection';
import { ChangeInput, MutationInput } from '../../input';
import { Refused } from '../../refusal';

@InputType()
export class UpsertMeterInput extends ChangeInput {
  @Field({ description: 'The `type` of its events; it gives the id.' })
  key: string;

  @Field()
  name: string;

  @Field({ description: 'What is counted, in the plural: "calls", "GB".' })
  unit: string;

  @Field(() => MeterAggregation, { description: 'For ever.' })
  aggregation: MeterAggregation;

  @Field(() => String, { nullable: true, description: "The property of a CloudEvent's data that says how much, or for UNIQUE which thing; `value` if left out." })
  valueField?: string;

  @Field(() => Int, { nullable: true, description: 'Digits after the decimal point of quantities, 0 to 9, for ever; 0 if left out.' })
  decimals?: number;

  @Field(() => Int, { nullable: true, description: 'Days after a billing period in which events may still come in before it is billed: 0 to 60; 0 if left out.' })
  graceDays?: number;

  @Field(() => LateUsage, { nullable: true, description: 'ADJUST if left out.' })
  lateUsage?: LateUsage;

  @Field(() => String, { nullable: true, description: 'Holds a billing period with more whole units than this until somebody approves it.' })
  holdAboveUnits?: string;

  @Field(() => Int, { nullable: true, description: 'Holds a billing period with more than this many percent of the average of up to three before it.' })
  holdAbovePercent?: number;
}

@InputType()
export class UsageEventInput {
  @Field({ description: 'Who sends it. Source and id name the event for ever.' })
  source: string;

  @Field()
  id: string;

  @Field({ description: 'The key of a meter.' })
  type: string;

  @Field({ description: 'The number of a contract, or its id.' })
  subject: string;

  @Field({ description: 'When it was used: ISO 8601 with zone.' })
  time: string;

  @Field(() => String, { nullable: true, description: 'How much, as a decimal, or for UNIQUE which thing; nothing for COUNT.' })
  value?: string;
}

@InputType()
export class RecordUsageInput extends MutationInput {
  @Field(() => [UsageEventInput], { description: '1 to 5,000.' })
  events: UsageEventInput[];
}

export enum UsageVerdict {
  ACCEPTED = 'ACCEPTED',
  /** It was taken before. */
  DUPLICATE = 'DUPLICATE',
  /** Another event was taken under this source and id. */
  CONFLICT = 'CONFLICT',
  /** It cannot be taken. */
  REFUSED = 'REFUSED',
}
registerEnumType(UsageVerdict, { name: 'UsageVerdict' });

@ObjectType({ simpleResolvers: true })
export class UsageOutcome {
  @Field()
  source: string;

  @Field()
  id: string;

  @Field(() => UsageVerdict)
  verdict: UsageVerdict;

  @Field(() => Refused, { nullable: true, description: 'Why it was not taken.' })
  refusal: Refused | null;
}

/** What became of a batch of events. What is ACCEPTED or a DUPLICATE is stored. */
@ObjectType({ simpleResolvers: true })
export class RecordedUsage {
  @Field(() => [UsageOutcome], { description: 'In the order of the batch.' })
  events: UsageOutcome[];

  @Field(() => Int)
  accepted: number;

  @Field(() => [UsageOutcome], { description: 'Those that are in conflict or refused.' })
  failed: UsageOutcome[];
}

@InputType()
export class CancelUsageInput extends MutationInput {
  @Field()
  source: string;

  @Field()
  id: string;

  @Field()
  reason: string;
}

@InputType()
export class ApproveUsageInput extends ChangeInput {
  @Field(() => ID)
  usageId: string;

  @Field()
  reason: string;
}

/** Units that are charged in one tier of a rate plan. */
@ObjectType({ simpleResolvers: true })
export class ChargedTier {
  @Field(() => Int, { description: 'Counted from 1.' })
  tier: number;

  @Field()
  quantity: string;

  @Field(() => Money)
  amount: Money;
}

/** What a line of a contract used in a stretch of a billing period, and what it costs. */
@ObjectType({ simpleResolvers: true })
export class LineUsage {
  @Field()
  lineKey: string;

  @Field(() => ID)
  meterId: string;

  @Field(() => LocalDate)
  from: string;

  @Field(() => LocalDate, { description: 'The day after the last one.' })
  until: string;

  @Field(() => UsagePeriod, { nullable: true, description: 'As it was counted for billing; null as long as it is not, then all else here is as of now.' })
  counted: UsagePeriod | null;

  @Field()
  quantity: string;

  @Field(() => Int)
  eventCount: number;

  @Field({ description: 'Of it, what the plan includes.' })
  included: string;

  @Field({ description: 'Of it, what was paid for ahead.' })
  prepaid: string;

  @Field(() => [ChargedTier])
  charged: ChargedTier[];

  @Field(() => Money, { description: 'What fills it up to the minimum.' })
  shortfall: Money;

  @Field(() => Money, { description: 'Before tax.' })
  amount: Money;
}

/** Events in order of time. */
@ObjectType({ simpleResolvers: true })
export class UsageEventPage {
  @Field(() => [UsageEvent])
  nodes: UsageEvent[];

  @Field()
  pageInfo: PageInfo;
}

export const UpsertMeterResult = createUnionType({ name: 'UpsertMeterResult', types: () => [Meter, Refused] as const });
export const RecordUsageResult = createUnionType({ name: 'RecordUsageResult', types: () => [RecordedUsage, Refused] as const });
export const CancelUsageResult = createUnionType({ name: 'CancelUsageResult', types: () => [UsageEvent, Refused] as const });
export const ApproveUsageResult = createUnionType({ name: 'ApproveUsageResult', types: () => [UsagePeriod, Refused] as const });
export const MeterConnection = connectionOf(Meter);
export const UsagePeriodConnection = connectionOf(UsagePeriod);
