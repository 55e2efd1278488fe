import { Readable } from 'node:stream';
import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { importBankFile } from '../../connectors/bankFiles';
import { parseId } from '../../entities/ids';
import { BankStatement } from '../../entities/payments/BankStatement';
import { Payment } from '../../entities/payments/Payment';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import { Refusal } from '../../entities/refusal';
import { selectRows } from '../../entities/rows';
import { money } from '../../entities/types';
import { act } from '../act';
import { type Connection, page, PageArgs } from '../connection';
import { MAY, type RequestContext } from '../context';
import { byId, childrenOf } from '../loaders';
import { type Refused, refused } from '../refusal';
import { versionOf } from '../versions';
import {
  ApplyPaymentInput, ApplyPaymentResult, BankStatementConnection, BankStatementImport, ImportBankStatementInput, ImportBankStatementResult,
  PaymentConnection, PaymentFilter, RecordPaymentInput, RecordPaymentResult, UnapplyPaymentInput, UnapplyPaymentResult,
} from './api';
import { MatchingRule, MatchSuggestion, SuggestedPart } from './api/matching';
import { applyPayment } from './commands/applyPayment';
import { recordPayment } from './commands/recordPayment';
import { unapplyPayment } from './commands/unapplyPayment';
import { CustomerOfPayment, InvoiceOfPayment, LegalEntityOfPayment } from './neighbours';
import { matchingRules } from './queries/matchingRules';
import { suggestionsOf } from './queries/suggestionsOf';

@Resolver(() => Payment)
export class PaymentResolver {
  @Query(() => Payment, { nullable: true })
  payment(@Arg('id', () => ID) id: string, @Arg('version', () => Int, { nullable: true }) version: number | null, @Ctx() context: RequestContext) {
    parseId(id, 'pay');
    return version === null || version === undefined ? byId(Payment, context, id) : versionOf(context, Payment, { id, version });
  }

  @Query(() => PaymentConnection)
  payments(
    @Args() args: PageArgs,
    @Arg('filter', () => PaymentFilter, { nullable: true }) filter: PaymentFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Payment>> {
    return page(Payment, context, { ...args, where: { ...filter } });
  }

  @FieldResolver(() => CustomerOfPayment, { nullable: true })
  customer(@Root() payment: Payment) {
    return payment.customerId ? Object.assign(new CustomerOfPayment(), { id: payment.customerId }) : null;
  }

  @FieldResolver(() => LegalEntityOfPayment, { nullable: true })
  legalEntity(@Root() payment: Payment) {
    return Object.assign(new LegalEntityOfPayment(), { id: payment.legalEntityId });
  }

  @FieldResolver(() => [MatchSuggestion], { description: 'The ways in which what is unapplied of it may be meant, the likeliest first, by what is open now; at most five.' })
  async suggestions(@Root() payment: Payment, @Ctx() context: RequestContext): Promise<MatchSuggestion[]> {
    const suggestions = await suggestionsOf(context, payment);
    return suggestions.map(({ parts, evidence, score }) => Object.assign(new MatchSuggestion(), {
      evidence, score,
      parts: parts.map(({ invoice: { id, number, currency }, amountMinor }) => Object.assign(new SuggestedPart(), { invoiceId: id, number, amount: money(amountMinor, currency) })),
    }));
  }

  @Query(() => [MatchingRule], { description: 'How often each rule applied cash, and how often that was taken back.' })
  matchingRules(@Ctx() context: RequestContext) {
    return matchingRules(context);
  }

  @FieldResolver(() => [PaymentApplication])
  applications(@Root() payment: Payment, @Ctx() context: RequestContext) {
    return childrenOf(PaymentApplication, context, { parent: 'paymentId', parentId: payment.id, first: 100 });
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => RecordPaymentResult)
  recordPayment(@Arg('input', () => RecordPaymentInput) input: RecordPaymentInput, @Ctx() context: RequestContext) {
    return act(context, recordPayment, input);
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => ApplyPaymentResult)
  applyPayment(@Arg('input', () => ApplyPaymentInput) input: ApplyPaymentInput, @Ctx() context: RequestContext) {
    return act(context, applyPayment, input);
  }

  @Authorized(MAY.moveMoney)
  @Mutation(() => UnapplyPaymentResult)
  unapplyPayment(@Arg('input', () => UnapplyPaymentInput) input: UnapplyPaymentInput, @Ctx() context: RequestContext) {
    return act(context, unapplyPayment, input);
  }
}

@Resolver(() => PaymentApplication)
export class PaymentApplicationResolver {
  @FieldResolver(() => InvoiceOfPayment, { nullable: true })
  invoice(@Root() application: PaymentApplication) {
    return Object.assign(new InvoiceOfPayment(), { id: application.invoiceId });
  }

  @FieldResolver(() => Payment, { nullable: true })
  payment(@Root() application: PaymentApplication, @Ctx() context: RequestContext) {
    return byId(Payment, context, application.paymentId);
  }
}

@Resolver(() => BankStatement)
export class BankStatementResolver {
  @Query(() => BankStatementConnection)
  bankStatements(@Args() args: PageArgs, @Ctx() context: RequestContext): Promise<Connection<BankStatement>> {
    return page(BankStatement, context, { ...args, where: {} });
  }

  /** Lines have keys of their own, so importing again does nothing twice and needs no idempotency key. */
  @Authorized(MAY.moveMoney)
  @Mutation(() => ImportBankStatementResult)
  async importBankStatement(
    @Arg('input', () => ImportBankStatementInput) input: ImportBankStatementInput,
    @Ctx() context: RequestContext,
  ): Promise<BankStatementImport | Refused> {
    try {
      const { statementIds, ...counts } = await importBankFile(context, () => Readable.from([Buffer.from(input.content)]));
      const where = { tenantId: context.principal.tenantId, id: statementIds };
      const statements = await selectRows(context.reads, BankStatement, { where, orderBy: 'id' });
      return Object.assign(new BankStatementImport(), { statements, ...counts });
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      throw error;
    }
  }
}

@Resolver(() => CustomerOfPayment)
export class CustomerPaymentsResolver {
  @FieldResolver(() => [Payment])
  payments(@Root() customer: CustomerOfPayment, @Arg('first', () => Int, { defaultValue: 20 }) first: number, @Ctx() context: RequestContext) {
    return childrenOf(Payment, context, { parent: 'customerId', parentId: customer.id, first });
  }
}

@Resolver(() => InvoiceOfPayment)
export class InvoiceApplicationsResolver {
  @FieldResolver(() => [PaymentApplication])
  applications(@Root() invoice: InvoiceOfPayment, @Ctx() context: RequestContext) {
    return childrenOf(PaymentApplication, context, { parent: 'invoiceId', parentId: invoice.id, first: 100 });
  }
}
