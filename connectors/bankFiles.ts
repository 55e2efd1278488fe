import { LegalEntity } from '../entities/customers/LegalEntity';
import { Refusal } from '../entities/refusal';
import { selectRows } from '../entities/rows';
import type { Actor } from '../subgraphs/act';
import { perform } from '../subgraphs/act';
import { normalAccount } from '../subgraphs/customers/rules';
import { type BatchResult, importBankStatement, type StatementBatch, type StatementLine } from '../subgraphs/payments/commands/importBankStatement';
import { sha256 } from '../sync/canonical';
import type { BankFileLine, BankFileStatement, BankFormat } from './bankFile';
import { bai2 } from './bai2/bankFile';
import { camt } from './camt/bankFile';
import { mt940 } from './mt940/bankFile';

const FORMATS: readonly BankFormat[] = [camt, mt940, bai2];
const HEAD_BYTES = 8_192;
const LINES_PER_ACT = 200;

export interface ImportReport {
  statementIds: string[];
  lines: number;
  known: number;
  applied: number;
  unmatched: number;
  debits: number;
  conflicts: number;
}

export interface ImportOptions {
  /** Told after each batch how many lines have been read. */
  progress?: ((lines: number) => void) | undefined;
  /** Checks the file and takes nothing in. */
  dryRun?: boolean;
}

/** Opens the file anew each time it is called: it is read twice, after a look at its beginning. */
export type Source = () => AsyncIterable<Buffer | string>;

/** The format of a file by its content. Refuses FILE_EMPTY and FORMAT_UNKNOWN. */
export async function formatOf(open: Source): Promise<BankFormat> {
  let head = Buffer.alloc(0);
  for await (const chunk of open()) {
    head = Buffer.concat([head, typeof chunk === 'string' ? Buffer.from(chunk) : chunk]).subarray(0, HEAD_BYTES);
    if (head.length === HEAD_BYTES) break;
  }
  if (head.toString('latin1').trim() === '') throw new Refusal('FILE_EMPTY', 'The file is empty.', 'input.content');
  const format = FORMATS.find(({ identify }) => identify(head));
  if (!format) throw new Refusal('FORMAT_UNKNOWN', `This is no file of a known kind: ${FORMATS.map(({ name }) => name).join(', ')}.`, 'input.content');
  return format;
}

/**
 * Imports a file of bank statements. The first pass reads all of it and refuses it whole if anything does not tie or an account is not
 * ours; the second takes the lines in by batches. Importing again goes on where it stopped and does nothing twice.
 */
export async function importBankFile(actor: Actor, open: Source, options: ImportOptions = {}): Promise<ImportReport> {
  const format = await formatOf(open);
  const statements = await check(actor, { format, open });
  const { progress, dryRun } = options;
  const report: ImportReport = { statementIds: [], lines: 0, known: 0, applied: 0, unmatched: 0, debits: 0, conflicts: 0 };
  if (dryRun) return { ...report, lines: statements.reduce((total, { lines }) => total + lines, 0) };
  let lines: StatementLine[] = [];
  let occurrences = new Map<string, number>();
  let count = 0;
  const flush = async (index: number, finished: boolean) => {
    const batch = { ...statements[index - 1]!.head, lines, finishedWith: finished ? count : null };
    lines = [];
    add(report, await perform({ ...actor, idempotencyKey: undefined }, importBankStatement, batch));
    progress?.(report.lines);
  };
  await format.read(open(), {
    statement() {
      occurrences = new Map();
      count = 0;
    },
    async line(line, { index }) {
      lines.push(lineOf(line, occurrences));
      count++;
      report.lines++;
      if (lines.length === LINES_PER_ACT) await flush(index, false);
    },
    end: (_end, { index }) => flush(index, true),
  });
  return report;
}

function add(report: ImportReport, result: BatchResult): void {
  if (!report.statementIds.includes(result.statementId)) report.statementIds.push(result.statementId);
  for (const field of ['known', 'applied', 'unmatched', 'debits', 'conflicts'] as const) report[field] += result[field];
}

interface Checked {
  lines: number;
  head: Omit<StatementBatch, 'lines' | 'finishedWith'>;
}

async function check(actor: Actor, { format, open }: { format: BankFormat; open: Source }): Promise<Checked[]> {
  const { reads } = actor.engine.database;
  const entities = await selectRows(reads, LegalEntity, { where: { tenantId: actor.principal.tenantId } });
  const checked: Checked[] = [];
  await format.read(open(), {
    statement: (statement) => void ownerOf(statement, entities),
    end(end, statement) {
      const entity = ownerOf(statement, entities);
      const head = {
        account: normalAccount(statement.account),
        statementNumber: statement.number,
        legalEntityId: entity.id,
        closingDate: end.closingDate ?? entity.booksFrom,
        currency: end.currency ?? entity.currency,
        openingMinor: end.openingMinor.toString(),
        closingMinor: end.closingMinor.toString(),
      };
      checked.push({ lines: end.lines, head });
    },
  });
  return checked;
}

/** The legal entity whose account this is. Refuses ACCOUNT_UNKNOWN. */
function ownerOf({ account, where }: BankFileStatement, entities: readonly LegalEntity[]): LegalEntity {
  const normal = normalAccount(account);
  const owner = entities.find((entity) => entity.bankAccounts.includes(normal));
  if (owner) return owner;
  throw new Refusal('ACCOUNT_UNKNOWN', `${where}: ${normal || 'no account'} is the account of no legal entity; add it to one first.`, 'input.content');
}

function countIn(counts: Map<string, number>, name: string): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}

function lineOf({ key, content, bookingDate, currency, amountMinor, payerName, payerAccount, evidence }: BankFileLine, occurrences: Map<string, number>): StatementLine {
  const occurrence = countIn(occurrences, content);
  const twin = countIn(occurrences, `${key}|${content}`);
  return {
    // Twins in one statement that ties are both money: the bank reused its reference.
    lineKey: sha256(twin === 1 ? key : `${key}|${twin}`),
    contentHash: content,
    occurrence, bookingDate, currency, evidence,
    amountMinor: amountMinor.toString(),
    payerName: payerName?.slice(0, 191) ?? null,
    payerAccount: payerAccount === null ? null : normalAccount(payerAccount).slice(0, 64),
  };
}
