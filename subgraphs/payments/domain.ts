import { BankStatement } from '../../entities/payments/BankStatement';
import { Payment } from '../../entities/payments/Payment';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { applyPayment } from './commands/applyPayment';
import { importBankStatement } from './commands/importBankStatement';
import { recordPayment } from './commands/recordPayment';
import { unapplyPayment } from './commands/unapplyPayment';
import {
  paymentApplied, paymentChanged, paymentRecorded, paymentUnapplied, paymentUnmatched, statementConflict, statementImported, statementOpened,
} from './events';
import { NEIGHBOURS } from './neighbours';
import {
  BankStatementResolver, CustomerPaymentsResolver, InvoiceApplicationsResolver, PaymentApplicationResolver, PaymentResolver,
} from './resolver';

export const payments: Domain = {
  name: 'payments',
  resolvers: [PaymentResolver, PaymentApplicationResolver, BankStatementResolver, CustomerPaymentsResolver, InvoiceApplicationsResolver],
  orphanedTypes: NEIGHBOURS,
  references: {
    Payment: ({ id }, context) => byId(Payment, context, id),
    PaymentApplication: ({ id }, context) => byId(PaymentApplication, context, id),
    BankStatement: ({ id }, context) => byId(BankStatement, context, id),
    Customer: ({ id }) => ({ id }),
    Invoice: ({ id }) => ({ id }),
  },
  commands: [recordPayment, applyPayment, unapplyPayment, importBankStatement],
  events: [
    paymentRecorded, paymentChanged, paymentUnmatched, paymentApplied, paymentUnapplied, statementOpened, statementImported, statementConflict,
  ],
  reactions: [],
};
