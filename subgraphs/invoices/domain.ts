import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice } from '../../entities/invoices/Invoice';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { creditInvoice } from './commands/creditInvoice';
import { issueInvoice } from './commands/issueInvoice';
import { voidInvoice } from './commands/voidInvoice';
import {
  creditMemoIssued, invoiceCredited, invoiceIssued, invoicePaid, invoicePartlyPaid, invoiceReopened, invoiceVoided,
} from './events';
import { NEIGHBOURS } from './neighbours';
import { onPaymentApplied } from './on/paymentApplied';
import { onPaymentUnapplied } from './on/paymentUnapplied';
import { ContractInvoicesResolver, CreditMemoResolver, CustomerInvoicesResolver, InvoiceResolver } from './resolver';

export const invoices: Domain = {
  name: 'invoices',
  resolvers: [InvoiceResolver, CreditMemoResolver, CustomerInvoicesResolver, ContractInvoicesResolver],
  orphanedTypes: NEIGHBOURS,
  references: {
    Invoice: ({ id }, context) => byId(Invoice, context, id),
    CreditMemo: ({ id }, context) => byId(CreditMemo, context, id),
    Customer: ({ id }) => ({ id }),
    Contract: ({ id }) => ({ id }),
  },
  commands: [issueInvoice, creditInvoice, voidInvoice],
  events: [invoiceIssued, invoiceVoided, invoiceCredited, invoicePartlyPaid, invoicePaid, invoiceReopened, creditMemoIssued],
  reactions: [onPaymentApplied, onPaymentUnapplied],
};
