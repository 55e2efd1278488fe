import { Customer } from '../../entities/customers/Customer';
import { LegalEntity } from '../../entities/customers/LegalEntity';
import { Product } from '../../entities/customers/Product';
import { PriceBook } from '../../entities/customers/PriceBook';
import { ProductAccounting } from '../../entities/customers/ProductAccounting';
import { TaxRegistration } from '../../entities/customers/TaxRegistration';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { mergeCustomers } from './commands/mergeCustomers';
import { unmergeCustomer } from './commands/unmergeCustomer';
import { upsertCustomer } from './commands/upsertCustomer';
import { upsertLegalEntity } from './commands/upsertLegalEntity';
import { upsertPriceBook } from './commands/upsertPriceBook';
import { upsertProductAccounting } from './commands/upsertProductAccounting';
import { upsertProduct } from './commands/upsertProduct';
import { upsertTaxRegistration } from './commands/upsertTaxRegistration';
import {
  customerMerged, customerPayerChanged, customerUnmerged, customerUpserted, legalEntityUpserted, priceBookUpserted, productAccountingUpserted, productUpserted, taxRegistrationUpserted,
} from './events';
import { CustomerResolver, LegalEntityResolver, PriceBookResolver, ProductResolver } from './resolver';

export const customers: Domain = {
  name: 'customers',
  resolvers: [CustomerResolver, LegalEntityResolver, ProductResolver, PriceBookResolver],
  orphanedTypes: [],
  references: {
    Customer: ({ id }, context) => byId(Customer, context, id),
    LegalEntity: ({ id }, context) => byId(LegalEntity, context, id),
    Product: ({ id }, context) => byId(Product, context, id),
    PriceBook: ({ id }, context) => byId(PriceBook, context, id),
    ProductAccounting: ({ id }, context) => byId(ProductAccounting, context, id),
    TaxRegistration: ({ id }, context) => byId(TaxRegistration, context, id),
  },
  commands: [upsertCustomer, mergeCustomers, unmergeCustomer, upsertLegalEntity, upsertProduct, upsertProductAccounting, upsertPriceBook, upsertTaxRegistration],
  events: [customerUpserted, customerPayerChanged, customerMerged, customerUnmerged, legalEntityUpserted, productUpserted, productAccountingUpserted, priceBookUpserted, taxRegistrationUpserted],
  reactions: [],
};
