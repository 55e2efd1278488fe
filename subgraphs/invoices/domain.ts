import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice } from '../../entities/invoices/Invoice';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { billContract } from './commands/billContract';
import { billDueContracts } from './commands/billDueContracts';
import { creditInvoice } from './commands/creditInvoice';
import { issueInvoice } from './commands/issueInvoice';
import { voidInvoice } from './commands/voidInvoice';
import {
  billingFailed, creditMemoIssued, invoiceCredited, invoiceIssued, invoicePaid, invoicePartlyPaid, invoiceReopened, invoiceVoided,
} from './events';
import { NEIGHBOURS } from './neighbours';
import { onAmendmentWithdrawn } from './on/amendmentWithdrawn';
import { onContractAdvanced } from './on/contractAdvanced';
import { onContractAmended } from './on/contractAmended';
import { onContractCancelled } from './on/contractCancelled';
import { onContractCreated } from './on/contractCreated';
import { onContractRenewed } from './on/contractRenewed';
import { onContractResumed } from './on/contractResumed';
import { onContractSuspended } from './on/contractSuspended';
import { onContractTransferred } from './on/contractTransferred';
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
  commands: [issueInvoice, creditInvoice, voidInvoice, billContract, billDueContracts],
  events: [invoiceIssued, invoiceVoided, invoiceCredited, invoicePartlyPaid, invoicePaid, invoiceReopened, creditMemoIssued, billingFailed],
  reactions: [
    onContractCreated, onContractAmended, onContractRenewed, onContractTransferred, onContractSuspended,
    onContractResumed, onContractCancelled, onContractAdvanced, onAmendmentWithdrawn, onPaymentApplied, onPaymentUnapplied,
  ],
};
