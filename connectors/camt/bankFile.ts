import { Refusal } from '../../entities/refusal';
import type { BankFileEnd, BankFileLine, BankFileStatement, BankFormat } from '../bankFile';
import { type CamtDetail, type CamtEntry, type CamtStatement, type CamtStatementEnd, contentHash, deduplicationKey, identify, readCamt } from './read';

/** Booked lines of camt.053 statements. Reports and notifications carry no balances that tie, and their entries come again in a statement. */
export const camt: BankFormat = {
  name: 'camt.053',
  identify: (head) => identify(head) !== undefined || /^(\xEF\xBB\xBF)?\s*</.test(head.toString('latin1')), // any XML: the reader says what is wrong with it
  async read(source, sink) {
    let current: BankFileStatement;
    const summary = await readCamt(source, {
      statement: (statement) => sink.statement?.((current = statementOf(statement))),
      async entry(entry, statement) {
        if (!entry.booked) return;
        for (const detail of entry.details) await sink.line?.(lineOf({ statement, entry, detail }), current);
      },
      statementEnd: (end, statement) => sink.end?.(endOf(end, statement), current),
    });
    if (summary.kind !== 'statement') {
      throw new Refusal('FORMAT_UNSUPPORTED', `This is a ${summary.format} ${summary.kind}; only camt.053 statements carry balances that tie.`, 'input.content');
    }
  },
};

const statementOf = ({ index, id, account }: CamtStatement): BankFileStatement => ({ index, number: id, account: account.iban ?? account.other ?? '', where: `Stmt[${index}]/Acct/Id` });

const endOf = (end: CamtStatementEnd, statement: CamtStatement): BankFileEnd => ({
  lines: end.details,
  currency: end.currency ?? statement.currency,
  openingMinor: end.opening?.amount.minor ?? 0n,
  closingMinor: end.closing?.amount.minor ?? 0n,
  closingDate: (end.closing?.date ?? statement.date ?? statement.createdAt)?.slice(0, 10),
});

function lineOf(at: { statement: CamtStatement; entry: CamtEntry; detail: CamtDetail }): BankFileLine {
  const { entry, detail } = at;
  const { references, remittance } = detail;
  const single = [references.endToEndId, ...remittance.documentNumbers, references.instructionId, references.transactionId];
  const text = [...remittance.unstructured, detail.additionalInformation, entry.additionalInformation];
  return {
    key: deduplicationKey(at),
    content: contentHash(at),
    bookingDate: (entry.bookingDate ?? entry.valueDate ?? at.statement.date!).slice(0, 10),
    currency: detail.amount.currency,
    amountMinor: detail.amount.minor,
    payerName: detail.ultimateDebtor ?? detail.debtor.name ?? null,
    payerAccount: detail.debtor.iban ?? detail.debtor.account ?? null,
    evidence: {
      creditorReferences: [...remittance.creditorReferences],
      references: single.filter((value) => value !== undefined),
      text: text.filter((value) => value !== undefined),
    },
  };
}
