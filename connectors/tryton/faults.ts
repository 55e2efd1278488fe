import type { Rejected, Uncertain } from '../connector';

/** Tryton understood and refused: a UserError. Its message is for people and carries no stable code. */
export class TrytonRefusal extends Error {}

/** Tryton asks "are you sure?"; it goes ahead once a warning record of this key exists for the user. */
export class TrytonWarning extends Error {
  constructor(readonly key: string, message: string) {
    super(message);
  }
}

/** Tryton's server gave an error of its own: a lock, a lost connection to its database, a defect. Its transaction was rolled back. */
export class TrytonFault extends Error {}

/** No answer, or none that can be trusted. `sent` is false only when nothing can have reached the server. */
export class TrytonUnreachable extends Error {
  /** Milliseconds the server asked to be left alone. */
  retryAfterMs?: number;

  constructor(readonly sent: boolean, readonly code: string, message: string) {
    super(message);
  }
}

/** The connector's own "no", found before Tryton was asked to book anything. */
export class ErpRejection extends Error {
  /** The first day that the books take, when the document's is closed. */
  openFrom?: string;

  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/** Tryton has no period that takes the day: its message does not tell whether one is closed or there is none. */
export const PERIOD_REFUSED = 'ERP_PERIOD_MISSING';
const MESSAGE_CHARACTERS_MAX = 300;
const LOCKED = /could not obtain lock|could not serialize|deadlock detected|lock timeout|Records were modified/i;

/** Tryton's messages have no codes of their own; these words (in English, which the client asks for) tell them apart. */
const REFUSALS: readonly [RegExp, string][] = [
  [/period|fiscal ?year/i, PERIOD_REFUSED],
  [/balance all its lines|unbalanced/i, 'ERP_UNBALANCED'],
  [/accounting date after/i, 'ERP_DATE_ORDER'],
  [/field "(Debit |Tax )?Account"|account .*(closed|does not exist|is not (active|valid))/i, 'ERP_ACCOUNT_UNKNOWN'],
];

/** One line of bounded length, safe to keep in an exception and to show to finance operations. */
export function redacted(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length <= MESSAGE_CHARACTERS_MAX ? line : `${line.slice(0, MESSAGE_CHARACTERS_MAX - 1)}…`;
}

/** What a failed post or look-up means to the posting runner. An error that is not about Tryton is a defect and passes through. */
export function answerOf(error: unknown): Rejected | Uncertain {
  if (error instanceof ErpRejection) {
    const { code, openFrom } = error;
    return { outcome: 'REJECTED', code, message: redacted(error.message), ...(openFrom === undefined ? {} : { openFrom }) };
  }
  if (error instanceof TrytonRefusal || error instanceof TrytonWarning) {
    const code = REFUSALS.find(([words]) => words.test(error.message))?.[1] ?? 'ERP_REFUSED';
    return { outcome: 'REJECTED', code, message: redacted(error.message) };
  }
  if (error instanceof TrytonUnreachable) {
    const { sent, code, retryAfterMs } = error;
    const message = redacted(error.message);
    return { outcome: 'UNCERTAIN', sent, code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (error instanceof TrytonFault) {
    const code = LOCKED.test(error.message) ? 'ERP_LOCKED' : 'ERP_FAULT';
    return { outcome: 'UNCERTAIN', sent: true, code, message: redacted(error.message) };
  }
  throw error;
}
