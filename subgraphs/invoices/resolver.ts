import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { parseId } from '../../entities/ids';
import { AccountingPeriod } from '../../entities/invoices/AccountingPeriod';
import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice, InvoiceAction, InvoiceLine } from '../../entities/invoices/Invoice';
import { Meter } from '../../entities/invoices/Meter';
import { RevenueJournal } from '../../entities/invoices/RevenueJournal';
import { UsagePeriod, UsageState } from '../../entities/invoices/UsagePeriod';
import { act } from '../act';
import { type Connection, page, PageArgs } from '../connection';
import { MAY, type RequestContext } from '../context';
import { byId, childrenOf } from '../loaders';
import { versionOf } from '../versions';
import { Refused } from '../refusal';
import {
  AccountingPeriodConnection, BillContractInput, BillContractResult, BilledContract, ContractRevenue, CreditInvoiceInput, CreditInvoiceResult, InvoiceConnection, InvoiceFilter,
  IssueInvoiceInput, IssueInvoiceResult, MonthOfLedger, PeriodInput, PeriodResult, RebillInvoiceInput, RebillInvoiceResult, RecognizedRevenue, RecognizeRevenueInput, RecognizeRevenueResult, ReopenPeriodInput,
  RevenueJournalConnection, VoidInvoiceInput, VoidInvoiceResult,
} from './api';
import {
  ApproveUsageInput, ApproveUsageResult, CancelUsageInput, CancelUsageResult, LineUsage, MeterConnection, RecordedUsage, RecordUsageInput, RecordUsageResult, UpsertMeterInput, UpsertMeterResult,
  UsageEventPage, UsagePeriodConnection,
} from './api/usage';
import { approveUsage } from './commands/approveUsage';
import { beginPeriodClose } from './commands/beginPeriodClose';
import { billContract } from './commands/billContract';
import { cancelUsage } from './commands/cancelUsage';
import { closePeriod } from './commands/closePeriod';
import { creditInvoice } from './commands/creditInvoice';
import { issueInvoice } from './commands/issueInvoice';
import { rebillInvoice } from './commands/rebillInvoice';
import { recognizeRevenue } from './commands/recognizeRevenue';
import { recordUsage } from './commands/recordUsage';
import { reopenPeriod } from './commands/reopenPeriod';
import { upsertMeter } from './commands/upsertMeter';
import { voidInvoice } from './commands/voidInvoice';
import { ContractOfInvoice, CustomerOfInvoice, LegalEntityOfInvoice } from './neighbours';
import { contractRevenue } from './queries/contractRevenue';
import { eventsOf } from './queries/eventsOf';
import { invoicesOfContract } from './queries/invoicesOfContract';
import { monthOfLedger } from './queries/monthOfLedger';
import { usageOfContract } from './queries/usageOfContract';
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

  @Authorized(MAY.moveMoney)
  @Mutation(() => RebillInvoiceResult, { description: 'Voids an invoice and issues another in its place, which names it.' })
  rebillInvoice(@Arg('input', () => RebillInvoiceInput) input: RebillInvoiceInput, @Ctx() context: RequestContext) {
    return act(context, rebillInvoice, input);
  }

  @FieldResolver(() => Invoice, { nullable: true, description: 'The voided invoice whose place it takes.' })
  rebills(@Root() invoice: Invoice, @Ctx() context: RequestContext) {
    return invoice.rebillsId ? byId(Invoice, context, invoice.rebillsId) : null;
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

/** Meters, and the usage they count. */
@Resolver(() => UsagePeriod)
export class UsageResolver {
  @Query(() => MeterConnection)
  meters(@Args() args: PageArgs, @Ctx() context: RequestContext): Promise<Connection<Meter>> {
    return page(Meter, context, { ...args, where: {} });
  }

  @Query(() => UsagePeriodConnection, { description: 'Usage as it was counted for billing.' })
  usagePeriods(@Args() args: PageArgs, @Arg('state', () => UsageState, { nullable: true }) state: UsageState | null, @Ctx() context: RequestContext): Promise<Connection<UsagePeriod>> {
    return page(UsagePeriod, context, { ...args, where: { state } });
  }

  @FieldResolver(() => UsageEventPage, { description: 'The events it was counted from, and those that came in or were taken back since.' })
  events(@Root() period: UsagePeriod, @Args() args: PageArgs, @Ctx() context: RequestContext) {
    return eventsOf(context, period, args);
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => UpsertMeterResult)
  upsertMeter(@Arg('input', () => UpsertMeterInput) input: UpsertMeterInput, @Ctx() context: RequestContext) {
    return act(context, upsertMeter, input);
  }

  @Authorized(MAY.reportUsage)
  @Mutation(() => RecordUsageResult, { description: 'Takes in events of usage, each once for ever by its source and id; one that is wrong keeps none of the others out.' })
  async recordUsage(@Arg('input', () => RecordUsageInput) input: RecordUsageInput, @Ctx() context: RequestContext) {
    const done = await act(context, recordUsage, input);
    return done instanceof Refused ? done : Object.assign(new RecordedUsage(), done); // the first answer again is a plain value
  }

  @Authorized(MAY.reportUsage)
  @Mutation(() => CancelUsageResult, { description: 'Takes back an event; what was billed of it is credited by the next billing run.' })
  cancelUsage(@Arg('input', () => CancelUsageInput) input: CancelUsageInput, @Ctx() context: RequestContext) {
    return act(context, cancelUsage, input);
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => ApproveUsageResult, { description: 'Lets held usage be billed.' })
  approveUsage(@Arg('input', () => ApproveUsageInput) input: ApproveUsageInput, @Ctx() context: RequestContext) {
    return act(context, approveUsage, input);
  }
}

@Resolver(() => InvoiceLine)
export class InvoiceLineResolver {
  @FieldResolver(() => [UsagePeriod], { description: 'The counted usage it charges, with its events.' })
  usage(@Root() line: InvoiceLine, @Ctx() context: RequestContext) {
    return Promise.all((line.usageIds ?? []).map((id) => byId(UsagePeriod, context, id)));
  }

  @FieldResolver(() => ContractOfInvoice, { nullable: true, description: 'The contract it is of, where the invoice is of several.' })
  contract(@Root() line: InvoiceLine) {
    return line.contractId ? Object.assign(new ContractOfInvoice(), { id: line.contractId }) : null;
  }

  @FieldResolver(() => CustomerOfInvoice, { nullable: true, description: 'Who has what it charges, where another pays.' })
  customer(@Root() line: InvoiceLine) {
    return line.customerId ? Object.assign(new CustomerOfInvoice(), { id: line.customerId }) : null;
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

  @FieldResolver(() => [LineUsage], { description: 'What its lines used, the latest first, at most so many stretches of each line: as counted for billing, or as it is by now.' })
  usage(@Root() contract: ContractOfInvoice, @Arg('first', () => Int, { defaultValue: 3 }) first: number, @Ctx() context: RequestContext) {
    return usageOfContract(context, contract.id, first);
  }

  @FieldResolver(() => [Invoice], { description: 'Those that are of it alone, and those that bill it together with others; the latest first.' })
  invoices(@Root() contract: ContractOfInvoice, @Arg('first', () => Int, { defaultValue: 20 }) first: number, @Ctx() context: RequestContext) {
    return invoicesOfContract(context, contract.id, first);
  }
}
