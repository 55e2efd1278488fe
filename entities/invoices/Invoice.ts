import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import type { Given } from '../../sync/documents';
import { DayColumn, IdColumn, JsonColumn, MinorColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { Refusal } from '../refusal';
import { LocalDate, Money, money, Node } from '../types';

export enum InvoiceState {
  ISSUED = 'ISSUED',
  VOIDED = 'VOIDED',
}
registerEnumType(InvoiceState, { name: 'InvoiceState' });

export enum SettlementState {
  UNPAID = 'UNPAID',
  PARTLY_PAID = 'PARTLY_PAID',
  PAID = 'PAID',
  /** Nothing is owed, for the invoice was voided. */
  VOIDED = 'VOIDED',
}
registerEnumType(SettlementState, { name: 'SettlementState' });

export const DocumentGiven = { NUMBER: 'NUMBER', TAX: 'TAX' } as const satisfies Record<Given, Given>;
registerEnumType(DocumentGiven, { name: 'DocumentGiven', description: 'What another system says of a document in our place.' });

@ObjectType({ simpleResolvers: true })
export class InvoiceLine {
  @Field(() => ID)
  lineId: string;

  @Field(() => ID)
  productId: string;

  @Field()
  description: string;

  @Field()
  quantity: string;

  @Field(() => ID, { nullable: true, description: 'On a credit memo: the line of the invoice that it takes back.' })
  ofLineId: string | null;

  @Field()
  taxCode: string;

  @Field()
  taxRatePercent: string;

  @Field()
  revenueAccount: string;

  @Field(() => LocalDate, { nullable: true, description: 'First day of what it is charged for, if it is charged for a time.' })
  serviceFrom?: string;

  @Field(() => LocalDate, { nullable: true, description: 'The day after the last one.' })
  serviceUntil?: string;

  @Field(() => String, { nullable: true, description: 'Account where it waits until it is earned; revenue with the invoice if there is none.' })
  deferredAccount?: string;

  usageIds?: string[];
  contractId?: string;
  customerId?: string;

  unitPriceMinor: string;
  netMinor: string;
  taxMinor: string;
  currency: string;

  @Field(() => Money)
  get unitPrice(): Money {
    return money(BigInt(this.unitPriceMinor), this.currency);
  }

  @Field(() => Money)
  get net(): Money {
    return money(BigInt(this.netMinor), this.currency);
  }

  @Field(() => Money)
  get tax(): Money {
    return money(BigInt(this.taxMinor), this.currency);
  }
}

export const invoiceLinesOf = (lines: InvoiceLine[]) => lines.map((line) => Object.assign(new InvoiceLine(), line));

/** Something that may be done with an invoice now, and where it leads. */
@ObjectType({ simpleResolvers: true })
export class InvoiceAction {
  @Field({ description: 'The mutation.' })
  mutation: string;

  @Field({ description: 'DOCUMENT or SETTLEMENT: which axis it moves.' })
  axis: string;

  @Field(() => [String], { description: 'The states of that axis it may lead to.' })
  leadsTo: string[];
}

/** A receivable. `state` is the document's, `settlement` the money's; neither follows from the other. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('invoice')
export class Invoice extends Resource {
  @Field({ description: 'Gapless per legal entity. Where another system numbers, a provisional one until that has it in its books.' })
  @TextColumn('number', 40)
  number: string;

  @Field(() => [DocumentGiven], { description: 'What is provisional, until the authority of its legal entity has it in its books.' })
  @JsonColumn('provisional', { default: '[]' })
  provisional: Given[];

  @Field({ description: 'The key of the document in the system that asked for it; the id is computed from it.' })
  @TextColumn('reference')
  reference: string;

  @Field({ description: 'ISO 11649 creditor reference for the payer to quote.' })
  @TextColumn('payment_reference', 25)
  paymentReference: string;

  @IdColumn('customer_id')
  customerId: string;

  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @IdColumn('contract_id', { nullable: true })
  contractId: string | null;

  @Field(() => InvoiceState)
  @TextColumn('state', 20)
  state: InvoiceState;

  @Field(() => SettlementState)
  @TextColumn('settlement', 20)
  settlement: SettlementState;

  @Field(() => LocalDate)
  @DayColumn('invoice_date')
  invoiceDate: string;

  @Field(() => LocalDate)
  @DayColumn('due_date')
  dueDate: string;

  @Field()
  @TextColumn('currency', 3)
  currency: string;

  @MinorColumn('net_minor')
  netMinor: bigint;

  @MinorColumn('tax_minor')
  taxMinor: bigint;

  @MinorColumn('total_minor')
  totalMinor: bigint;

  @MinorColumn('open_minor')
  openMinor: bigint;

  @MinorColumn('credited_minor')
  creditedMinor: bigint;

  @IdColumn('rebills_id', { nullable: true })
  rebillsId: string | null;

  @JsonColumn('line_items')
  lineItems: InvoiceLine[];

  @Field(() => [InvoiceLine])
  get lines(): InvoiceLine[] {
    return invoiceLinesOf(this.lineItems);
  }

  @Field(() => Money)
  get net(): Money {
    return money(this.netMinor, this.currency);
  }

  @Field(() => Money)
  get tax(): Money {
    return money(this.taxMinor, this.currency);
  }

  @Field(() => Money)
  get total(): Money {
    return money(this.totalMinor, this.currency);
  }

  @Field(() => Money, { description: 'What is still to be paid.' })
  get open(): Money {
    return money(this.openMinor, this.currency);
  }
}

/** Refuses DOCUMENT_PROVISIONAL while it is not certain what an invoice comes to. */
export function checkFinal({ number, provisional }: Pick<Invoice, 'number' | 'provisional'>, path: string): void {
  if (provisional.includes('TAX')) throw new Refusal('DOCUMENT_PROVISIONAL', `It is not certain yet what tax ${number} has: who says so does not have it in its books.`, path, true);
}
