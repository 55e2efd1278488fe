import type { Amount } from '../../entities/money';
import type { BalanceDraft, ChargeDraft, DetailDraft, EntryDraft, MessageDraft, PartyDraft, Position, StatementDraft } from './draft';
import type { CamtFormat, Direction } from './types';

/** What the reader offers to the rules below: what is being built, and readers of values that refuse with the element's place. */
export interface Reading {
  readonly message: MessageDraft;
  readonly statement: StatementDraft;
  readonly balance: BalanceDraft;
  readonly entry: EntryDraft;
  readonly detail: DetailDraft | undefined;
  readonly charge: ChargeDraft;
  /** `TtlChrgsAndTaxAmt`, used where no charge is itemised. */
  chargesTotal: Amount | undefined;
  /** The transaction being read, else its entry: both have charges, stated amounts and a transaction code. */
  readonly owner: DetailDraft | EntryDraft;
  amount(text: string): Amount;
  date(text: string): string;
  dateTime(text: string): string;
  direction(text: string): Direction;
  flag(text: string): boolean;
  currency(text: string): string;
  /** Where the element being read begins. */
  position(): Position;
  open(part: Part): void;
  close(part: Part): void;
}

/** Elements that begin something new. */
export type Part = 'message' | 'statement' | 'balance' | 'entry' | 'detail' | 'charges' | 'charge';

export type Leaf = (r: Reading, text: string) => void;
/** An element: a leaf is a function of its text; a branch has children, may repeat and may be a part. */
export type Rule = Leaf | Branch;
export interface Branch {
  readonly part?: Part;
  readonly repeats?: true;
  /** An element that in some versions has text, in others children. */
  readonly text?: Leaf;
  readonly children: Readonly<Record<string, Rule>>;
}

const branch = (children: Branch['children']): Branch => ({ children });
const many = (children: Branch['children']): Branch => ({ children, repeats: true });
const part = (name: Part, children: Branch['children']): Branch => ({ children, repeats: true, part: name });
/** An element at a path such as `Id/Othr/Id`, with nothing else of interest on the way. */
function at(path: string, rule: Rule): Record<string, Rule> {
  const [name, ...rest] = path.split('/');
  return { [name!]: rest.length === 0 ? rule : branch(at(rest.join('/'), rule)) };
}
/** One grammar out of several: branches of the same name are joined. */
export function join(...all: Readonly<Record<string, Rule>>[]): Record<string, Rule> {
  const joined: Record<string, Rule> = {};
  for (const [name, rule] of all.flatMap((one) => Object.entries(one))) {
    const before = joined[name];
    const both = typeof before === 'object' && typeof rule === 'object';
    joined[name] = both ? { ...before, ...rule, children: join(before.children, rule.children) } : rule;
  }
  return joined;
}

/** `NOTPROVIDED` is how pain and camt say that there is no reference. */
const reference = (text: string): string | undefined => (/^NOT ?PROVIDED$/i.test(text) ? undefined : text);

const balance = part('balance', {
  Tp: branch({
    CdOrPrtry: branch({ Cd: (r, t) => (r.balance.code = t), Prtry: (r, t) => (r.balance.code = t) }),
    Cd: (r, t) => (r.balance.code = t), // version 01
    SubTp: branch({ Cd: (r, t) => (r.balance.subType = t), Prtry: (r, t) => (r.balance.subType = t) }),
  }),
  Amt: (r, t) => {
    r.balance.stated = r.amount(t);
    r.balance.position = r.position();
  },
  CdtDbtInd: (r, t) => (r.balance.direction = r.direction(t)),
  Dt: branch({ Dt: (r, t) => (r.balance.date = r.date(t)), DtTm: (r, t) => (r.balance.date = r.dateTime(t).slice(0, 10)) }),
});

const account = branch(
  join(
    at('Id/IBAN', (r, t) => (r.statement.account.iban = t)),
    at('Id/Othr/Id', (r, t) => (r.statement.account.other = t)),
    at('Id/PrtryAcct/Id', (r, t) => (r.statement.account.other = t)), // version 01, as are BBAN and UPIC
    at('Id/BBAN', (r, t) => (r.statement.account.other = t)),
    at('Id/UPIC', (r, t) => (r.statement.account.other = t)),
    at('Ccy', (r, t) => (r.statement.account.currency = r.currency(t))),
    at('Nm', (r, t) => (r.statement.account.name = t)),
    at('Ownr/Nm', (r, t) => (r.statement.account.ownerName = t)),
    at('Ownr/Pty/Nm', (r, t) => (r.statement.account.ownerName = t)),
    bics('Svcr', (r, t) => (r.statement.account.servicerBic = t)),
  ),
);

/** The BIC of an agent under its names through the versions. */
function bics(name: string, rule: Leaf): Record<string, Rule> {
  return join(...['BICFI', 'BIC', 'CmbndId/BIC'].map((path) => at(`${name}/FinInstnId/${path}`, rule)));
}

const transactionCode = branch({
  Domn: branch({
    Cd: (r, t) => (r.owner.code().domain = t),
    Fmly: branch({ Cd: (r, t) => (r.owner.code().family = t), SubFmlyCd: (r, t) => (r.owner.code().subFamily = t) }),
  }),
  Prtry: branch({ Cd: (r, t) => (r.owner.code().proprietary = t), Issr: (r, t) => (r.owner.code().issuer = t) }),
});

const chargeFields: Record<string, Rule> = {
  Amt: (r, t) => (r.charge.stated = r.amount(t)),
  CdtDbtInd: (r, t) => (r.charge.direction = r.direction(t)),
  ChrgInclInd: (r, t) => (r.charge.included = r.flag(t)),
  Tp: branch({ Cd: (r, t) => (r.charge.type = t), Prtry: branch({ Id: (r, t) => (r.charge.type = t) }) }),
};
/** From version 04 on a total with `Rcrd` elements, before that the fields themselves. */
const charges = part('charges', {
  ...chargeFields,
  TtlChrgsAndTaxAmt: (r, t) => (r.chargesTotal = r.amount(t)),
  Rcrd: part('charge', chargeFields),
});

const exchange = branch({
  SrcCcy: (r, t) => (r.owner.stated.exchangeFrom = t),
  TrgtCcy: (r, t) => (r.owner.stated.exchangeTo = t),
  XchgRate: (r, t) => (r.owner.stated.exchangeRate = t),
});
const amountDetails = branch({
  InstdAmt: branch({ Amt: (r, t) => (r.owner.stated.instructed = r.amount(t)), CcyXchg: exchange }),
  TxAmt: branch({ Amt: (r, t) => (r.owner.stated.transaction = r.amount(t)), CcyXchg: exchange }),
  CntrValAmt: branch({ Amt: (r, t) => (r.owner.stated.counterValue = r.amount(t)), CcyXchg: exchange }),
});

const references = branch({
  MsgId: (r, t) => (r.detail!.references.messageId = reference(t)),
  AcctSvcrRef: (r, t) => (r.detail!.references.servicerReference = reference(t)),
  PmtInfId: (r, t) => (r.detail!.references.paymentInformationId = reference(t)),
  InstrId: (r, t) => (r.detail!.references.instructionId = reference(t)),
  EndToEndId: (r, t) => (r.detail!.references.endToEndId = reference(t)),
  TxId: (r, t) => (r.detail!.references.transactionId = reference(t)),
  UETR: (r, t) => (r.detail!.references.uetr = reference(t)),
  MndtId: (r, t) => (r.detail!.references.mandateId = reference(t)),
  ChqNb: (r, t) => (r.detail!.references.chequeNumber = reference(t)),
  ClrSysRef: (r, t) => (r.detail!.references.clearingReference = reference(t)),
});

/** A name directly, or since version 08 under `Pty`, or that of a bank that acts for itself under `Agt`. */
const named = (rule: Leaf): Branch => branch(join(at('Nm', rule), at('Pty/Nm', rule), at('Agt/FinInstnId/Nm', rule)));
const accountOf = (pick: (r: Reading) => PartyDraft): Branch =>
  branch(
    join(
      at('Id/IBAN', (r, t) => (pick(r).iban = t)),
      ...['Othr/Id', 'PrtryAcct/Id', 'BBAN', 'UPIC'].map((path) => at(`Id/${path}`, (r, t) => (pick(r).account = t))),
    ),
  );
const parties = branch({
  Dbtr: named((r, t) => (r.detail!.debtor.name = t)),
  DbtrAcct: accountOf((r) => r.detail!.debtor),
  UltmtDbtr: named((r, t) => (r.detail!.ultimateDebtor = t)),
  Cdtr: named((r, t) => (r.detail!.creditor.name = t)),
  CdtrAcct: accountOf((r) => r.detail!.creditor),
  UltmtCdtr: named((r, t) => (r.detail!.ultimateCreditor = t)),
});
const agents = branch(
  join(
    bics('DbtrAgt', (r, t) => (r.detail!.debtor.agentBic = t)),
    bics('CdtrAgt', (r, t) => (r.detail!.creditor.agentBic = t)),
  ),
);

const creditorReference: Leaf = (r, t) => {
  if (reference(t)) r.detail!.remittance.creditorReferences.push(t);
};
const documentNumber: Leaf = (r, t) => {
  if (reference(t)) r.detail!.remittance.documentNumbers.push(t);
};
const remittance = branch({
  Ustrd: (r, t) => r.detail!.remittance.unstructured.push(t),
  Strd: many({
    CdtrRefInf: branch({ Ref: creditorReference, CdtrRef: creditorReference }), // CdtrRef and RfrdDocNb in version 01
    RfrdDocInf: many({ Nb: documentNumber, RfrdDocNb: documentNumber }),
  }),
});
const returned: Leaf = (r, t) => (r.detail!.returnReason = t);

const detail = part('detail', {
  Refs: references,
  Amt: (r, t) => (r.detail!.stated.own = r.amount(t)),
  CdtDbtInd: (r, t) => (r.detail!.ownDirection = r.direction(t)),
  AmtDtls: amountDetails,
  BkTxCd: transactionCode,
  Chrgs: charges,
  RltdPties: parties,
  RltdAgts: agents,
  RmtInf: remittance,
  RtrInf: branch({ Rsn: branch({ Cd: returned, Prtry: returned }), RtrRsn: branch({ Cd: returned, Prtry: returned }) }),
  AddtlTxInf: (r, t) => (r.detail!.additionalInformation = t),
});

const batch = branch({
  MsgId: (r, t) => (r.entry.batchOf().messageId = reference(t)),
  PmtInfId: (r, t) => (r.entry.batchOf().paymentInformationId = reference(t)),
  NbOfTxs: (r, t) => (r.entry.batchOf().transactionCount = t),
});

const status: Leaf = (r, t) => (r.entry.status = t);
const entry = part('entry', {
  NtryRef: (r, t) => (r.entry.reference = reference(t)),
  Amt: (r, t) => {
    r.entry.own = r.amount(t);
    r.entry.amountPosition = r.position();
  },
  CdtDbtInd: (r, t) => (r.entry.direction = r.direction(t)),
  RvslInd: (r, t) => (r.entry.reversal = r.flag(t)),
  Sts: { text: status, children: { Cd: status, Prtry: status } }, // until version 07 the code itself
  BookgDt: branch({
    Dt: (r, t) => (r.entry.bookingDate = r.date(t)),
    DtTm: (r, t) => (r.entry.bookingDate = (r.entry.bookedAt = r.dateTime(t)).slice(0, 10)),
  }),
  ValDt: branch({
    Dt: (r, t) => (r.entry.valueDate = r.date(t)),
    DtTm: (r, t) => (r.entry.valueDate = r.dateTime(t).slice(0, 10)),
  }),
  AcctSvcrRef: (r, t) => (r.entry.servicerReference = reference(t)),
  BkTxCd: transactionCode,
  AmtDtls: amountDetails,
  Chrgs: charges,
  Btch: batch, // version 01, as is TxDtls here
  TxDtls: detail,
  NtryDtls: many({ Btch: batch, TxDtls: detail }),
  AddtlNtryInf: (r, t) => (r.entry.additionalInformation = t),
});

const page: Record<string, Rule> = {
  PgNb: (r, t) => (r.statement.page = t),
  LastPgInd: (r, t) => (r.statement.lastPage = r.flag(t)),
};
const statement = part('statement', {
  Id: (r, t) => (r.statement.id = t),
  ElctrncSeqNb: (r, t) => (r.statement.electronicSequenceNumber = t),
  LglSeqNb: (r, t) => (r.statement.legalSequenceNumber = t),
  CreDtTm: (r, t) => (r.statement.createdAt = r.dateTime(t)),
  FrToDt: branch({
    FrDtTm: (r, t) => (r.statement.from = r.dateTime(t)),
    ToDtTm: (r, t) => (r.statement.to = r.dateTime(t)),
    FrDt: (r, t) => (r.statement.from = r.date(t)),
    ToDt: (r, t) => (r.statement.to = r.date(t)),
  }),
  CpyDplctInd: (r, t) => (r.statement.copy = t),
  StmtPgntn: branch(page),
  RptPgntn: branch(page),
  NtfctnPgntn: branch(page),
  Acct: account,
  Bal: balance,
  Ntry: entry,
});

const groupHeader = branch({
  MsgId: (r, t) => (r.message.messageId = t),
  CreDtTm: (r, t) => (r.message.createdAt = r.dateTime(t)),
});
/** The message element, bare or as in version 01 with the version in its name, and its statement element. */
const message = (name: string, child: string): Record<string, Rule> => {
  const rule: Branch = { part: 'message', children: { GrpHdr: groupHeader, [child]: statement } };
  return { [name]: rule, [`${name}V01`]: rule };
};

/** What stands under `Document`, by format. The three messages differ only in the names of two elements. */
export const DOCUMENT: Readonly<Record<CamtFormat, Record<string, Rule>>> = {
  'camt.052': message('BkToCstmrAcctRpt', 'Rpt'),
  'camt.053': message('BkToCstmrStmt', 'Stmt'),
  'camt.054': message('BkToCstmrDbtCdtNtfctn', 'Ntfctn'),
};
