import { GraphQLError } from 'graphql';
import {
  Arg, Authorized, Ctx, createUnionType, Directive, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Query, Resolver, Root, Subscription,
} from 'type-graphql';
import { Refusal } from '../../entities/refusal';
import { authorize, forbidReadersToWrite } from '../../gateway/authorization';
import { composeSupergraph } from '../../gateway/compose';
import { inProcessExecution } from '../../gateway/execution';
import type { RequestContext } from '../../subgraphs/context';
import { type Subgraph, type SubgraphDomain, buildSubgraph } from '../../subgraphs/schema';
import { InvoiceState, MinorUnits, Money, Node, RefusalType, loaderOf, open } from './shared';

export { alice, batches, contextOf, open } from './shared';

// --- customers: owns Customer --------------------------------------------------------------------------------------------

@Directive('@key(fields: "id")')
@ObjectType('Customer', { implements: Node, simpleResolvers: true })
class Customer extends Node {
  @Field()
  name: string;
  @Field()
  tenantId: string;
  @Field(() => Money)
  limit: Money;
}

function customer(id: string, tenantId: string): Customer {
  const limit = Object.freeze({ amountMinor: 900n, currency: 'EUR' });
  return Object.freeze(Object.assign(new Customer(), { id, name: `Name of ${id}`, tenantId, limit }));
}

@Resolver(() => Customer)
class CustomerResolver {
  @Query(() => Customer, { nullable: true })
  customer(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Customer | null {
    if (id.includes('broken')) throw new Error(`secret of ${id}`);
    if (id.includes('refused')) throw new Refusal('CUSTOMER_LOCKED', 'This customer is locked.', 'id', true);
    if (id.includes('forbidden')) throw new GraphQLError('Not yours.', { extensions: { code: 'FORBIDDEN' } });
    return id.includes('absent') ? null : customer(id, context.principal.tenantId);
  }
}

export const customers: SubgraphDomain = {
  name: 'customers',
  resolvers: [CustomerResolver],
  orphanedTypes: [],
  references: {
    Customer: async ({ id }, context) => ((await loaderOf('Customer', context).load(id)) === null ? null : customer(id, context.principal.tenantId)),
  },
};

// --- invoices: owns Invoice, adds Customer.invoices --------------------------------------------------------------------------

@Directive('@key(fields: "id")')
@ObjectType('Customer', { implements: Node, simpleResolvers: true })
class InvoicesCustomer extends Node {}

@Directive('@key(fields: "id")')
@Directive('@key(fields: "number entity { code }")')
@ObjectType('Invoice', { implements: Node, simpleResolvers: true })
class Invoice extends Node {
  @Field(() => Int)
  number: number;
  @Field(() => InvoiceState)
  state: InvoiceState;
  @Field(() => Money)
  total: Money;
  customerId: string;
}

@Directive('@shareable')
@ObjectType('Entity', { simpleResolvers: true })
class Entity {
  @Field()
  code: string;
}

@InputType()
class InvoiceFilter {
  @Field(() => InvoiceState, { defaultValue: InvoiceState.OPEN })
  state: InvoiceState;
  @Field(() => MinorUnits, { nullable: true })
  least?: bigint;
}

function invoice(id: string, customerId: string, number = 7): Invoice {
  const state = number % 2 === 1 ? InvoiceState.OPEN : InvoiceState.PAID;
  const total = Object.freeze({ amountMinor: 123456789012345678n + BigInt(number), currency: 'EUR' });
  return Object.freeze(Object.assign(new Invoice(), { id, number, state, total, customerId }));
}

/** The same frozen objects for every request and tenant. */
const sharedInvoices = [invoice('inv_shared', 'cus_shared')];

@Resolver(() => Invoice)
class InvoiceResolver {
  @FieldResolver(() => Entity)
  async entity(): Promise<Entity> {
    return { code: 'DE01' };
  }
  @FieldResolver(() => InvoicesCustomer, { nullable: true })
  customer(@Root() { customerId }: Invoice): InvoicesCustomer {
    return Object.freeze(Object.assign(new InvoicesCustomer(), { id: customerId }));
  }
  @Query(() => [Invoice])
  invoices(@Arg('count', () => Int, { defaultValue: 2 }) count: number, @Arg('customers', () => [ID], { nullable: true }) ids?: string[]): Invoice[] {
    return Array.from({ length: count }, (_, at) => invoice(`inv_${at}`, ids?.[at] ?? `cus_${at}`, at));
  }
  @Query(() => [Invoice])
  shared(): Invoice[] {
    return sharedInvoices;
  }
  @Query(() => [[Invoice]], { nullable: 'itemsAndList' })
  nested(): (Promise<Invoice | null>[] | null)[] {
    return [[Promise.resolve(invoice('inv_1', 'cus_1')), Promise.resolve(null)], null];
  }
  @Query(() => String)
  filtered(
    @Arg('filter', () => InvoiceFilter, { defaultValue: { state: InvoiceState.OPEN } }) filter: InvoiceFilter,
    @Arg('state', () => InvoiceState, { defaultValue: InvoiceState.PAID }) state: InvoiceState,
  ): string {
    return `${filter.state} ${state} ${typeof filter.least} ${String(filter.least)}`;
  }
  @Mutation(() => Invoice)
  async invoiceCustomer(@Arg('customer', () => ID) id: string, @Ctx() context: RequestContext): Promise<Invoice> {
    context.replayed = context.idempotencyKey === 'again';
    return invoice('inv_new', id);
  }
  @Authorized<'approver'>('approver')
  @Query(() => String)
  ledger(): string {
    return 'secret ledger';
  }
}

@Resolver(() => InvoicesCustomer)
class InvoicesCustomerResolver {
  @FieldResolver(() => [Invoice], { nullable: true })
  invoices(@Root() { id }: InvoicesCustomer, @Arg('state', () => InvoiceState, { nullable: true }) state?: InvoiceState): Invoice[] {
    const all = [invoice(`inv_1_${id}`, id, 1), invoice(`inv_2_${id}`, id, 2)];
    return state ? all.filter((each) => each.state === state) : all;
  }
}

const asIs = (reference: object) => reference;

const invoices: SubgraphDomain = {
  name: 'invoices',
  resolvers: [InvoiceResolver, InvoicesCustomerResolver],
  orphanedTypes: [InvoicesCustomer],
  references: {
    Customer: asIs,
    Invoice: async (reference, context) => {
      const id: string = reference.id ?? `inv_${reference.number}_${reference.entity.code}`;
      return (await loaderOf('Invoice', context).load(id)) === null ? null : invoice(id, 'cus_of_reference');
    },
  },
};

// --- payments: owns Payment, knows Invoice by number and entity, node(id), a subscription -----------------------------------

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Customer', { implements: Node, simpleResolvers: true })
class PaymentsCustomer extends Node {}

@Directive('@key(fields: "number entity { code }", resolvable: false)')
@ObjectType('Invoice', { simpleResolvers: true })
class PaymentsInvoice {
  @Field(() => Int)
  number: number;
  @Field(() => Entity)
  entity: Entity;
}

@Directive('@key(fields: "id")')
@ObjectType('Payment', { implements: Node, simpleResolvers: true })
class Payment extends Node {
  @Field(() => Money)
  amount: Money;
  @Field(() => PaymentsInvoice, { nullable: true })
  invoice: PaymentsInvoice | null;
  @Field(() => PaymentsCustomer, { nullable: true })
  payer: PaymentsCustomer | null;
}

@ObjectType({ simpleResolvers: true })
class PaymentChanged {
  @Field()
  cursor: string;
  @Field(() => Payment)
  payment: Payment;
}

const PaymentResult = createUnionType({ name: 'PaymentResult', types: () => [Payment, RefusalType] as const });

function payment(id: string, payer = 'cus_1'): Payment {
  const amount = { amountMinor: 5n, currency: 'JPY' };
  return Object.assign(new Payment(), { id, amount, invoice: { number: 7, entity: { code: 'DE01' } }, payer: { id: payer } });
}

async function* changes(count: number): AsyncGenerator<PaymentChanged> {
  open.feeds++;
  try {
    for (let at = 1; at <= count; at++) yield { cursor: `c${at}`, payment: payment(`pay_${at}`) };
    if (count > 50) await new Promise(() => undefined);
  } finally {
    open.feeds--;
  }
}

@Resolver(() => Payment)
class PaymentResolver {
  @Query(() => Node, { nullable: true })
  node(@Arg('id', () => ID) id: string): Node | null {
    const type = { cus: 'Customer', pay: 'Payment' }[id.slice(0, 3)];
    if (type === 'Payment') return payment(id);
    return type ? ({ __typename: type, id } as unknown as Node) : null;
  }
  @Query(() => [PaymentResult])
  results(): (typeof PaymentResult)[] {
    return [payment('pay_1'), Object.assign(new RefusalType(), { code: 'PAID_ALREADY', message: 'It is paid.' })];
  }
  @Subscription(() => PaymentChanged, { subscribe: ({ args }) => changes(args.count) })
  paymentChanged(@Root() event: PaymentChanged, @Arg('count', () => Int) _count: number): PaymentChanged {
    return event;
  }
}

const payments: SubgraphDomain = {
  name: 'payments',
  resolvers: [PaymentResolver],
  orphanedTypes: [PaymentsCustomer],
  references: { Payment: ({ id }) => (String(id).includes('absent') ? null : payment(id)) },
};

export async function fixtureSubgraphs(): Promise<Subgraph[]> {
  const pubSub = { publish: () => undefined, subscribe: () => changes(0) } as never;
  const options = { authChecker: authorize, beforeMutation: forbidReadersToWrite, pubSub };
  const built: Subgraph[] = [];
  for (const domain of [customers, invoices, payments]) built.push(await buildSubgraph(domain, options));
  return built;
}

export async function fixtureExecution(subgraphs?: Subgraph[]) {
  const all = subgraphs ?? (await fixtureSubgraphs());
  return inProcessExecution(composeSupergraph(all).supergraphSdl, all);
}
