import { LegalEntity } from '../../entities/customers/LegalEntity';
import { Refusal } from '../../entities/refusal';
import { selectRows } from '../../entities/rows';
import { sha256 } from '../../sync/canonical';
import type { Actor } from '../../subgraphs/act';
import { perform } from '../../subgraphs/act';
import { type BatchResult, importBankStatement, type StatementBatch, type StatementLine } from '../../subgraphs/payments/commands/importBankStatement';
import { normalAccount } from '../../subgraphs/customers/rules';
import { type CamtDetail, type CamtEntry, type CamtStatement, type CamtStatementEnd, contentHash, deduplicationKey, readCamt } from './read';

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

interface Checked {
  lines: number;
  head: Omit<StatementBatch, 'lines' | 'finishedWith'>;
}

export interface ImportOptions {
  /** Told after each batch how many lines have been read. */
  progress?: ((lines: number) => void) | undefined;
  /** Checks the file and takes nothing in. */
  dryRun?: boolean;
}

/** Opens the file anew each time it is called: it is read twice. */
export type Source = () => AsyncIterable<Buffer | string>;

/**
 * Imports a camt.053 file. The first pass reads all of it and refuses it whole if anything does not tie or an account is not
 * ours; the second takes the lines in by batches. Importing again goes on where it stopped and does nothing twice.
 */
export async function importCamt(actor: Actor, open: Source, options: ImportOptions = {}): Promise<ImportReport> {
  const statements = await check(actor, open);
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
  await readCamt(open(), {
    statement() {
      occurrences = new Map();
      count = 0;
    },
    async entry(entry, statement) {
      if (!entry.booked) return;
      for (const detail of entry.details) {
        lines.push(lineOf({ statement, entry, detail }, occurrences));
        count++;
        report.lines++;
        if (lines.length === LINES_PER_ACT) await flush(statement.index, false);
      }
    },
    statementEnd: (_end, statement) => flush(statement.index, true),
  });
  return report;
}

function add(report: ImportReport, result: BatchResult): void {
  if (!report.statementIds.includes(result.statementId)) report.statementIds.push(result.statementId);
  for (const field of ['known', 'applied', 'unmatched', 'debits', 'conflicts'] as const) report[field] += result[field];
}

async function check(actor: Actor, open: Source): Promise<Checked[]> {
  const { reads } = actor.engine.database;
  const entities = await selectRows(reads, LegalEntity, { where: { tenantId: actor.principal.tenantId } });
  const checked: Checked[] = [];
  const summary = await readCamt(open(), {
    statement: (statement) => void ownerOf(statement, entities),
    statementEnd: (end, statement) => void checked.push({ lines: end.details, head: headOf(statement, end, ownerOf(statement, entities)) }),
  });
  if (summary.kind !== 'statement') {
    throw new Refusal('FORMAT_UNSUPPORTED', `This is a ${summary.format} ${summary.kind}; only camt.053 statements carry balances that tie.`, 'input.content');
  }
  return checked;
}

/** The legal entity whose account this is. Refuses ACCOUNT_UNKNOWN. */
function ownerOf(statement: CamtStatement, entities: LegalEntity[]): LegalEntity {
  const account = accountOf(statement);
  const owner = entities.find((entity) => entity.bankAccounts.includes(account));
  if (owner) return owner;
  const where = `Stmt[${statement.index}]/Acct/Id`;
  throw new Refusal('ACCOUNT_UNKNOWN', `${where}: ${account || 'no account'} is the account of no legal entity; add it to one first.`, 'input.content');
}

const accountOf = ({ account }: CamtStatement) => normalAccount(account.iban ?? account.other ?? '');

function headOf(statement: CamtStatement, end: CamtStatementEnd, entity: LegalEntity): Checked['head'] {
  return {
    account: accountOf(statement),
    statementNumber: statement.id,
    legalEntityId: entity.id,
    closingDate: (end.closing?.date ?? statement.date ?? statement.createdAt ?? entity.booksFrom).slice(0, 10),
    currency: end.currency ?? statement.currency ?? entity.currency,
    openingMinor: (end.opening?.amount.minor ?? 0n).toString(),
    closingMinor: (end.closing?.amount.minor ?? 0n).toString(),
  };
}

function countIn(counts: Map<string, number>, name: string): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}

function lineOf(at: { statement: CamtStatement; entry: CamtEntry; detail: CamtDetail }, occurrences: Map<string, number>): StatementLine {
  const { entry, detail } = at;
  const hash = contentHash(at);
  const key = deduplicationKey(at);
  const occurrence = countIn(occurrences, hash);
  const twin = countIn(occurrences, `${key}|${hash}`);
  const { references, remittance } = detail;
  const single = [references.endToEndId, ...remittance.documentNumbers, references.instructionId, references.transactionId];
  const text = [...remittance.unstructured, detail.additionalInformation, entry.additionalInformation];
  return {
    // Twins in one statement that ties are both money: the bank reused its reference.
    lineKey: sha256(twin === 1 ? key : `${key}|${twin}`),
    contentHash: hash,
    occurrence,
    bookingDate: (entry.bookingDate ?? entry.valueDate ?? at.statement.date!).slice(0, 10),
    currency: detail.amount.currency,
    amountMinor: detail.amount.minor.toString(),
    payerName: (detail.ultimateDebtor ?? detail.debtor.name ?? null)?.slice(0, 191) ?? null,
    evidence: {
      creditorReferences: [...remittance.creditorReferences],
      references: single.filter((value) => value !== undefined),
      text: text.filter((value) => value !== undefined),
    },
  };
}
