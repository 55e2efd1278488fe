import { Directive, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { TextColumn, WholeColumn } from '../columns';
import { Resource } from '../resource';
import { Node } from '../types';

export enum MeterAggregation {
  /** What the events say, added up. */
  SUM = 'SUM',
  /** How many events there are. */
  COUNT = 'COUNT',
  /** How many different things the events name. */
  UNIQUE = 'UNIQUE',
  /** The most that any event says. */
  MAX = 'MAX',
  /** What the last event says. */
  LATEST = 'LATEST',
  /** The average over time of a level: each event says it from its time on until the next one, also into later periods. */
  WEIGHTED = 'WEIGHTED',
}
registerEnumType(MeterAggregation, { name: 'MeterAggregation', description: 'How the events of a billing period become one quantity.' });

export enum LateUsage {
  /** Taken; what it changes is billed or credited by the next run, under the date of that run. */
  ADJUST = 'ADJUST',
  /** Refused with USAGE_LATE. */
  REFUSE = 'REFUSE',
}
registerEnumType(LateUsage, { name: 'LateUsage', description: 'What happens to an event of a period that is counted for billing already.' });

/** What is counted of the use of a service, out of events of one type. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('meter')
export class Meter extends Resource {
  @Field({ description: 'The `type` of its events.' })
  @TextColumn('external_key')
  key: string;

  @Field()
  @TextColumn('name')
  name: string;

  @Field({ description: 'What is counted, in the plural: "calls", "GB".' })
  @TextColumn('unit', 40)
  unit: string;

  @Field(() => MeterAggregation)
  @TextColumn('aggregation', 20)
  aggregation: MeterAggregation;

  @Field({ description: "The property of a CloudEvent's data that says how much, or for UNIQUE which thing." })
  @TextColumn('value_field')
  valueField: string;

  @Field(() => Int, { description: 'Digits after the decimal point that quantities have.' })
  @WholeColumn('decimals')
  decimals: number;

  @Field(() => Int, { description: 'Days after a billing period in which its events may still come in before it is billed. Contract lines keep what it was when they were made.' })
  @WholeColumn('grace_days')
  graceDays: number;

  @Field(() => LateUsage)
  @TextColumn('late_usage', 20)
  lateUsage: LateUsage;

  @Field(() => String, { nullable: true, description: 'A billing period with more whole units than this is held until somebody approves it.' })
  @TextColumn('hold_above_units', 20, { nullable: true })
  holdAboveUnits: string | null;

  @Field(() => Int, { nullable: true, description: 'A billing period is held that has more than this many percent of the average, by day, of up to three before it.' })
  @WholeColumn('hold_above_percent', { nullable: true })
  holdAbovePercent: number | null;
}
