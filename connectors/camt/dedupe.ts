import { createHash } from 'node:crypto';
import type { CamtDetail, CamtEntry, CamtParty, CamtStatement } from './types';

/** What a line is known by: the same key again is the same line, redelivered. */
export interface CamtLine {
  readonly statement: Pick<CamtStatement, 'account' | 'id' | 'date'>;
  readonly entry: CamtEntry;
  readonly detail: CamtDetail;
}

/**
 * Account, statement id with its date (banks use ids again each year), the entry's references, detail index, amount and sign,
 * as a JSON array. An entry without the bank's own reference is told apart by its position, for an `NtryRef` may be shared.
 * The same key with another `contentHash` is an exception for a person, never a skip.
 */
export function deduplicationKey({ statement, entry, detail }: CamtLine): string {
  return JSON.stringify([
    statement.account.iban ?? statement.account.other ?? '',
    statement.id,
    statement.date ?? '',
    entry.reference ?? '',
    entry.servicerReference ?? `#${entry.index}`,
    detail.index,
    detail.amount.minor.toString(),
    detail.amount.currency,
    detail.direction,
  ]);
}

/**
 * SHA-256 (hex) of what the bank says about a line, without the statement it stands in and without its position there: equal for
 * the same booking in overlapping statements. Two payments alike in all particulars hash alike too, so compare how often a hash
 * occurs on a day, not whether it does.
 */
export function contentHash({ statement, entry, detail }: CamtLine): string {
  const content = [
    statement.account.iban ?? statement.account.other,
    [entry.bookingDate, entry.valueDate, entry.reversal, entry.servicerReference],
    [entry.amount.minor.toString(), entry.amount.currency, entry.direction],
    [detail.index, detail.amount.minor.toString(), detail.amount.currency, detail.direction],
    Object.entries(detail.references).filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)),
    [partyContent(detail.debtor), partyContent(detail.creditor), detail.ultimateDebtor, detail.ultimateCreditor],
    [detail.remittance.unstructured, detail.remittance.creditorReferences, detail.remittance.documentNumbers].map(normalised),
    [detail.returnReason, normalised([detail.additionalInformation ?? '', entry.additionalInformation ?? ''])],
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function partyContent({ name, iban, account }: CamtParty): readonly (string | undefined)[] {
  return [name === undefined ? undefined : normalised([name])[0], iban, account];
}

/** Runs of white space differ between one delivery and the next; the words don't. */
function normalised(texts: readonly string[]): string[] {
  return texts.map((text) => text.normalize('NFC').replace(/\s+/g, ' ').trim());
}
