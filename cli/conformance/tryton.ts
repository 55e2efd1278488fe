import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ask } from '../../connectors/conformance/proxy';
import type { Backend, Lie, Subject } from '../../connectors/conformance/subject';
import { ANSWER_BYTES_MAX } from '../../connectors/tryton/answers';
import { TrytonClient, type TrytonAccount, type TrytonCalls } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { findCompany } from '../../connectors/tryton/books';
import { startFakeTryton } from '../../connectors/tryton/fake';
import { TrytonFault } from '../../connectors/tryton/faults';
import { referenceOf } from '../../connectors/tryton/map';
import { prepareCompany } from '../../connectors/tryton/setup';
import { date, decimalText, isoDate, type Row } from '../../connectors/tryton/values';
import { formatDecimal } from '../../entities/money';
import { systemClock } from '../../sync/clock';
import type { InvoiceDocument, PostingDocument } from '../../sync/documents';
import { root } from '../house';

const EUR = { code: 'CONFORMANCE-EUR', currency: 'EUR' };
const CLOSE_TRIES_MAX = 20;
const JPY = { code: 'CONFORMANCE-JPY', currency: 'JPY' };
const KWD = { code: 'CONFORMANCE-KWD', currency: 'KWD' };
const LACKS = {
  'late asynchronous job': 'Tryton answers when the work is done; there is no job to come back to.',
  'partial batch': 'Tryton creates several records in one transaction, which one bad record fails; so each document is sent by itself.',
};
const SETUP_MS_MAX = 120_000;
/** Nothing else is dated in this month, so it may stay closed. */
const CLOSED = { day: '2025-01-31', start: '2025-01-01' };

/** The Tryton that `npm run services` started. */
function account(): TrytonAccount | undefined {
  const file = join(root(), '.services', 'services.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { tryton?: TrytonAccount }).tryton : undefined;
}

export const trytonSubject = (): Subject => ({
  name: 'Tryton 6.0',
  connector: 'tryton',
  lacks: LACKS,
  available: () => account() !== undefined,
  open: () => open(account()!, () => Promise.resolve()),
});

export const trytonFakeSubject = (): Subject => ({
  name: 'Tryton (fake)',
  connector: 'tryton',
  lacks: LACKS,
  available: () => true,
  async open() {
    const fake = await startFakeTryton();
    return open(fake.account, () => fake.close());
  },
});

async function open(account: TrytonAccount, close: () => Promise<void>): Promise<Backend> {
  const client = new TrytonClient(account);
  const calls = () => client.within({ signal: AbortSignal.timeout(SETUP_MS_MAX) });
  for (const entity of [EUR, JPY, KWD]) await prepareCompany(calls(), entity);
  await closePeriod(calls(), EUR.code, CLOSED);
  return {
    url: account.url,
    connect: (url) => trytonConnector({ ...account, url, clock: systemClock }),
    entity: EUR,
    noDecimals: JPY,
    threeDecimals: KWD,
    closedDate: CLOSED.day,
    openFrom: '2025-02-01',
    missingDate: '2019-01-31',
    dates: (document) => datesOf(calls(), document),
    count: async (document) => (await bookedRows(calls(), document)).length,
    content: (document) => contentOf(calls(), document),
    commits: ({ body }) => /"method":"model\.(account\.(move|invoice)\.post|party\.party\.(create|write))"/.test(body),
    lies: LIES,
    secrets: [account.password],
    answerBytesMax: ANSWER_BYTES_MAX,
    close,
  };
}

/** Closes the period that begins on a day, if it is not closed. Tryton locks its table of moves for that, so others may be in the way. */
async function closePeriod(calls: TrytonCalls, legalEntity: string, { start }: typeof CLOSED): Promise<void> {
  const company = (await findCompany(calls, legalEntity))!.id;
  const domain = [['company', '=', company], ['type', '=', 'standard'], ['start_date', '=', date(start)]];
  for (let tries = 0; ; tries++) {
    const period = await calls.first('account.period', domain, ['id', 'state']);
    if (period!.state !== 'open') return;
    try {
      return await calls.of(company).act('account.period', 'close', [period!.id]);
    } catch (error) {
      if (!(error instanceof TrytonFault) || tries === CLOSE_TRIES_MAX) throw error;
      await systemClock.wait(250);
    }
  }
}

/** An invoice has both dates; a move has one, and says the document's own in its lines. */
async function datesOf(calls: TrytonCalls, document: PostingDocument): Promise<{ effective: string; posting: string }> {
  if (document.kind === 'invoice') {
    const [row] = await calls.rows('account.invoice', [['reference', '=', referenceOf(document)]], ['id', 'invoice_date', 'move.date']);
    return { effective: isoDate(row!.invoice_date), posting: isoDate((row!['move.'] as Row).date) };
  }
  const [row] = await calls.rows('account.move', [['description', '=', document.externalId]], ['id', 'date']);
  const [line] = await calls.rows('account.move.line', [['move', '=', row!.id]], ['id', 'description']);
  return { effective: /\(dated (.*)\)$/.exec(line!.description as string)?.[1] ?? '', posting: isoDate(row!.date) };
}

/** The records under a document's external id that count: parties, and what is posted. */
async function bookedRows(calls: TrytonCalls, document: PostingDocument): Promise<Row[]> {
  if (document.kind === 'customer') return calls.rows('party.party', [['code', '=', document.externalId]], ['id', 'name']);
  if (/^(invoice|creditMemo|invoiceVoid)$/.test(document.kind)) {
    const rows = await calls.rows('account.invoice', [['reference', '=', referenceOf(document)]], ['id', 'state', 'total_amount']);
    return rows.filter(({ state }) => state !== 'draft');
  }
  const rows = await calls.rows('account.move', [['description', '=', document.externalId]], ['id', 'state']);
  return rows.filter(({ state }) => state === 'posted');
}

async function contentOf(calls: TrytonCalls, document: PostingDocument): Promise<{ texts: string[]; total?: string }> {
  const [row] = await bookedRows(calls, document);
  if (!row) return { texts: [] };
  if (document.kind === 'customer') return { texts: [row.name as string] };
  const { currency } = document.body as InvoiceDocument;
  if (row.total_amount) {
    const lines = await calls.rows('account.invoice.line', [['invoice', '=', row.id]], ['id', 'description']);
    return { texts: lines.map(({ description }) => description as string), total: inDigits(decimalText(row.total_amount), currency) };
  }
  const lines = await calls.rows('account.move.line', [['move', '=', row.id]], ['id', 'debit', 'description']);
  const debit = lines.map((line) => decimalText(line.debit)).find((text) => /[1-9]/.test(text)) ?? '0';
  return { texts: lines.map(({ description }) => description as string), total: inDigits(debit, currency) };
}

/** Tryton may write more zeros than the currency has digits, or fewer. */
function inDigits(text: string, currency: string): string {
  const digits = formatDecimal(0n, currency).split('.')[1]?.length ?? 0;
  const [whole = '0', fraction = ''] = text.split('.');
  const rest = fraction.replace(/0+$/, '').padEnd(digits, '0');
  return rest ? `${whole}.${rest}` : whole;
}

const methodOf = ({ body }: Ask) => /"method":"([^"]+)"/.exec(body)?.[1] ?? '';

/** Puts another result into an answer that has one. */
const result = (change: (result: unknown) => unknown): Lie['text'] => ({ text }) => {
  const answer = JSON.parse(text) as { result?: unknown };
  return 'result' in answer ? JSON.stringify({ ...answer, result: change(answer.result) }) : text;
};

/** Rows of a search, told as those of another record; an empty search is told to have found one. */
const strangers = (model: string): Lie => ({
  about: `another ${model} is found`,
  told: (ask) => methodOf(ask) === `model.${model}.search_read`,
  text: result((rows) => {
    const stranger = { id: 1, state: 'posted', number: 'OTHER', post_number: '1', lines: [], reference: 'other', description: 'other', code: 'other', addresses: [1], payment_lines: [], lines_to_pay: [] };
    return [{ ...(rows as Row[])[0], ...stranger }];
  }),
});

/** The call is done, and answered as if it had given something else. */
const done = (pattern: RegExp, value: unknown): Lie => ({
  about: `${pattern.source.replaceAll('\\', '')} is said to have given ${JSON.stringify(value)}`,
  told: (ask) => pattern.test(methodOf(ask)),
  text: result(() => value),
});

const LIES: readonly Lie[] = [
  {
    about: 'post is said to be done and was not',
    told: (ask) => /account\.(move|invoice)\.post$/.test(methodOf(ask)),
    forwarded: false,
    text: () => '{"id":1,"result":null}',
  },
  strangers('account.move'), strangers('account.invoice'), strangers('party.party'),
  done(/account\.(move|invoice)\.create/, [1]),
  done(/account\.(move|invoice)\.create/, [999_999_999]),
  done(/account\.(move|invoice)\.read/, [{ id: 1, state: 'posted', number: 'OTHER', post_number: '1', lines: [1, 2], reference: 'other', description: 'other' }]),
  done(/account\.(move|invoice)\.read/, []),
];
