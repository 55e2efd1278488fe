/**
 * The canonical documents that travel from a business act to a backend. Amounts are whole minor units as strings, dates are
 * `YYYY-MM-DD` in the legal entity's zone. A document is frozen in its posting row: a resend carries the same bytes.
 */
export const BACKENDS = ['billing', 'erp', 'crm', 'saas'] as const;
export type Backend = (typeof BACKENDS)[number];

export interface CustomerDocument {
  key: string;
  name: string;
  email: string | null;
  countryCode: string | null;
  currency: string;
  /** The customer that stands for it, since both were found to be one. */
  mergedIntoId?: string;
}

export interface ContractDocument {
  number: string;
  customerId: string;
  state: string;
  startDate: string;
  endDate: string;
  currency: string;
  /** What is in force. */
  lines: { productKey: string; quantity: string; unitPriceMinor: string }[];
  /** All that is agreed, stretch by stretch: `until` is the day after the last one. Absent from documents made before lines had dates. */
  schedule?: { lineKey: string; from: string; until: string; quantity: string; unitPriceMinor: string }[];
}

/** Asks whether the books would take what a contract will bring; it books nothing. A cancelled contract brings nothing any more. */
export interface ContractCheckDocument extends ContractDocument {
  /** The day from which invoices may come: the first of the term, or today if that is past; null if there will be none. */
  invoicesFrom: string | null;
  lines: (ContractDocument['lines'][number] & Pick<DocumentLine, 'taxCode' | 'taxRatePercent' | 'revenueAccount'>)[];
}

export interface EntitlementDocument {
  contractId: string;
  contractNumber: string;
  customerId: string;
  grants: { productKey: string; quantity: string }[];
}

export interface DocumentLine {
  lineId: string;
  /** On a credit memo: the line of the invoice that it takes back. */
  ofLineId?: string | null;
  description: string;
  quantity: string;
  unitPriceMinor: string;
  netMinor: string;
  taxMinor: string;
  /** Percent with up to four decimals, as a string: "20", "7.7". */
  taxRatePercent: string;
  taxCode: string;
  revenueAccount: string;
  /** Where what is billed waits until it is earned; revenue with the invoice if there is none. */
  deferredAccount?: string;
}

/** What a backend says of a document in our place: its number, its tax. */
export type Given = 'NUMBER' | 'TAX';

/** The backend that is the authority for something of a document, which is provisional until it has the document in its books. */
export interface Authority {
  backend: Backend;
  gives: Given[];
}

export interface InvoiceDocument {
  number: string;
  /** Only while something of it is provisional. The authority books it with a number, or taxes, of its own; what it does not give is as it stands here. */
  authority?: Authority;
  customerId: string;
  customerName: string;
  invoiceDate: string;
  dueDate: string;
  currency: string;
  netMinor: string;
  taxMinor: string;
  totalMinor: string;
  lines: DocumentLine[];
}

/** Amounts are positive and reduce the invoice they name. */
export interface CreditMemoDocument extends InvoiceDocument {
  invoiceId: string;
  invoiceNumber: string;
  reason: string;
}

/** What a line of a contract used in a stretch of a billing period, and what that costs before tax. */
export interface UsageDocument {
  contractId: string;
  contractNumber: string;
  customerId: string;
  lineKey: string;
  meter: string;
  from: string;
  /** The day after the last one. */
  until: string;
  /** In the meter's units, as a decimal. */
  quantity: string;
  unit: string;
  currency: string;
  /** Null while it depends on prepaid units that an earlier stretch may draw. */
  amountMinor: string | null;
}

/** Revenue that a month has earned: debits equal credits. */
export interface RevenueJournalDocument {
  number: string;
  journalDate: string;
  month: string;
  currency: string;
  lines: { account: string; accountKind: 'revenue' | 'deferredRevenue'; debitMinor: string; creditMinor: string }[];
}

export interface PaymentDocument {
  number: string;
  customerId: string | null;
  receivedDate: string;
  currency: string;
  amountMinor: string;
  reference: string;
}

export interface ApplicationDocument {
  paymentId: string;
  invoiceId: string;
  invoiceNumber: string;
  customerId: string;
  appliedDate: string;
  currency: string;
  amountMinor: string;
}

/** Document kind → body. `create` kinds exist once under their external id; `upsert` kinds replace an older version. */
export interface DocumentBodies {
  customer: CustomerDocument;
  contract: ContractDocument;
  contractCheck: ContractCheckDocument;
  entitlement: EntitlementDocument;
  invoice: InvoiceDocument;
  creditMemo: CreditMemoDocument;
  /** Reverses a posted invoice completely; the body is the invoice as it was, the date that of the reversal. */
  invoiceVoid: CreditMemoDocument;
  payment: PaymentDocument;
  application: ApplicationDocument;
  /** Takes back an application in full; `externalId` is its own, `applicationId` names what it reverses. */
  unapplication: ApplicationDocument & { applicationId: string };
  revenueJournal: RevenueJournalDocument;
  usage: UsageDocument;
}
export type DocumentKind = keyof DocumentBodies;
export const UPSERT_KINDS: ReadonlySet<DocumentKind> = new Set<DocumentKind>(['customer', 'contract', 'contractCheck', 'entitlement', 'usage']);

export interface PostingDocument<Kind extends DocumentKind = DocumentKind> {
  tenantId: string;
  backend: Backend;
  kind: Kind;
  /** The id under which the backend knows the thing for ever: a resource id, equal in every system. */
  externalId: string;
  /** The version of the resource that this document carries; an upsert with a lower one is stale. */
  version: number;
  correlationId: string;
  legalEntity: { code: string; currency: string } | null;
  /** The accounting date, when it is another than the document's own: the books no longer took that day. */
  postingDate?: string;
  body: DocumentBodies[Kind];
}

/** The day that a document bears itself; null for one that moves no money. */
export function effectiveDateOf({ body }: Pick<PostingDocument, 'body'>): string | null {
  if ('invoiceDate' in body) return body.invoiceDate;
  if ('receivedDate' in body) return body.receivedDate;
  if ('journalDate' in body) return body.journalDate;
  return 'appliedDate' in body ? body.appliedDate : null;
}

/** The day under which a document goes into the books: its accounting date. */
export function postingDateOf(document: Pick<PostingDocument, 'body' | 'postingDate'>): string | null {
  return document.postingDate ?? effectiveDateOf(document);
}
