import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Customer } from '../../entities/customers/Customer';
import { LegalEntity } from '../../entities/customers/LegalEntity';
import { Product } from '../../entities/customers/Product';
import { PriceBook } from '../../entities/customers/PriceBook';
import { ProductAccounting } from '../../entities/customers/ProductAccounting';
import { TaxRegistration } from '../../entities/customers/TaxRegistration';
import { parseId } from '../../entities/ids';
import { act } from '../act';
import { type Connection, page, PageArgs } from '../connection';
import { MAY, type RequestContext } from '../context';
import { byId, childrenOf } from '../loaders';
import {
  CustomerConnection, CustomerFilter, DuplicateCustomers, LegalEntityConnection, MergeCustomersInput, MergeCustomersResult, PriceBookConnection, ProductConnection, UnmergeCustomerInput, UnmergeCustomerResult, UpsertCustomerInput, UpsertCustomerResult,
  UpsertLegalEntityInput, UpsertLegalEntityResult, UpsertPriceBookInput, UpsertPriceBookResult, UpsertProductAccountingInput, UpsertProductAccountingResult, UpsertProductInput, UpsertProductResult,
  UpsertTaxRegistrationInput, UpsertTaxRegistrationResult,
} from './api';
import { mergeCustomers } from './commands/mergeCustomers';
import { unmergeCustomer } from './commands/unmergeCustomer';
import { upsertCustomer } from './commands/upsertCustomer';
import { upsertLegalEntity } from './commands/upsertLegalEntity';
import { upsertPriceBook } from './commands/upsertPriceBook';
import { upsertProductAccounting } from './commands/upsertProductAccounting';
import { upsertProduct } from './commands/upsertProduct';
import { upsertTaxRegistration } from './commands/upsertTaxRegistration';
import { duplicateCustomers } from './queries/duplicateCustomers';

@Resolver(() => Customer)
export class CustomerResolver {
  @Query(() => Customer, { nullable: true })
  customer(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext) {
    return byId(Customer, context, parseId(id, 'cus'));
  }

  @Query(() => CustomerConnection)
  customers(
    @Args() args: PageArgs,
    @Arg('filter', () => CustomerFilter, { nullable: true }) filter: CustomerFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Customer>> {
    return page(Customer, context, { ...args, where: { ...filter } });
  }

  @Query(() => [DuplicateCustomers], { description: 'Customers that may be one, by what they have in common, the strongest sign first; at most a hundred groups of each.' })
  duplicateCustomers(@Ctx() context: RequestContext) {
    return duplicateCustomers(context);
  }

  @FieldResolver(() => Customer, { nullable: true })
  parent(@Root() customer: Customer, @Ctx() context: RequestContext) {
    return customer.parentId ? byId(Customer, context, customer.parentId) : null;
  }

  @FieldResolver(() => [Customer])
  children(@Root() customer: Customer, @Ctx() context: RequestContext) {
    return childrenOf(Customer, context, { parent: 'parentId', parentId: customer.id, first: 100 });
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'Who gets and pays its invoices, if another does.' })
  payer(@Root() customer: Customer, @Ctx() context: RequestContext) {
    return customer.payerId ? byId(Customer, context, customer.payerId) : null;
  }

  @FieldResolver(() => [Customer], { description: 'Whose invoices it gets and pays.' })
  paysFor(@Root() customer: Customer, @Ctx() context: RequestContext) {
    return childrenOf(Customer, context, { parent: 'payerId', parentId: customer.id, first: 100 });
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'The customer that stands for it, since both were found to be one.' })
  mergedInto(@Root() customer: Customer, @Ctx() context: RequestContext) {
    return customer.mergedIntoId ? byId(Customer, context, customer.mergedIntoId) : null;
  }

  @FieldResolver(() => [Customer], { description: 'The records that it stands for: their keys and ids go on to be known, and so do their documents.' })
  mergedFrom(@Root() customer: Customer, @Ctx() context: RequestContext) {
    return childrenOf(Customer, context, { parent: 'mergedIntoId', parentId: customer.id, first: 100 });
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => MergeCustomersResult, { description: 'Lets one customer stand for others that are the same: what they have from now on is billed to it. Every id and key stays known, and nothing posted is rewritten.' })
  mergeCustomers(@Arg('input', () => MergeCustomersInput) input: MergeCustomersInput, @Ctx() context: RequestContext) {
    return act(context, mergeCustomers, input);
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => UnmergeCustomerResult)
  unmergeCustomer(@Arg('input', () => UnmergeCustomerInput) input: UnmergeCustomerInput, @Ctx() context: RequestContext) {
    return act(context, unmergeCustomer, input);
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => UpsertCustomerResult)
  upsertCustomer(@Arg('input', () => UpsertCustomerInput) input: UpsertCustomerInput, @Ctx() context: RequestContext) {
    return act(context, upsertCustomer, input);
  }
}

@Resolver(() => LegalEntity)
export class LegalEntityResolver {
  @Query(() => LegalEntity, { nullable: true })
  legalEntity(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext) {
    return byId(LegalEntity, context, parseId(id, 'ent'));
  }

  @Query(() => LegalEntityConnection)
  legalEntities(@Args() args: PageArgs, @Ctx() context: RequestContext): Promise<Connection<LegalEntity>> {
    return page(LegalEntity, context, { ...args, where: {} });
  }

  @FieldResolver(() => [TaxRegistration], { description: 'Where it is registered for tax. Without any it goes by what its products say.' })
  taxRegistrations(@Root() entity: LegalEntity, @Ctx() context: RequestContext) {
    return childrenOf(TaxRegistration, context, { parent: 'legalEntityId', parentId: entity.id, first: 100 });
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => UpsertTaxRegistrationResult)
  upsertTaxRegistration(@Arg('input', () => UpsertTaxRegistrationInput) input: UpsertTaxRegistrationInput, @Ctx() context: RequestContext) {
    return act(context, upsertTaxRegistration, input);
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => UpsertLegalEntityResult)
  upsertLegalEntity(@Arg('input', () => UpsertLegalEntityInput) input: UpsertLegalEntityInput, @Ctx() context: RequestContext) {
    return act(context, upsertLegalEntity, input);
  }
}

@Resolver(() => Product)
export class ProductResolver {
  @Query(() => Product, { nullable: true })
  product(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext) {
    return byId(Product, context, parseId(id, 'prd'));
  }

  @Query(() => ProductConnection)
  products(@Args() args: PageArgs, @Ctx() context: RequestContext): Promise<Connection<Product>> {
    return page(Product, context, { ...args, where: {} });
  }

  @FieldResolver(() => [ProductAccounting], { description: 'How the books of each legal entity take it, where they take it otherwise than it says itself.' })
  accounting(@Root() product: Product, @Ctx() context: RequestContext) {
    return childrenOf(ProductAccounting, context, { parent: 'productId', parentId: product.id, first: 100 });
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => UpsertProductAccountingResult)
  upsertProductAccounting(@Arg('input', () => UpsertProductAccountingInput) input: UpsertProductAccountingInput, @Ctx() context: RequestContext) {
    return act(context, upsertProductAccounting, input);
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => UpsertProductResult)
  upsertProduct(@Arg('input', () => UpsertProductInput) input: UpsertProductInput, @Ctx() context: RequestContext) {
    return act(context, upsertProduct, input);
  }
}

@Resolver(() => PriceBook)
export class PriceBookResolver {
  @Query(() => PriceBookConnection)
  priceBooks(@Args() args: PageArgs, @Ctx() context: RequestContext): Promise<Connection<PriceBook>> {
    return page(PriceBook, context, { ...args, where: {} });
  }

  @Authorized(MAY.keepMasterData)
  @Mutation(() => UpsertPriceBookResult)
  upsertPriceBook(@Arg('input', () => UpsertPriceBookInput) input: UpsertPriceBookInput, @Ctx() context: RequestContext) {
    return act(context, upsertPriceBook, input);
  }
}
