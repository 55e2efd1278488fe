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

/** What an entry is only once its transactions are known. */
export type PricedEntry = Pick<
  camt.CamtEntry,
  'amount' | 'direction' | 'details' | 'chargesNettedMinor' | 'detailAmountsMissing' | 'unpriced'
>;

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

  /** The entry as it is handed on; written out, for copying by spread costs more than reading all the rest. */
  finish(priced: PricedEntry): camt.CamtEntry {
    return {
      index: this.index,
      line: this.line,
      reference: this.reference,
      amount: priced.amount,
      direction: priced.direction,
      reversal: this.reversal,
      status: this.status as camt.EntryStatus,
      booked: this.status === 'BOOK',
      bookingDate: this.bookingDate,
      bookedAt: this.bookedAt,
      valueDate: this.valueDate,
      servicerReference: this.servicerReference,
      transactionCode: this.transactionCode,
      additionalInformation: this.additionalInformation,
      charges: this.charges,
      stated: this.stated,
      batch: this.batch,
      details: priced.details,
      chargesNettedMinor: priced.chargesNettedMinor,
      detailAmountsMissing: priced.detailAmountsMissing,
      unpriced: priced.unpriced,
    };
  }

  batchOf(): Draft<camt.CamtBatch> {
    return (this.batch ??= {});
  }
}
