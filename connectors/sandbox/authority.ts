/** What the sandbox gives documents of which it is the authority: a number of its own series, and taxes as it rounds them. */
import { ratePerMillion } from '../../entities/invoices/pricing';
import { parseMinor, share, sum } from '../../entities/money';
import type { DocumentLine, Given, InvoiceDocument, PostingDocument } from '../../sync/documents';
import type { Booking, Store } from './store';

/** The document as it is booked. One that is in the books keeps what it was given then. */
export function givenTo(store: Store, document: PostingDocument, old: Booking | undefined): PostingDocument {
  const body = document.body as Partial<InvoiceDocument>;
  if (body.authority?.backend !== document.backend || !body.lines) return document;
  const before = old && (JSON.parse(old.body) as InvoiceDocument);
  const gives = (what: Given) => body.authority!.gives.includes(what);
  const number = gives('NUMBER') ? (before?.number ?? nextNumber(store, document)) : body.number!;
  if (!gives('TAX')) return { ...document, body: { ...body, number } as InvoiceDocument };
  const taxMinor = sum(body.lines.map((line) => taxOf(line)));
  const lines = body.lines.map((line) => ({ ...line, taxMinor: taxOf(line).toString() }));
  return { ...document, body: { ...body, number, lines, taxMinor: taxMinor.toString(), totalMinor: (parseMinor(body.netMinor!) + taxMinor).toString() } as InvoiceDocument };
}

/** Without gaps by legal entity and kind. */
function nextNumber(store: Store, document: PostingDocument): string {
  const code = document.legalEntity?.code ?? 'NONE';
  const place = store.countOf({ ...document, entity: code }) + 1;
  return `${document.backend.toUpperCase()}/${code}/${document.kind === 'invoice' ? 'INV' : 'CRN'}/${String(place).padStart(5, '0')}`;
}

/** Line by line, half up: other than the sum of all lines would have it by some units. */
const taxOf = ({ netMinor, taxRatePercent }: DocumentLine): bigint => share(parseMinor(netMinor), ratePerMillion(taxRatePercent), 1_000_000n);
