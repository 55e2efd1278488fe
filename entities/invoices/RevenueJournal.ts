import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, JsonColumn, MinorColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Money, money, Node } from '../types';

/** One side of a revenue journal. */
@ObjectType({ simpleResolvers: true })
export class RevenueJournalLine {
  @Field()
  account: string;

  @Field({ description: 'REVENUE, or DEFERRED for what was billed ahead (below nothing: what is earned ahead of billing).' })
  side: 'REVENUE' | 'DEFERRED';

  @Field(() => ID)
  contractId: string;

  @Field()
  lineKey: string;

  debitMinor: string;
  creditMinor: string;
  currency: string;

  @Field(() => Money)
  get debit(): Money {
    return money(BigInt(this.debitMinor), this.currency);
  }

  @Field(() => Money)
  get credit(): Money {
    return money(BigInt(this.creditMinor), this.currency);
  }
}

/** Revenue recognized in one month of one legal entity's books: what is earned by its end less what earlier journals took. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('revenue_journal')
export class RevenueJournal extends Resource {
  @Field()
  @TextColumn('number', 40)
  number: string;

  @Field(() => ID)
  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field({ description: 'YYYY-MM.' })
  @TextColumn('month', 7)
  month: string;

  @Field(() => LocalDate)
  @DayColumn('journal_date')
  journalDate: string;

  @Field()
  @TextColumn('currency', 3)
  currency: string;

  /** Revenue less what is taken back, in minor units. */
  @MinorColumn('recognized_minor')
  recognizedMinor: bigint;

  @JsonColumn('line_items')
  lineItems: RevenueJournalLine[];

  @Field(() => Money)
  get recognized(): Money {
    return money(this.recognizedMinor, this.currency);
  }

  @Field(() => [RevenueJournalLine])
  get lines(): RevenueJournalLine[] {
    return this.lineItems.map((line) => Object.assign(new RevenueJournalLine(), line));
  }
}
