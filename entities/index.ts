import { CollectionCase } from './collections/CollectionCase';
import { Contract } from './contracts/Contract';
import { ContractAmendment } from './contracts/ContractAmendment';
import { CustomerSubscription } from './contracts/CustomerSubscription';
import { Customer } from './customers/Customer';
import { LegalEntity } from './customers/LegalEntity';
import { PriceBook } from './customers/PriceBook';
import { Product } from './customers/Product';
import { ProductAccounting } from './customers/ProductAccounting';
import { TaxRegistration } from './customers/TaxRegistration';
import { AccountingPeriod } from './invoices/AccountingPeriod';
import { BilledItem } from './invoices/BilledItem';
import { BillingCursor } from './invoices/BillingCursor';
import { CreditMemo } from './invoices/CreditMemo';
import { Invoice } from './invoices/Invoice';
import { Meter } from './invoices/Meter';
import { NumberSeries } from './invoices/NumberSeries';
import { RevenueEntry } from './invoices/RevenueEntry';
import { RevenueJournal } from './invoices/RevenueJournal';
import { UsageEvent } from './invoices/UsageEvent';
import { UsagePeriod } from './invoices/UsagePeriod';
import { AccessToken } from './operations/AccessToken';
import { AuditEntry } from './operations/AuditEntry';
import { Change } from './operations/Change';
import { Channel } from './operations/Channel';
import { ExceptionItem } from './operations/ExceptionItem';
import { IdempotencyKey } from './operations/IdempotencyKey';
import { Lane } from './operations/Lane';
import { Lease } from './operations/Lease';
import { PeriodHold } from './operations/PeriodHold';
import { Posting } from './operations/Posting';
import { PostingAnswer } from './operations/PostingAnswer';
import { PostingDependency } from './operations/PostingDependency';
import { ResourceVersion } from './operations/ResourceVersion';
import { Tenant } from './operations/Tenant';
import { BankLine } from './payments/BankLine';
import { PayerAlias } from './payments/PayerAlias';
import { BankStatement } from './payments/BankStatement';
import { Payment } from './payments/Payment';
import { PaymentApplication } from './payments/PaymentApplication';

/** The tables by owner: only commands of the owning domain write them; `act` refuses anybody else. */
export const ENTITIES = {
  customers: [Customer, LegalEntity, Product, ProductAccounting, PriceBook, TaxRegistration],
  contracts: [Contract, ContractAmendment, CustomerSubscription],
  invoices: [Invoice, CreditMemo, BilledItem, BillingCursor, NumberSeries, RevenueJournal, RevenueEntry, AccountingPeriod, Meter, UsageEvent, UsagePeriod],
  payments: [Payment, PaymentApplication, BankStatement, BankLine, PayerAlias],
  collections: [CollectionCase],
  operations: [
    Posting, PostingDependency, PostingAnswer, PeriodHold, Lane, Channel, ExceptionItem, Change, ResourceVersion, AuditEntry, IdempotencyKey, Lease, Tenant, AccessToken,
  ],
} as const;
export type DomainName = keyof typeof ENTITIES;

export const ALL_ENTITIES: Function[] = Object.values(ENTITIES).flat();
const OWNERS = new Map<Function, DomainName>(
  Object.entries(ENTITIES).flatMap(([domain, classes]) => classes.map((entity) => [entity as Function, domain as DomainName] as const)),
);

/** The domain that may write an entity. */
export function ownerOf(entity: Function): DomainName {
  const owner = OWNERS.get(entity);
  if (!owner) throw new Error(`${entity.name} is in no domain's list in entities/index.ts`);
  return owner;
}
