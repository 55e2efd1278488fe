import { readCamt, type CamtEntry, type CamtLimits, type CamtStatement, type CamtStatementEnd, type CamtSummary } from '../../connectors/camt/read';
import { Refusal } from '../../entities/refusal';

/** Small camt files for tests, element by element. */
export const el = (name: string, content: string | undefined): string => (content === undefined ? '' : `<${name}>${content}</${name}>`);
export const amt = (amount: string, currency = 'EUR'): string => `<Amt Ccy="${currency}">${amount}</Amt>`;
const indicator = (amount: string): string => (amount.startsWith('-') ? 'DBIT' : 'CRDT');

/** A balance; a leading minus makes it a debit. */
export function bal(code: string, amount: string, { currency = 'EUR', date = '2026-03-02' } = {}): string {
  const tp = `<Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>`;
  return `<Bal>${tp}${amt(amount.replace('-', ''), currency)}${el('CdtDbtInd', indicator(amount))}<Dt><Dt>${date}</Dt></Dt></Bal>`;
}

/** An entry; a leading minus makes it a debit. */
export function ntry(amount: string, rest: { sts?: string; currency?: string; before?: string; after?: string; txs?: string } = {}): string {
  const { sts = '<Sts><Cd>BOOK</Cd></Sts>', currency, before = '', after = '', txs } = rest;
  const dates = '<BookgDt><Dt>2026-03-02</Dt></BookgDt><ValDt><DtTm>2026-03-03T08:00:00+01:00</DtTm></ValDt>';
  const body = `${before}${amt(amount.replace('-', ''), currency)}${el('CdtDbtInd', indicator(amount))}${sts}${dates}${after}`;
  return `<Ntry>${body}${el('NtryDtls', txs)}</Ntry>`;
}

export const tx = (content: string): string => `<TxDtls>${content}</TxDtls>`;
export const IBAN = 'DE89370400440532013000';

export function stmt(content: string, { id = 'S1', ccy = 'EUR' as string | undefined, name = 'Stmt' } = {}): string {
  const account = `<Acct><Id><IBAN>${IBAN}</IBAN></Id>${el('Ccy', ccy)}</Acct>`;
  return `<${name}>${el('Id', id)}<CreDtTm>2026-03-02T20:00:00+01:00</CreDtTm>${account}${content}</${name}>`;
}

const MESSAGES: Record<string, string> = { '052': 'BkToCstmrAcctRpt', '053': 'BkToCstmrStmt', '054': 'BkToCstmrDbtCdtNtfctn' };
export function doc(content: string, { format = '053', version = '08', declaration = '' } = {}): string {
  const name = MESSAGES[format]!;
  const header = '<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-02T21:00:00</CreDtTm></GrpHdr>';
  const namespace = `urn:iso:std:iso:20022:tech:xsd:camt.${format}.001.${version}`;
  return `${declaration}<Document xmlns="${namespace}"><${name}>${header}${content}</${name}></Document>`;
}

/** A statement that opens with 100.00 and closes as told. */
export const tied = (entries: string, closing: string): string => doc(stmt(bal('OPBD', '100.00') + bal('CLBD', closing) + entries));

export interface Outcome {
  summary?: CamtSummary;
  refusal?: { code: string; message: string; path: string };
  statements: CamtStatement[];
  entries: CamtEntry[];
  ends: CamtStatementEnd[];
}

/** Reads chunks and keeps all that was handed on; a refusal is part of the outcome, any other error is thrown. */
export async function outcomeOf(chunks: Iterable<Buffer | string>, limits: Partial<CamtLimits> = {}): Promise<Outcome> {
  const outcome: Outcome = { statements: [], entries: [], ends: [] };
  const sink = {
    statement: (statement: CamtStatement) => void outcome.statements.push(statement),
    entry: (entry: CamtEntry) => void outcome.entries.push(entry),
    statementEnd: (end: CamtStatementEnd) => void outcome.ends.push(end),
  };
  try {
    outcome.summary = await readCamt((async function* () { yield* chunks; })(), sink, limits);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    outcome.refusal = { code: error.code, message: error.message, path: error.path };
  }
  return outcome;
}

export const read = (text: string | Buffer, limits?: Partial<CamtLimits>): Promise<Outcome> => outcomeOf([Buffer.from(text)], limits);

/** Chunks of the given lengths, over and over. */
export function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const next = at + lengths[i % lengths.length]!;
    yield bytes.subarray(at, next);
    at = next;
  }
}
