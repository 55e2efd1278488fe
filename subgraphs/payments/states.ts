import { ApplicationState } from '../../entities/payments/PaymentApplication';
import { StatementState } from '../../entities/payments/BankStatement';
import { CashState } from '../../entities/payments/Payment';

const { UNAPPLIED, PARTLY_APPLIED, APPLIED } = CashState;

/** `place` when all is applied, `placePart` when some is, `free` when none is. */
export const CASH_MOVES = {
  [UNAPPLIED]: { place: APPLIED, placePart: PARTLY_APPLIED, free: UNAPPLIED },
  [PARTLY_APPLIED]: { place: APPLIED, placePart: PARTLY_APPLIED, free: UNAPPLIED },
  [APPLIED]: { place: APPLIED, placePart: PARTLY_APPLIED, free: UNAPPLIED },
} as const satisfies Record<CashState, Record<string, CashState>>;

/** An application is taken back once; applying again makes a new one. */
export const APPLICATION_MOVES = {
  [ApplicationState.APPLIED]: { unapply: ApplicationState.UNAPPLIED },
  [ApplicationState.UNAPPLIED]: {},
} as const satisfies Record<ApplicationState, Partial<Record<string, ApplicationState>>>;

/** A statement is done when all its lines are in. */
export const STATEMENT_MOVES = {
  [StatementState.IMPORTING]: { finish: StatementState.IMPORTED },
  [StatementState.IMPORTED]: {},
} as const satisfies Record<StatementState, Partial<Record<string, StatementState>>>;
