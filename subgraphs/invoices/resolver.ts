import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { parseId } from '../../entities/ids';
import { AccountingPeriod } from '../../entities/invoices/AccountingPeriod';
import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice, InvoiceAction } from '../../entities/invoices/Invoice';
import { RevenueJournal } from '../../entities/invoices/RevenueJournal';
import { act } from '../act';
import { type Connection, page, PageArgs } from '../connection';
import { MAY, type RequestContext } from '../context';
import { byId, childrenOf } from '../loaders';
import { versionOf } from '../versions';
import { Refused } from '../refusal';
import {
  AccountingPeriodConnection, BillContractInput, BillContractResult, BilledContract, ContractRevenue, CreditInvoiceInput, CreditInvoiceResult, InvoiceConnection, InvoiceFilter,
  IssueInvoiceInput, IssueInvoiceResult, MonthOfLedger, PeriodInput, PeriodResult, RecognizedRevenue, RecognizeRevenueInput, RecognizeRevenueResult, ReopenPeriodInput,
  RevenueJournalConnection, VoidInvoiceInput, VoidInvoiceResult,
} from './api';
import { beginPeriodClose } from './commands/beginPeriodClose';
import { billContract } from './commands/billContract';
import { closePeriod } from './commands/closePeriod';
import { creditInvoice } from './commands/creditInvoice';
import { issueInvoice } from './commands/issueInvoice';
import { recognizeRevenue } from './commands/recognizeRevenue';
import { reopenPeriod } from './commands/reopenPeriod';
import { voidInvoice } from './commands/voidInvoice';
import { ContractOfInvoice, CustomerOfInvoice, LegalEntityOfInvoice } from './neighbours';
import { contractRevenue } from './queries/contractRevenue';
import { monthOfLedger } from './queries/monthOfLedger';
import { availableActions } from './rules';

@Resolver(() => Invoice)
export class InvoiceResolver {
  @Query(() => Invoice, { nullable: true })
  invoice(@Arg('id', () => ID) id: string, @Arg('version', () => Int, { nullable: true }) version: number | null, @Ctx() context: RequestContext) {
    parseId(id, 'inv');
    return version === null || version === undefined ? byId(Invoice, context, id) : versionOf(context, Invoice, { id, version });
  }

  @Query(() => InvoiceConnection)
  invoices(
    @Args() args: PageArgs,
    @Arg('filter', () => InvoiceFilter, { nullable: true }) filter: InvoiceFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Invoice>> {
    return page(Invoice, context, { ...args, where: { ...filter } });
  }

  @FieldResolver(() => CustomerOfInvoice, { nullable: true })
  customer(@Root() invoice: Invoice) {
    return Object.assign(new CustomerOfInvoice(), { id: invoice.customerId });
  }

  @FieldResolver(() => ContractOfInvoice, { nullable: true })
  contract(@Root() invoice: Invoice) {
    return invoice.contractId ? Object.assign(new ContractOfInvoice(), { id: invoice.contractId }) : null;
  }

  @FieldResolver(() => LegalEntityOfInvoice, { nullable: true })
  legalEntity(@Root() invoice: Invoice) {
    return Object.assign(new LegalEntityOfInvoice(), { id: invoice.legalEntityId });
  }

  @FieldResolver(() => [InvoiceAction], { description: 'What may be done with it now. Its third axis, how far billing and ERP have it, is `sync`.' })
  availableActions(@Root() invoice: Invoice) {
    return availableActions(invoice);
  }

  @FieldResolver(() => [CreditMemo])
  creditMemos(@Root() invoice: Invoice, @Ctx() context: RequestContext) {
    return childrenOf(CreditMemo, context, { parent: 'invoiceId', parentId: invoice.id, first: 100 });
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => IssueInvoiceResult)
  issueInvoice(@Arg('input', () => IssueInvoiceInput) input: IssueInvoiceInput, @Ctx() context: RequestContext) {
    return act(context, issueInvoice, input);
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => BillContractResult, { description: 'Bills what a contract owes and was not billed, and credits what was billed and is not owed. Doing it again does nothing.' })
  async billContract(@Arg('input', () => BillContractInput) input: BillContractInput, @Ctx() context: RequestContext) {
    const done = await act(context, billContract, input);
    if (done instanceof Refused) return done;
    const of = <T extends { id: string }>(entity: new () => T, ids: string[]) => Promise.all(ids.map((id) => byId(entity, context, id)));
    return Object.assign(new BilledContract(), {
      invoices: await of(Invoice, done.invoiceIds), creditMemos: await of(CreditMemo, done.creditMemoIds), nextBillOn: done.nextBillOn,
    });
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => CreditInvoiceResult)
  creditInvoice(@Arg('input', () => CreditInvoiceInput) input: CreditInvoiceInput, @Ctx() context: RequestContext) {
    return act(context, creditInvoice, input);
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => VoidInvoiceResult)
  voidInvoice(@Arg('input', () => VoidInvoiceInput) input: VoidInvoiceInput, @Ctx() context: RequestContext) {
    return act(context, voidInvoice, input);
  }
}

/** Revenue, and the months of the books. */
@Resolver(() => AccountingPeriod)
export class LedgerResolver {
  @Query(() => AccountingPeriodConnection)
  accountingPeriods(@Args() args: PageArgs, @Arg('legalEntityId', () => ID, { nullable: true }) legalEntityId: string | null, @Ctx() context: RequestContext): Promise<Connection<AccountingPeriod>> {
    return page(AccountingPeriod, context, { ...args, where: { legalEntityId } });
  }

  @Query(() => MonthOfLedger, { nullable: true, description: "A month of a legal entity's books: its state, what keeps it from being closed, and its report." })
  monthOfLedger(@Arg('legalEntityId', () => ID) legalEntityId: string, @Arg('month') month: string, @Ctx() context: RequestContext) {
    return monthOfLedger(context, { legalEntityId: parseId(legalEntityId, 'ent'), month });
  }

  @Query(() => RevenueJournalConnection)
  revenueJournals(@Args() args: PageArgs, @Arg('legalEntityId', () => ID, { nullable: true }) legalEntityId: string | null, @Ctx() context: RequestContext): Promise<Connection<RevenueJournal>> {
    return page(RevenueJournal, context, { ...args, where: { legalEntityId } });
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => PeriodResult)
  beginPeriodClose(@Arg('input', () => PeriodInput) input: PeriodInput, @Ctx() context: RequestContext) {
    return act(context, beginPeriodClose, input);
  }

  @Authorized(MAY.sign)
  @Mutation(() => PeriodResult, { description: 'By a second person: nothing is dated into the month any more.' })
  closePeriod(@Arg('input', () => PeriodInput) input: PeriodInput, @Ctx() context: RequestContext) {
    return act(context, closePeriod, input);
  }

  @Authorized(MAY.sign)
  @Mutation(() => PeriodResult)
  reopenPeriod(@Arg('input', () => ReopenPeriodInput) input: ReopenPeriodInput, @Ctx() context: RequestContext) {
    return act(context, reopenPeriod, input);
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => RecognizeRevenueResult, { description: 'Recognizes what is earned by the end of a month and not recognized yet. Doing it again makes nothing.' })
  async recognizeRevenue(@Arg('input', () => RecognizeRevenueInput) input: RecognizeRevenueInput, @Ctx() context: RequestContext) {
    const done = await act(context, recognizeRevenue, input);
    if (done instanceof Refused) return done;
    const journals = await Promise.all(done.journalIds.map((id) => byId(RevenueJournal, context, id)));
    return Object.assign(new RecognizedRevenue(), { journals, last: done.last });
  }
}

@Resolver(() => CreditMemo)
export class CreditMemoResolver {
  @FieldResolver(() => Invoice, { nullable: true })
  invoice(@Root() memo: CreditMemo, @Ctx() context: RequestContext) {
    return byId(Invoice, context, memo.invoiceId);
  }
}

@Resolver(() => CustomerOfInvoice)
export class CustomerInvoicesResolver {
  @FieldResolver(() => [Invoice])
  invoices(@Root() customer: CustomerOfInvoice, @Arg('first', () => Int, { defaultValue: 20 }) first: number, @Ctx() context: RequestContext) {
    return childrenOf(Invoice, context, { parent: 'customerId', parentId: customer.id, first });
  }
}

@Resolver(() => ContractOfInvoice)
export class ContractInvoicesResolver {
  @FieldResolver(() => ContractRevenue, { nullable: true, description: 'What it earns, month by month, of lines whose revenue is spread over time.' })
  revenue(@Root() contract: ContractOfInvoice, @Ctx() context: RequestContext) {
    return contractRevenue(context, contract.id);
  }

  @FieldResolver(() => [Invoice])
  invoices(@Root() contract: ContractOfInvoice, @Arg('first', () => Int, { defaultValue: 20 }) first: number, @Ctx() context: RequestContext) {
    return childrenOf(Invoice, context, { parent: 'contractId', parentId: contract.id, first });
  }
}
