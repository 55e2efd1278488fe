import { createUnionType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Customer } from '../../entities/customers/Customer';
import { ClosedPeriodPolicy, DocumentAuthority, LegalEntity } from '../../entities/customers/LegalEntity';
import { Product } from '../../entities/customers/Product';
import { PriceBook } from '../../entities/customers/PriceBook';
import { ProductAccounting } from '../../entities/customers/ProductAccounting';
import { TaxBuyer } from '../../entities/customers/taxes';
import { TaxRegistration } from '../../entities/customers/TaxRegistration';
import { RevenueMethod } from '../../entities/terms/revenue';
import { LocalDate } from '../../entities/types';
import { connectionOf } from '../connection';
import { ChangeInput, MoneyInput } from '../input';
import { Refused } from '../refusal';

export const CustomerConnection = connectionOf(Customer);
export const LegalEntityConnection = connectionOf(LegalEntity);
export const ProductConnection = connectionOf(Product);

@InputType()
export class UpsertCustomerInput extends ChangeInput {
  @Field({ description: 'The system that owns the customer master, e.g. "crm".', defaultValue: 'crm' })
  system: string;

  @Field({ description: 'The key of the customer there; with the system it gives the id.' })
  key: string;

  @Field()
  name: string;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  countryCode?: string | null;

  @Field()
  currency: string;

  @Field(() => String, { nullable: true, description: 'Its tax number, if it is a business.' })
  taxNumber?: string | null;

  @Field(() => Int, { nullable: true, description: 'Days from an invoice to its due date, 0 to 365; 30 if left out.' })
  paymentTermsDays?: number | null;

  @Field(() => MoneyInput, { nullable: true, description: 'How much it may owe, billed and sold; no limit if left out.' })
  creditLimit?: MoneyInput | null;

  @Field(() => ID, { nullable: true, description: 'Id of the parent customer.' })
  parentId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The customer who gets and pays its invoices; itself if left out.' })
  payerId?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'The billing run puts all that a day brings for it on one invoice of each legal entity and currency. False if left out.' })
  consolidatesInvoices?: boolean | null;
}

@InputType()
export class MergeCustomersInput extends ChangeInput {
  @Field(() => ID, { description: 'The customer that stands for all of them from now on.' })
  customerId: string;

  @Field(() => [ID], { description: 'Those that are the same one; at most a hundred.' })
  mergedIds: string[];
}

@InputType()
export class UnmergeCustomerInput extends ChangeInput {
  @Field(() => ID, { description: 'A customer that was merged and is another one after all.' })
  customerId: string;
}

@InputType()
export class UpsertLegalEntityInput extends ChangeInput {
  @Field({ description: 'Company code; it gives the id.' })
  code: string;

  @Field()
  name: string;

  @Field()
  currency: string;

  @Field({ defaultValue: 'UTC' })
  timeZone: string;

  @Field(() => LocalDate, { description: 'First day of the first accounting period.' })
  booksFrom: string;

  @Field(() => [String], { defaultValue: [] })
  bankAccounts: string[];

  @Field(() => ClosedPeriodPolicy, { nullable: true, description: 'ASK unless said; left as it is when absent.' })
  closedPeriodPolicy?: ClosedPeriodPolicy | null;

  @Field(() => DocumentAuthority, { nullable: true, description: 'Who numbers its invoices and credit memos: GATEWAY unless said; left as it is when absent.' })
  numberAuthority?: DocumentAuthority | null;

  @Field(() => DocumentAuthority, { nullable: true, description: 'Who says what tax its invoices have: GATEWAY unless said; left as it is when absent.' })
  taxAuthority?: DocumentAuthority | null;

  @Field(() => DocumentAuthority, { nullable: true, description: 'In whose books a document must be to count as posted: ERP unless said; left as it is when absent.' })
  postingAuthority?: DocumentAuthority | null;
}

@InputType()
export class UpsertProductInput extends ChangeInput {
  @Field({ description: 'The key of the product in the catalogue; it gives the id.' })
  key: string;

  @Field()
  name: string;

  @Field()
  revenueAccount: string;

  @Field()
  taxCode: string;

  @Field({ description: 'Percent, up to four decimals.' })
  taxRatePercent: string;

  @Field(() => Boolean, { nullable: true, description: 'All of it is one performance obligation, as a project is: changes are caught up in its revenue. False if left out, as of a service.' })
  oneObligation?: boolean | null;
}

@InputType()
export class UpsertProductAccountingInput extends ChangeInput {
  @Field(() => ID)
  productId: string;

  @Field(() => ID)
  legalEntityId: string;

  @Field(() => RevenueMethod, { defaultValue: RevenueMethod.ON_INVOICE })
  revenueMethod: RevenueMethod;

  @Field(() => String, { nullable: true, description: "The product's own, if left out; like the tax below." })
  revenueAccount?: string;

  @Field(() => String, { nullable: true, description: 'Where what is billed waits until it is earned; required unless it is revenue with the invoice.' })
  deferredAccount?: string;

  @Field(() => String, { nullable: true })
  taxCode?: string;

  @Field(() => String, { nullable: true, description: 'Percent, up to four decimals.' })
  taxRatePercent?: string;
}

@InputType()
export class PriceBookEntryInput {
  @Field(() => ID)
  productId: string;

  @Field(() => MoneyInput)
  unitPrice: MoneyInput;
}

@InputType()
export class UpsertPriceBookInput extends ChangeInput {
  @Field({ description: 'The key of the price book in the catalogue; it gives the id.' })
  key: string;

  @Field()
  name: string;

  @Field()
  currency: string;

  @Field(() => LocalDate)
  validFrom: string;

  @Field(() => LocalDate, { nullable: true, description: 'Last day; left out, until further notice.' })
  validTo?: string | null;

  @Field(() => [PriceBookEntryInput])
  entries: PriceBookEntryInput[];
}

@InputType()
export class TaxRateInput {
  @Field({ description: 'The tax code that products have.' })
  category: string;

  @Field(() => TaxBuyer, { defaultValue: TaxBuyer.ANY })
  buyer: TaxBuyer;

  @Field()
  taxCode: string;

  @Field({ description: 'Percent, up to four decimals.' })
  ratePercent: string;

  @Field(() => LocalDate, { description: 'From this day on, until the next one for the same category and buyers.' })
  from: string;
}

@InputType()
export class UpsertTaxRegistrationInput extends ChangeInput {
  @Field(() => ID)
  legalEntityId: string;

  @Field({ description: 'ISO 3166-1 alpha-2, or * for all countries without a registration of their own.' })
  countryCode: string;

  @Field({ description: 'The tax number there.' })
  number: string;

  @Field(() => LocalDate)
  validFrom: string;

  @Field(() => LocalDate, { nullable: true, description: 'Last day; left out, until further notice.' })
  validTo?: string | null;

  @Field(() => [TaxRateInput])
  rates: TaxRateInput[];
}

export enum DuplicateEvidence {
  /** They have one tax number. */
  TAX_NUMBER = 'TAX_NUMBER',
  /** They have one e-mail address. */
  EMAIL = 'EMAIL',
  /** They have one name, written in whatever way, in one country. */
  NAME = 'NAME',
}
registerEnumType(DuplicateEvidence, { name: 'DuplicateEvidence' });

/** Customers that may be one. */
@ObjectType({ simpleResolvers: true })
export class DuplicateCustomers {
  @Field(() => DuplicateEvidence)
  evidence: DuplicateEvidence;

  @Field(() => [Customer])
  customers: Customer[];
}

@InputType()
export class CustomerFilter {
  @Field(() => String, { nullable: true })
  key?: string;

  @Field(() => ID, { nullable: true })
  parentId?: string;
}

export const UpsertCustomerResult = createUnionType({ name: 'UpsertCustomerResult', types: () => [Customer, Refused] as const });
export const MergeCustomersResult = createUnionType({ name: 'MergeCustomersResult', types: () => [Customer, Refused] as const });
export const UnmergeCustomerResult = createUnionType({ name: 'UnmergeCustomerResult', types: () => [Customer, Refused] as const });
export const UpsertLegalEntityResult = createUnionType({ name: 'UpsertLegalEntityResult', types: () => [LegalEntity, Refused] as const });
export const UpsertProductResult = createUnionType({ name: 'UpsertProductResult', types: () => [Product, Refused] as const });
export const UpsertProductAccountingResult = createUnionType({ name: 'UpsertProductAccountingResult', types: () => [ProductAccounting, Refused] as const });
export const UpsertPriceBookResult = createUnionType({ name: 'UpsertPriceBookResult', types: () => [PriceBook, Refused] as const });
export const PriceBookConnection = connectionOf(PriceBook);
export const UpsertTaxRegistrationResult = createUnionType({ name: 'UpsertTaxRegistrationResult', types: () => [TaxRegistration, Refused] as const });
