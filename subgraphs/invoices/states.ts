import { PeriodState } from '../../entities/invoices/AccountingPeriod';
import { InvoiceState, SettlementState } from '../../entities/invoices/Invoice';
import { UsageState } from '../../entities/invoices/UsagePeriod';

const { ISSUED, VOIDED } = InvoiceState;
const { UNPAID, PARTLY_PAID, PAID } = SettlementState;

/** The document's axis: an issued invoice is never edited; a void is final. */
export const INVOICE_MOVES = {
  [ISSUED]: { void: VOIDED, credit: ISSUED },
  [VOIDED]: {},
} as const satisfies Record<InvoiceState, Partial<Record<string, InvoiceState>>>;

/** The money's axis: `settle` when nothing is left open, `pay` when less is, `reopen` when all of it is again, `void` with the document. */
export const SETTLEMENT_MOVES = {
  [UNPAID]: { pay: PARTLY_PAID, settle: PAID, reopen: UNPAID, void: SettlementState.VOIDED },
  [PARTLY_PAID]: { pay: PARTLY_PAID, settle: PAID, reopen: UNPAID },
  [PAID]: { pay: PARTLY_PAID, settle: PAID, reopen: UNPAID },
  [SettlementState.VOIDED]: {},
} as const satisfies Record<SettlementState, Partial<Record<string, SettlementState>>>;

const { COUNTED, HELD, APPROVED, STALE } = UsageState;

/** What the usage of a billing period may go through before it is billed, and again when its events change. */
export const USAGE_MOVES = {
  [STALE]: { count: COUNTED, hold: HELD, recount: STALE },
  [COUNTED]: { recount: STALE },
  [HELD]: { approve: APPROVED, recount: STALE },
  [APPROVED]: { recount: STALE },
} as const satisfies Record<UsageState, Partial<Record<string, UsageState>>>;

const { OPEN, PENDING_CLOSE, CLOSED } = PeriodState;

/** What a month of the books may go through: it is looked at before it is closed, and may be reopened. */
export const PERIOD_MOVES = {
  [OPEN]: { begin: PENDING_CLOSE },
  [PENDING_CLOSE]: { close: CLOSED, reopen: OPEN },
  [CLOSED]: { reopen: OPEN },
} as const satisfies Record<PeriodState, Partial<Record<string, PeriodState>>>;
