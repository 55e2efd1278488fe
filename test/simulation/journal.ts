import type { DocumentBodies, PostingDocument } from '../../sync/documents';
import { must } from './ledger';

/** One side of an entry: positive is a debit. */
interface Side {
  account: string;
  /** The invoice or payment whose balance the line moves. */
  item?: string;
  minor: bigint;
}

const sidesOfInvoice = (body: DocumentBodies['invoice'], item: string): Side[] => [
  { account: 'receivable', item, minor: BigInt(body.totalMinor) },
  ...body.lines.flatMap((line) => [
    { account: line.revenueAccount, minor: -BigInt(line.netMinor) },
    { account: 'tax', minor: -BigInt(line.taxMinor) },
  ]),
];

const sidesOfApplication = ({ paymentId, invoiceId, amountMinor }: DocumentBodies['application']): Side[] => [
  { account: 'receivable', item: paymentId, minor: BigInt(amountMinor) },
  { account: 'receivable', item: invoiceId, minor: -BigInt(amountMinor) },
];

const reversed = (sides: Side[]) => sides.map((side) => ({ ...side, minor: -side.minor }));

function sidesOf({ kind, externalId, body }: PostingDocument): Side[] {
  switch (kind) {
    case 'customer': case 'contract': case 'contractCheck': case 'entitlement': case 'usage': return [];
    case 'invoice': return sidesOfInvoice(body as DocumentBodies['invoice'], externalId);
    case 'creditMemo': case 'invoiceVoid': return reversed(sidesOfInvoice(body as DocumentBodies['creditMemo'], (body as DocumentBodies['creditMemo']).invoiceId));
    case 'payment': {
      const minor = BigInt((body as DocumentBodies['payment']).amountMinor);
      return [{ account: 'bank', minor }, { account: 'receivable', item: externalId, minor: -minor }];
    }
    case 'application': return sidesOfApplication(body as DocumentBodies['application']);
    case 'revenueJournal': return (body as DocumentBodies['revenueJournal']).lines.map(({ account, debitMinor, creditMinor }) => ({ account, minor: BigInt(debitMinor) - BigInt(creditMinor) }));
    case 'unapplication': return reversed(sidesOfApplication(body as DocumentBodies['unapplication']));
  }
}

/** Keeps double entry over what a backend booked; returns what each invoice and payment stands at, in minor units. */
export function balancesOf(documents: readonly PostingDocument[]): Map<string, bigint> {
  const items = new Map<string, bigint>();
  const currencies = new Map<string, bigint>();
  for (const document of documents) {
    const { currency } = document.body as { currency: string };
    for (const { item, minor } of sidesOf(document)) {
      currencies.set(currency, (currencies.get(currency) ?? 0n) + minor);
      if (item) items.set(item, (items.get(item) ?? 0n) + minor);
    }
    must((currencies.get(currency) ?? 0n) === 0n, `debits and credits in ${currency} differ after ${document.kind} ${document.externalId}`);
  }
  return items;
}
