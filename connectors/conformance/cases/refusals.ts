/** Cases about documents that the books must not take, and upserts that come too late. */
import { effectiveDateOf, type PostingDocument } from '../../../sync/documents';
import type { Rejected } from '../../connector';
import { check, inWords, type Case, type Stand } from '../stand';

const CODE = /^[A-Z][A-Z0-9_]+$/;

/** The document is REJECTED with a code that says why, nothing is booked, and the look-up says so. */
async function refused(stand: Stand, document: PostingDocument, code: RegExp): Promise<Rejected> {
  const answer = await stand.post(document);
  check(answer.outcome === 'REJECTED', `it was to be REJECTED: ${inWords(answer)}`);
  check(CODE.test(answer.code) && code.test(answer.code), `the code ${answer.code} does not say why`);
  await stand.count(document, 0);
  const found = await stand.find(document);
  check(found.outcome === 'ABSENT', `the look-up gave ${inWords(found)}`);
  return answer;
}

async function closedPeriod(stand: Stand): Promise<void> {
  const { closedDate: day, missingDate, openFrom } = stand.backend;
  const customer = await stand.customer();
  const dated = (date: string) => [stand.documents.invoice(customer, { invoiceDate: date }), stand.documents.payment(500n, { receivedDate: date })];
  for (const document of dated(day!)) {
    const answer = await refused(stand, document, /^PERIOD_CLOSED$/);
    check(answer.openFrom === openFrom, `the books are open again from ${openFrom}, and the answer says ${answer.openFrom}`);
    if (openFrom !== undefined) await redated(stand, document, openFrom);
  }
  for (const document of missingDate === undefined ? [] : dated(missingDate)) await refused(stand, document, /PERIOD_(?!CLOSED$)/);
}

/** The refused document under another posting date: booked once, with both dates. */
async function redated(stand: Stand, document: PostingDocument, postingDate: string): Promise<void> {
  const again = { ...document, postingDate };
  await stand.posted(again);
  await stand.count(again, 1);
  const expected = { effective: effectiveDateOf(document), posting: postingDate };
  const found = await stand.backend.dates?.(again);
  check(JSON.stringify(found) === JSON.stringify(expected), `${document.kind} is in the books under ${JSON.stringify(found)}`);
}

async function unknownAccount(stand: Stand): Promise<void> {
  const document = stand.documents.invoice(await stand.customer());
  await refused(stand, { ...document, body: { ...document.body, lines: document.body.lines.map((line) => ({ ...line, revenueAccount: '9999-NONE' })) } }, /ACCOUNT/);
}

async function unknownCustomer(stand: Stand): Promise<void> {
  await refused(stand, stand.documents.invoice(stand.documents.fresh('cus')), /CUSTOMER/);
}

async function unknownInvoice(stand: Stand): Promise<void> {
  const never = stand.documents.invoice(await stand.customer());
  await refused(stand, stand.documents.creditMemo(never), /INVOICE/);
  const paid = stand.documents.payment();
  await stand.posted(paid);
  await refused(stand, stand.documents.application([paid, never], 100n), /INVOICE/);
}

async function currencyMismatch(stand: Stand): Promise<void> {
  const other = stand.backend.entity.currency === 'USD' ? 'GBP' : 'USD';
  const invoice = stand.documents.invoice(await stand.customer());
  const paid = stand.documents.payment();
  await stand.posted(invoice);
  await stand.posted(paid);
  await refused(stand, stand.documents.creditMemo(invoice, { currency: other }), /CURRENCY/);
  await refused(stand, stand.documents.application([paid, invoice], 100n, { currency: other }), /CURRENCY/);
}

async function tooMuchApplied(stand: Stand): Promise<void> {
  const invoice = stand.documents.invoice(await stand.customer());
  const paid = stand.documents.payment(99_000n);
  await stand.posted(invoice);
  await stand.posted(paid);
  await refused(stand, stand.documents.application([paid, invoice], 50_000n), /EXCEED|OVERAPPLIED/);
}

async function sumsDisagree(stand: Stand): Promise<void> {
  await refused(stand, stand.documents.invoice(await stand.customer(), { totalMinor: '1' }), /TOTAL/);
}

async function staleVersion(stand: Stand): Promise<void> {
  const id = stand.documents.fresh('cus');
  const version = (number: number) => stand.documents.customer(id, { version: number, name: `Version ${number}` });
  await stand.posted(version(1));
  await stand.posted(version(3));
  await stand.posted(version(2));
  const { texts } = await stand.backend.content(version(3));
  check(texts.includes('Version 3'), `version 2 after version 3 left ${JSON.stringify(texts)}`);
  await stand.count(version(3), 1);
  for (const [number, expected] of [[2, 'POSTED'], [3, 'POSTED'], [4, 'ABSENT']] as const) {
    const found = await stand.find(version(number));
    check(found.outcome === expected, `the look-up of version ${number} gave ${inWords(found)}`);
  }
}

export const REFUSALS = [
  { name: 'closed period', run: closedPeriod },
  { name: 'unknown account', run: unknownAccount },
  { name: 'unknown customer', run: unknownCustomer },
  { name: 'credit and cash for an unknown invoice', run: unknownInvoice },
  { name: 'currency mismatch', run: currencyMismatch },
  { name: 'more applied than is open', run: tooMuchApplied },
  { name: 'totals that are not the sums of the lines', run: sumsDisagree },
  { name: 'stale version of an upsert', run: staleVersion },
] as const satisfies readonly Case[];
