import { formatDecimal, parseMinor } from '../../entities/money';
import { Refusal } from '../../entities/refusal';
import {
  UPSERT_KINDS,
  type ApplicationDocument, type CreditMemoDocument, type DocumentBodies, type DocumentKind, type InvoiceDocument,
  type PaymentDocument, type PostingDocument,
} from '../../sync/documents';
import { givenTo } from './authority';
import { journalLines } from './ledger';
import type { Booking, Store } from './store';

/** What became of a document. STALE: a later version is in the books already. DUPLICATE: only under `dedupe`. */
export interface Receipt {
  outcome: 'BOOKED' | 'REPLACED' | 'DUPLICATE' | 'STALE';
  booking: Booking;
}

/** Books a checked document in one transaction, or refuses it because of what is in the books, or is missing there. */
export function book(store: Store, asked: PostingDocument, how: { dedupe: boolean; nowMs: number }): Receipt {
  return store.db.transaction((): Receipt => {
    const old = store.find(asked);
    const document = givenTo(store, asked, old);
    const upsert = UPSERT_KINDS.has(document.kind);
    if (old && upsert && old.version > document.version) return { outcome: 'STALE', booking: old };
    if (old && !upsert && how.dedupe) return duplicate(document, old);
    const payment = checkAgainstBooks(store, document);
    const lines = journalLines(document, payment);
    const kept = document.backend === 'erp' ? lines : lines.filter((line) => line.item !== null);
    const booking = store.book({ document, lines: kept, target: targetOf(document), nowMs: how.nowMs });
    return { outcome: old && upsert ? 'REPLACED' : 'BOOKED', booking };
  }).immediate();
}

function duplicate(document: PostingDocument, old: Booking): Receipt {
  if (old.body !== JSON.stringify(document.body)) {
    throw new Refusal('EXTERNAL_ID_CONFLICT', `${document.externalId} is in the books with another content.`, 'externalId');
  }
  return { outcome: 'DUPLICATE', booking: old };
}

function targetOf({ kind, body }: PostingDocument): string | null {
  if (kind === 'unapplication') return (body as DocumentBodies['unapplication']).applicationId;
  return kind === 'creditMemo' || kind === 'invoiceVoid' ? (body as CreditMemoDocument).invoiceId : null;
}

/** Billing and ERP take a document only after what it depends on. Gives the payment of an application or its reversal. */
function checkAgainstBooks(store: Store, document: PostingDocument): PaymentDocument | null {
  if (document.backend !== 'erp' && document.backend !== 'billing') return null;
  const body = document.body;
  if ('customerId' in body && body.customerId !== null) need(store, document, ['customer', body.customerId]);
  if (document.kind === 'creditMemo' || document.kind === 'invoiceVoid') checkCredit(store, document as PostingDocument<'creditMemo'>);
  if (document.kind === 'application') return checkApplication(store, document as PostingDocument<'application'>);
  if (document.kind === 'unapplication') return checkUnapplication(store, document as PostingDocument<'unapplication'>);
  return null;
}

function checkCredit(store: Store, document: PostingDocument<'creditMemo'>): void {
  const { body } = document;
  const invoice = need<InvoiceDocument>(store, document, ['invoice', body.invoiceId]);
  refuseOther(body.currency, invoice.currency, 'CURRENCY_MISMATCH');
  refuseOther(body.customerId, invoice.customerId, 'CUSTOMER_MISMATCH');
  const [credit, total] = [parseMinor(body.totalMinor), parseMinor(invoice.totalMinor)];
  if (credit > total) throw new Refusal('CREDIT_EXCEEDS_INVOICE', `Invoice ${invoice.number} is only ${formatDecimal(total, invoice.currency)}.`, 'totalMinor');
  if ((document.kind as DocumentKind) === 'invoiceVoid' && credit !== total) {
    throw new Refusal('VOID_INCOMPLETE', 'A void reverses the whole invoice.', 'totalMinor');
  }
}

function checkApplication(store: Store, document: PostingDocument<'application'>): PaymentDocument {
  const { body } = document;
  const payment = partiesOf(store, document);
  const amount = parseMinor(body.amountMinor);
  if (amount > store.openMinor(document, body.invoiceId)) {
    throw new Refusal('INVOICE_OVERAPPLIED', `More than is open on invoice ${body.invoiceNumber}.`, 'amountMinor');
  }
  if (amount > -store.openMinor(document, body.paymentId)) {
    throw new Refusal('PAYMENT_OVERAPPLIED', `More than is unapplied of payment ${payment.number}.`, 'amountMinor');
  }
  return payment;
}

function checkUnapplication(store: Store, document: PostingDocument<'unapplication'>): PaymentDocument {
  const { body } = document;
  const key = { ...document, kind: 'application' as const, externalId: body.applicationId };
  const application = need<ApplicationDocument>(store, document, ['application', body.applicationId]);
  for (const name of ['paymentId', 'invoiceId', 'currency', 'amountMinor'] as const) {
    refuseOther(body[name], application[name], 'APPLICATION_MISMATCH');
  }
  if (store.countAgainst({ ...document, externalId: body.applicationId }) >= store.count(key)) {
    throw new Refusal('APPLICATION_REVERSED', `Application ${body.applicationId} has been taken back already.`, 'applicationId');
  }
  return partiesOf(store, document);
}

/** The payment of an application, after checking that payment and invoice are there in its currency. */
function partiesOf(store: Store, document: PostingDocument<'application' | 'unapplication'>): PaymentDocument {
  const { body } = document;
  const invoice = need<InvoiceDocument>(store, document, ['invoice', body.invoiceId]);
  const payment = need<PaymentDocument>(store, document, ['payment', body.paymentId]);
  refuseOther(body.currency, invoice.currency, 'CURRENCY_MISMATCH');
  refuseOther(body.currency, payment.currency, 'CURRENCY_MISMATCH');
  return payment;
}

const UNKNOWN = { customer: 'UNKNOWN_CUSTOMER', invoice: 'UNKNOWN_INVOICE', payment: 'UNKNOWN_PAYMENT', application: 'UNKNOWN_APPLICATION' } as const;

/** The body of a document that must be in these books already and, in the ERP, in the same legal entity's. */
function need<Body>(store: Store, document: PostingDocument, [kind, externalId]: [keyof typeof UNKNOWN, string]): Body {
  const found = store.find({ tenantId: document.tenantId, backend: document.backend, kind, externalId });
  if (!found) throw new Refusal(UNKNOWN[kind], `${kind} ${externalId} is not in the books of ${document.backend}.`, `${kind}Id`, true);
  if (document.backend === 'erp' && kind !== 'customer') refuseOther(document.legalEntity?.code, found.entity, 'LEGAL_ENTITY_MISMATCH');
  return JSON.parse(found.body) as Body;
}

function refuseOther(mine: string | null | undefined, theirs: string | null, code: string): void {
  if (mine !== theirs) throw new Refusal(code, `The document says ${String(mine)}, the books say ${String(theirs)}.`);
}
