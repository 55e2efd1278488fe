import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, JsonColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Node } from '../types';

/** What becomes of a document whose date lies in a period that the books have closed. */
export enum ClosedPeriodPolicy {
  /** A person proposes a posting date, a second one approves it. */
  ASK = 'ASK',
  /** It is sent again from time to time until the period is open again. */
  WAIT = 'WAIT',
  /** It is booked on the first open day after its own. */
  NEXT_OPEN = 'NEXT_OPEN',
}
registerEnumType(ClosedPeriodPolicy, { name: 'ClosedPeriodPolicy' });

/** Who says what is final of the documents of a legal entity. */
export enum DocumentAuthority {
  /** This product. */
  GATEWAY = 'GATEWAY',
  BILLING = 'BILLING',
  ERP = 'ERP',
}
registerEnumType(DocumentAuthority, { name: 'DocumentAuthority' });

/** A company of the tenant's group that issues invoices and keeps books: one company code in the ERP. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('legal_entity')
export class LegalEntity extends Resource {
  @Field({ description: 'Company code, the same in every ERP.' })
  @TextColumn('code', 20)
  code: string;

  @Field()
  @TextColumn('name')
  name: string;

  @Field({ description: 'ISO 4217 code of its books.' })
  @TextColumn('currency', 3)
  currency: string;

  @Field({ description: 'IANA time zone: its days begin and end there.' })
  @TextColumn('time_zone', 60)
  timeZone: string;

  @Field(() => LocalDate, { description: 'First day of the first accounting period; nothing is dated before it.' })
  @DayColumn('books_from')
  booksFrom: string;

  @Field(() => [String], { description: 'IBANs or account numbers whose statements it takes in.' })
  @JsonColumn('bank_accounts')
  bankAccounts: string[];

  @Field(() => ClosedPeriodPolicy, { description: 'What becomes of a document whose date lies in a period that the books have closed.' })
  @TextColumn('closed_period_policy', 20, { default: ClosedPeriodPolicy.ASK })
  closedPeriodPolicy: ClosedPeriodPolicy;

  @Field(() => DocumentAuthority, { description: 'Who numbers its invoices and credit memos.' })
  @TextColumn('number_authority', 20, { default: DocumentAuthority.GATEWAY })
  numberAuthority: DocumentAuthority;

  @Field(() => DocumentAuthority, { description: 'Who says what tax its invoices have in the end.' })
  @TextColumn('tax_authority', 20, { default: DocumentAuthority.GATEWAY })
  taxAuthority: DocumentAuthority;

  @Field(() => DocumentAuthority, { description: 'In whose books a document must be to count as posted.' })
  @TextColumn('posting_authority', 20, { default: DocumentAuthority.ERP })
  postingAuthority: DocumentAuthority;
}
