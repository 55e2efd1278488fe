import type { Amount } from '../../entities/money';

/** camt.053 is a statement (booked, must tie), camt.052 an intraday report, camt.054 a debit/credit notification. */
export type CamtFormat = 'camt.052' | 'camt.053' | 'camt.054';
export type CamtKind = 'report' | 'statement' | 'notification';
export const CAMT_KIND: Readonly<Record<CamtFormat, CamtKind>> = {
  'camt.052': 'report',
  'camt.053': 'statement',
  'camt.054': 'notification',
};

export interface CamtIdentity {
  readonly format: CamtFormat;
  /** Variant and version, `001.01` to `001.14`. */
  readonly version: string;
}

/** The group header of a message. Times are as the bank wrote them (ISO 8601, zone optional). */
export interface CamtMessage extends CamtIdentity {
  readonly kind: CamtKind;
  readonly messageId?: string | undefined;
  readonly createdAt?: string | undefined;
}

/** From the account owner's view: a credit raises the balance. */
export type Direction = 'CREDIT' | 'DEBIT';
/** Booked, pending, for information, and future-dated. Only BOOK moves the booked balance. */
export type EntryStatus = 'BOOK' | 'PDNG' | 'INFO' | 'FUTR';

/** One `Bal`. The amount is signed: a debit balance is negative. */
export interface CamtBalance {
  /** OPBD, PRCD, CLBD, ITBD, OPAV, CLAV, ITAV, FWAV, … or the bank's proprietary word. */
  readonly code: string;
  /** `Tp/SubTp`, e.g. INTM on the inner pages of a paged statement. */
  readonly subType?: string | undefined;
  readonly amount: Amount;
  readonly date?: string | undefined;
}

export interface CamtAccount {
  readonly iban?: string | undefined;
  /** The account's identification where it is no IBAN. */
  readonly other?: string | undefined;
  readonly currency?: string | undefined;
  readonly name?: string | undefined;
  readonly ownerName?: string | undefined;
  readonly servicerBic?: string | undefined;
}

/** The head of one `Stmt`, `Rpt` or `Ntfctn`: all that stands before its entries. */
export interface CamtStatement {
  readonly kind: CamtKind;
  /** 1 for the first in the file. */
  readonly index: number;
  readonly id: string;
  readonly electronicSequenceNumber?: string | undefined;
  readonly legalSequenceNumber?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Date of the closing balance, else the last day covered, else of creation: what tells a reused id apart (YYYY-MM-DD). */
  readonly date?: string | undefined;
  readonly page?: string | undefined;
  readonly lastPage?: boolean | undefined;
  /** COPY, DUPL or CODU if the bank says this is no original. */
  readonly copy?: string | undefined;
  readonly account: CamtAccount;
  /** The account's currency as stated, else that of the opening balance. */
  readonly currency?: string | undefined;
  readonly balances: readonly CamtBalance[];
}

export interface CamtTransactionCode {
  readonly domain?: string | undefined;
  readonly family?: string | undefined;
  readonly subFamily?: string | undefined;
  readonly proprietary?: string | undefined;
  readonly issuer?: string | undefined;
}

/** A charge. The amount is signed: what the owner was charged is negative. */
export interface CamtCharge {
  readonly amount: Amount;
  /** `ChrgInclInd`: whether the amount of the booking already includes it. */
  readonly included?: boolean | undefined;
  readonly type?: string | undefined;
}

/** References as the bank passed them on; `NOTPROVIDED` is left out. */
export interface CamtReferences {
  readonly messageId?: string | undefined;
  readonly servicerReference?: string | undefined;
  readonly paymentInformationId?: string | undefined;
  readonly instructionId?: string | undefined;
  readonly endToEndId?: string | undefined;
  readonly transactionId?: string | undefined;
  readonly uetr?: string | undefined;
  readonly mandateId?: string | undefined;
  readonly chequeNumber?: string | undefined;
  readonly clearingReference?: string | undefined;
}

export interface CamtParty {
  readonly name?: string | undefined;
  readonly iban?: string | undefined;
  /** An account identification that is no IBAN. */
  readonly account?: string | undefined;
  readonly agentBic?: string | undefined;
}

/** Free text and structured remittance stand side by side: banks send either or both. */
export interface CamtRemittance {
  readonly unstructured: readonly string[];
  readonly creditorReferences: readonly string[];
  readonly documentNumbers: readonly string[];
}

/** Amounts a transaction states beside its own, all unsigned and possibly in other currencies. */
export interface CamtStatedAmounts {
  /** `TxDtls/Amt` */
  readonly own?: Amount | undefined;
  /** `AmtDtls/TxAmt/Amt` */
  readonly transaction?: Amount | undefined;
  /** `AmtDtls/InstdAmt/Amt`: what the payer ordered. */
  readonly instructed?: Amount | undefined;
  readonly counterValue?: Amount | undefined;
  /** `CcyXchg/XchgRate`, the decimal as written. */
  readonly exchangeRate?: string | undefined;
  readonly exchangeFrom?: string | undefined;
  readonly exchangeTo?: string | undefined;
}

/** What one `TxDtls` says, before it has an amount in the account's currency. */
export interface CamtTransaction {
  /** The transaction's own direction, if stated. */
  readonly ownDirection?: Direction | undefined;
  readonly stated: CamtStatedAmounts;
  readonly references: CamtReferences;
  readonly debtor: CamtParty;
  readonly creditor: CamtParty;
  readonly ultimateDebtor?: string | undefined;
  readonly ultimateCreditor?: string | undefined;
  readonly remittance: CamtRemittance;
  /** `RtrInf/Rsn`: why a payment came back (AC06, MD07, …). */
  readonly returnReason?: string | undefined;
  readonly additionalInformation?: string | undefined;
  readonly transactionCode?: CamtTransactionCode | undefined;
  readonly charges: readonly CamtCharge[];
}

/** One line to apply: an amount in the entry's currency, signed (credit positive), and all evidence for matching it. */
export interface CamtDetail extends CamtTransaction {
  /** 1 for the first of its entry. */
  readonly index: number;
  readonly amount: Amount;
  readonly direction: Direction;
}

/**
 * One booking. The lines' amounts sum to the entry's, plus `chargesNetted` where the bank deducted charges from the
 * payments before booking the net: lines − charges = entry.
 */
export interface CamtEntry {
  /** 1 for the first of its statement. */
  readonly index: number;
  readonly line: number;
  readonly reference?: string | undefined;
  readonly amount: Amount;
  readonly direction: Direction;
  /** `RvslInd`. It says why, not which way: `direction` is that of this booking already. */
  readonly reversal: boolean;
  readonly status: EntryStatus;
  /** Whether this booking moves the booked balance and may be applied. */
  readonly booked: boolean;
  readonly bookingDate?: string | undefined;
  readonly bookedAt?: string | undefined;
  readonly valueDate?: string | undefined;
  readonly servicerReference?: string | undefined;
  readonly transactionCode?: CamtTransactionCode | undefined;
  readonly additionalInformation?: string | undefined;
  readonly charges: readonly CamtCharge[];
  readonly stated: CamtStatedAmounts;
  readonly batch?: CamtBatch | undefined;
  readonly details: readonly CamtDetail[];
  /** Minor units of the entry's currency withheld between lines and entry; 0n as a rule. */
  readonly chargesNettedMinor: bigint;
  /** The batch does not say what each transaction amounts to: `details` is one line, `unpriced` has what was said. */
  readonly detailAmountsMissing: boolean;
  readonly unpriced: readonly CamtTransaction[];
}

export interface CamtBatch {
  readonly messageId?: string | undefined;
  readonly paymentInformationId?: string | undefined;
  readonly transactionCount?: string | undefined;
}

/** What a statement came to. Sums are of booked entries only; debits are a positive figure here. */
export interface CamtStatementEnd {
  readonly entries: number;
  readonly bookedEntries: number;
  readonly details: number;
  /** Of the two sums below. */
  readonly currency?: string | undefined;
  readonly creditMinor: bigint;
  readonly debitMinor: bigint;
  /** Booked entries in another currency, left out of the sums; a statement with one is refused. */
  readonly otherCurrencyEntries: number;
  readonly opening?: CamtBalance | undefined;
  readonly closing?: CamtBalance | undefined;
  /** True if opening + booked entries = closing was checked and holds; always so for a statement. */
  readonly ties: boolean;
}

/**
 * Takes what is read, in the order of the file; a returned promise is awaited before the next call. Nothing is final
 * until `readCamt` resolves: balances are checked after the entries, so write into a transaction and drop it on a refusal.
 */
export interface CamtSink {
  message?(message: CamtMessage): void | Promise<void>;
  statement?(statement: CamtStatement): void | Promise<void>;
  entry?(entry: CamtEntry, statement: CamtStatement): void | Promise<void>;
  statementEnd?(end: CamtStatementEnd, statement: CamtStatement): void | Promise<void>;
}

export interface CamtSummary extends CamtMessage {
  readonly bytes: number;
  readonly statements: number;
  readonly entries: number;
  readonly bookedEntries: number;
  readonly details: number;
}

/** Every bound of the reader. */
export interface CamtLimits {
  readonly fileBytesMax: number;
  readonly depthMax: number;
  /** Characters of one text, tag or comment. */
  readonly tokenCharsMax: number;
  /** Transactions of one batch entry, which are held together to be summed. */
  readonly detailsPerEntryMax: number;
}
export const CAMT_LIMITS: CamtLimits = {
  fileBytesMax: 256 * 1024 * 1024,
  depthMax: 64,
  tokenCharsMax: 64 * 1024,
  detailsPerEntryMax: 100_000,
};
