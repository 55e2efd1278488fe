import { AccountingPeriod } from '../../entities/invoices/AccountingPeriod';
import { Meter } from '../../entities/invoices/Meter';
import { CreditMemo } from '../../entities/invoices/CreditMemo';
import { Invoice } from '../../entities/invoices/Invoice';
import { RevenueJournal } from '../../entities/invoices/RevenueJournal';
import { UsagePeriod } from '../../entities/invoices/UsagePeriod';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { approveUsage } from './commands/approveUsage';
import { beginPeriodClose } from './commands/beginPeriodClose';
import { billContract } from './commands/billContract';
import { billDueContracts } from './commands/billDueContracts';
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
import {
  billingFailed, billingRecovered, creditMemoFinalized, creditMemoIssued, invoiceCredited, invoiceFinalized, invoiceIssued, invoicePaid, invoicePartlyPaid, invoiceReopened, invoiceVoided, meterUpserted, periodChanged,
  revenueRecognized, usageChanged,
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
import { onCustomerMerged } from './on/customerMerged';
import { onCustomerPayerChanged } from './on/customerPayerChanged';
import { onCustomerUnmerged } from './on/customerUnmerged';
import { onPaymentApplied } from './on/paymentApplied';
import { onPaymentUnapplied } from './on/paymentUnapplied';
import { onPostingPosted } from './on/postingPosted';
import { ContractInvoicesResolver, CreditMemoResolver, CustomerInvoicesResolver, InvoiceLineResolver, InvoiceResolver, LedgerResolver, UsageResolver } from './resolver';

export const invoices: Domain = {
  name: 'invoices',
  resolvers: [InvoiceResolver, LedgerResolver, UsageResolver, InvoiceLineResolver, CreditMemoResolver, CustomerInvoicesResolver, ContractInvoicesResolver],
  orphanedTypes: NEIGHBOURS,
  references: {
    Invoice: ({ id }, context) => byId(Invoice, context, id),
    CreditMemo: ({ id }, context) => byId(CreditMemo, context, id),
    RevenueJournal: ({ id }, context) => byId(RevenueJournal, context, id),
    AccountingPeriod: ({ id }, context) => byId(AccountingPeriod, context, id),
    Meter: ({ id }, context) => byId(Meter, context, id),
    UsagePeriod: ({ id }, context) => byId(UsagePeriod, context, id),
    Customer: ({ id }) => ({ id }),
    Contract: ({ id }) => ({ id }),
  },
  commands: [
    issueInvoice, creditInvoice, voidInvoice, rebillInvoice, billContract, billDueContracts, beginPeriodClose, closePeriod, reopenPeriod, recognizeRevenue, upsertMeter, recordUsage, cancelUsage,
    approveUsage,
  ],
  events: [
    invoiceIssued, invoiceVoided, invoiceCredited, invoicePartlyPaid, invoicePaid, invoiceReopened, invoiceFinalized, creditMemoIssued, creditMemoFinalized, billingFailed, billingRecovered, periodChanged, revenueRecognized, meterUpserted,
    usageChanged,
  ],
  reactions: [
    onContractCreated, onContractAmended, onContractRenewed, onContractTransferred, onContractSuspended,
    onContractResumed, onContractCancelled, onContractAdvanced, onAmendmentWithdrawn, onPaymentApplied, onPaymentUnapplied,
    onCustomerPayerChanged, onCustomerMerged, onCustomerUnmerged, onPostingPosted,
  ],
};
