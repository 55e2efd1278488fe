import { Customer } from '../../entities/customers/Customer';
import { LegalEntity } from '../../entities/customers/LegalEntity';
import { Product } from '../../entities/customers/Product';
import { ProductAccounting } from '../../entities/customers/ProductAccounting';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { upsertCustomer } from './commands/upsertCustomer';
import { upsertLegalEntity } from './commands/upsertLegalEntity';
import { upsertProductAccounting } from './commands/upsertProductAccounting';
import { upsertProduct } from './commands/upsertProduct';
import { customerUpserted, legalEntityUpserted, productAccountingUpserted, productUpserted } from './events';
import { CustomerResolver, LegalEntityResolver, ProductResolver } from './resolver';

export const customers: Domain = {
  name: 'customers',
  resolvers: [CustomerResolver, LegalEntityResolver, ProductResolver],
  orphanedTypes: [],
  references: {
    Customer: ({ id }, context) => byId(Customer, context, id),
    LegalEntity: ({ id }, context) => byId(LegalEntity, context, id),
    Product: ({ id }, context) => byId(Product, context, id),
    ProductAccounting: ({ id }, context) => byId(ProductAccounting, context, id),
  },
  commands: [upsertCustomer, upsertLegalEntity, upsertProduct, upsertProductAccounting],
  events: [customerUpserted, legalEntityUpserted, productUpserted, productAccountingUpserted],
  reactions: [],
};
