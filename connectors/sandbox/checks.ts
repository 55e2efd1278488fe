import { digitsOf, parseMinor, sum } from '../../entities/money';
import { Refusal } from '../../entities/refusal';
import { BACKENDS, type Backend, type DocumentKind, type PostingDocument } from '../../sync/documents';

/** What each backend takes; anything else is refused with KIND_UNSUPPORTED. */
const RECEIVABLE_KINDS = ['invoice', 'creditMemo', 'invoiceVoid', 'payment', 'application', 'unapplication'] as const;
export const KINDS_TAKEN: Record<Backend, readonly DocumentKind[]> = {
  billing: ['customer', 'contract', ...RECEIVABLE_KINDS, 'usage'],
  erp: ['customer', 'contractCheck', ...RECEIVABLE_KINDS, 'revenueJournal'],
  crm: ['customer', 'contract'],
  saas: ['customer', 'entitlement'],
};
export const LINES_MAX = 5_000;
const TEXT_CHARS_MAX = 4_000;

type Fields = Record<string, unknown>;

/** Whose request it is and where it arrived: both must agree with what the document says. */
export interface Address {
  tenantId: string;
  backend: Backend;
}

export function isBackend(name: string): name is Backend {
  return (BACKENDS as readonly string[]).includes(name);
}

/** Reads an arrived document and checks its shape and its money. Refuses with a code that says what is wrong. */
export function readDocument(raw: unknown, address: Address): PostingDocument {
  const fields = record(raw, 'document');
  const tenantId = text(fields, 'tenantId');
  if (tenantId !== address.tenantId) throw new Refusal('TENANT_MISMATCH', 'The document belongs to another tenant than the request.', 'tenantId');
  if (fields['backend'] !== address.backend) throw new Refusal('BACKEND_MISMATCH', `This is ${address.backend}.`, 'backend');
  const kind = text(fields, 'kind') as DocumentKind;
  if (!KINDS_TAKEN[address.backend].includes(kind)) throw new Refusal('KIND_UNSUPPORTED', `${address.backend} takes no ${kind}.`, 'kind');
  text(fields, 'externalId');
  text(fields, 'correlationId');
  if (!Number.isSafeInteger(fields['version']) || (fields['version'] as number) < 1) {
    throw new Refusal('DOCUMENT_MALFORMED', 'A version is a whole number from 1.', 'version');
  }
  checkEntity(fields, address.backend === 'erp' && kind !== 'customer');
  if (fields['postingDate'] !== undefined) date(fields, 'postingDate');
  BODY_CHECKS[kind](record(fields['body'], 'body'));
  return raw as PostingDocument;
}

function checkEntity(fields: Fields, needed: boolean): void {
  if (fields['legalEntity'] === null || fields['legalEntity'] === undefined) {
    if (needed) throw new Refusal('LEGAL_ENTITY_MISSING', 'The books of which legal entity?', 'legalEntity');
    return;
  }
  const entity = record(fields['legalEntity'], 'legalEntity');
  text(entity, 'code');
  digitsOf(text(entity, 'currency'), 'legalEntity.currency');
}

const BODY_CHECKS: Record<DocumentKind, (body: Fields) => void> = {
  customer: (body) => {
    text(body, 'name');
    digitsOf(text(body, 'currency'));
  },
  contract: checkContract,
  contractCheck: (body) => {
    checkContract(body);
    if (body['invoicesFrom'] !== null) date(body, 'invoicesFrom');
    for (const line of list(body, 'lines')) text(line, 'revenueAccount');
  },
  entitlement: checkEntitlement,
  invoice: checkInvoice,
  creditMemo: checkReversal,
  invoiceVoid: checkReversal,
  payment: (body) => {
    if (body['customerId'] !== null) text(body, 'customerId');
    date(body, 'receivedDate');
    checkPositive(body);
  },
  application: checkApplication,
  usage: (body) => {
    for (const name of ['contractId', 'customerId', 'lineKey', 'meter']) text(body, name);
    date(body, 'from');
    date(body, 'until');
    if (!/^\d+(\.\d+)?$/.test(text(body, 'quantity'))) throw new Refusal('QUANTITY_INVALID', 'Usage is a decimal from 0 up.', 'quantity');
    digitsOf(text(body, 'currency'));
    if (body['amountMinor'] !== null) minorOf(body, 'amountMinor');
  },
  revenueJournal: (body) => {
    text(body, 'number');
    date(body, 'journalDate');
    digitsOf(text(body, 'currency'));
    for (const line of list(body, 'lines')) {
      text(line, 'account');
      if (text(line, 'accountKind') !== 'revenue' && line['accountKind'] !== 'deferredRevenue') throw new Refusal('ACCOUNT_KIND_UNKNOWN', 'A journal moves revenue and deferred revenue only.', 'accountKind');
      if (minorOf(line, 'debitMinor') < 0n || minorOf(line, 'creditMinor') < 0n) throw new Refusal('AMOUNT_NEGATIVE', 'Neither side of a journal is below zero.', 'debitMinor');
    }
  },
  unapplication: (body) => {
    text(body, 'applicationId');
    checkApplication(body);
  },
};

function checkContract(body: Fields): void {
  text(body, 'customerId');
  text(body, 'state');
  digitsOf(text(body, 'currency'));
  for (const line of list(body, 'lines')) {
    text(line, 'productKey');
    quantity(line);
    minorOf(line, 'unitPriceMinor');
  }
}

function checkEntitlement(body: Fields): void {
  text(body, 'contractId');
  text(body, 'customerId');
  const seen = new Set<string>();
  for (const grant of list(body, 'grants')) {
    const product = text(grant, 'productKey');
    if (seen.has(product)) throw new Refusal('PRODUCT_TWICE', `${product} is granted twice in one entitlement.`, 'grants');
    seen.add(product);
    quantity(grant);
  }
}

function checkReversal(body: Fields): void {
  text(body, 'invoiceId');
  checkInvoice(body);
}

function checkApplication(body: Fields): void {
  for (const name of ['paymentId', 'invoiceId', 'customerId']) text(body, name);
  date(body, 'appliedDate');
  checkPositive(body);
}

function checkPositive(body: Fields): void {
  digitsOf(text(body, 'currency'));
  if (minorOf(body, 'amountMinor') <= 0n) throw new Refusal('AMOUNT_NOT_POSITIVE', 'An amount of money received or applied is above zero.', 'amountMinor');
}

/** Totals are the sums of the lines, and net plus tax is the total. */
function checkInvoice(body: Fields): void {
  text(body, 'customerId');
  text(body, 'number');
  date(body, 'invoiceDate');
  digitsOf(text(body, 'currency'));
  const lines = list(body, 'lines');
  for (const line of lines) text(line, 'revenueAccount');
  const [net, tax, total] = [minorOf(body, 'netMinor'), minorOf(body, 'taxMinor'), minorOf(body, 'totalMinor')];
  const agree = sum(lines.map((line) => minorOf(line, 'netMinor'))) === net
    && sum(lines.map((line) => minorOf(line, 'taxMinor'))) === tax && net + tax === total;
  if (!agree) throw new Refusal('TOTALS_DISAGREE', 'Totals are not the sums of the lines.', 'totalMinor');
  if (total < 0n) throw new Refusal('TOTAL_NEGATIVE', 'A total is never below zero; send a credit memo.', 'totalMinor');
}

function record(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal('DOCUMENT_MALFORMED', `${path} is not an object.`, path);
  return value as Fields;
}

function list(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > LINES_MAX) throw new Refusal('DOCUMENT_MALFORMED', `${name} is not a list of at most ${LINES_MAX}.`, name);
  return value.map((item, at) => record(item, `${name}.${at}`));
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '' || value.length > TEXT_CHARS_MAX) throw new Refusal('DOCUMENT_MALFORMED', `${name} is not a text.`, name);
  return value;
}

function date(fields: Fields, name: string): void {
  if (!/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text(fields, name))) {
    throw new Refusal('DOCUMENT_MALFORMED', `${name} is not a date.`, name);
  }
}

function quantity(fields: Fields): void {
  if (!/^-?\d{1,18}(\.\d{1,12})?$/.test(text(fields, 'quantity'))) throw new Refusal('DOCUMENT_MALFORMED', 'quantity is not a decimal.', 'quantity');
}

function minorOf(fields: Fields, name: string): bigint {
  return parseMinor(text(fields, name), name);
}
