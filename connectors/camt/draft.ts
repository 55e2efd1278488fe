import type { Amount } from '../../entities/money';
import type * as camt from './types';

/** The same shape while it is being filled. */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Where an element begins, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}
export type PartyDraft = Draft<camt.CamtParty>;
export type MessageDraft = Draft<camt.CamtMessage>;

export class BalanceDraft {
  code: string | undefined;
  subType: string | undefined;
  stated: Amount | undefined;
  direction: camt.Direction | undefined;
  date: string | undefined;
  position: Position | undefined;
}

export class ChargeDraft {
  stated: Amount | undefined;
  direction: camt.Direction | undefined;
  included: boolean | undefined;
  type: string | undefined;
}

export class StatementDraft implements camt.CamtStatement {
  id = '';
  electronicSequenceNumber: string | undefined;
  legalSequenceNumber: string | undefined;
  createdAt: string | undefined;
  from: string | undefined;
  to: string | undefined;
  date: string | undefined;
  page: string | undefined;
  lastPage: boolean | undefined;
  copy: string | undefined;
  account: Draft<camt.CamtAccount> = {};
  currency: string | undefined;
  balances: camt.CamtBalance[] = [];

  constructor(
    readonly kind: camt.CamtKind,
    readonly index: number,
  ) {}
}

/** One `TxDtls`; it becomes the line handed on once its entry has given it an amount. */
export class DetailDraft implements camt.CamtDetail {
  index = 0;
  amount!: Amount;
  direction!: camt.Direction;
  ownDirection: camt.Direction | undefined;
  stated: Draft<camt.CamtStatedAmounts> = {};
  references: Draft<camt.CamtReferences> = {};
  debtor: PartyDraft = {};
  creditor: PartyDraft = {};
  ultimateDebtor: string | undefined;
  ultimateCreditor: string | undefined;
  remittance = { unstructured: [] as string[], creditorReferences: [] as string[], documentNumbers: [] as string[] };
  returnReason: string | undefined;
  additionalInformation: string | undefined;
  transactionCode: Draft<camt.CamtTransactionCode> | undefined;
  charges: camt.CamtCharge[] = [];

  code(): Draft<camt.CamtTransactionCode> {
    return (this.transactionCode ??= {});
  }
}

export class EntryDraft {
  reference: string | undefined;
  /** Unsigned, as stated. */
  own: Amount | undefined;
  amountPosition: Position | undefined;
  direction: camt.Direction | undefined;
  reversal = false;
  status: string | undefined;
  bookingDate: string | undefined;
  bookedAt: string | undefined;
  valueDate: string | undefined;
  servicerReference: string | undefined;
  transactionCode: Draft<camt.CamtTransactionCode> | undefined;
  additionalInformation: string | undefined;
  charges: camt.CamtCharge[] = [];
  stated: Draft<camt.CamtStatedAmounts> = {};
  batch: Draft<camt.CamtBatch> | undefined;
  transactions: DetailDraft[] = [];

  constructor(
    readonly index: number,
    readonly line: number,
  ) {}

  code(): Draft<camt.CamtTransactionCode> {
    return (this.transactionCode ??= {});
  }

  batchOf(): Draft<camt.CamtBatch> {
    return (this.batch ??= {});
  }
}
