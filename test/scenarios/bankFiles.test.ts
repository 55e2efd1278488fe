import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { importBankFile } from '../../connectors/bankFiles';
import { readCamt } from '../../connectors/camt/read';
import { Refusal } from '../../entities/refusal';
import { upsertLegalEntity } from '../../subgraphs/customers/commands/upsertLegalEntity';
import { DATABASES } from '../harness/databases';
import { shared } from '../harness/services';
import { World } from '../harness/world';

const folder = shared('data/bank-statements/camt');
const files = folder ? readdirSync(folder).filter((name) => name.includes('053')).sort() : [];
const describeFiles = folder ? describe.each(DATABASES) : describe.skip.each(DATABASES);

/** The accounts a file is about, as its reader sees them. */
async function accountsOf(file: string): Promise<string[]> {
  const accounts = new Set<string>();
  await readCamt(createReadStream(file), { statement: ({ account }) => void accounts.add(account.iban ?? account.other ?? '') }).catch(() => undefined);
  return [...accounts].filter((account) => account !== '');
}

describeFiles('on %s', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open({ database });
    const accounts = new Set((await Promise.all(files.map((name) => accountsOf(join(folder!, name))))).flat());
    await world.do(upsertLegalEntity, {
      code: 'BANK', name: 'Bank GmbH', currency: 'EUR', timeZone: 'UTC', booksFrom: '2005-01-01', bankAccounts: [...accounts],
    });
  });
  afterAll(() => world.close());

  const rows = async () => {
    const counts: Record<string, number> = {};
    for (const table of ['bank_statement', 'bank_line', 'payment', 'posting', 'exception_item', 'change']) {
      const [row] = await world.database.reads.query(`SELECT COUNT(*) AS n FROM \`${table}\``);
      counts[table] = Number(row!.n);
    }
    return counts;
  };

  test.each(files)('%s imports with opening + entries = closing and changes nothing a second time, or is refused by the element', async (name) => {
    const before = await rows();
    const open = () => createReadStream(join(folder!, name));
    const first = await importBankFile(world.actor(), open).catch((error: unknown) => error);
    if (first instanceof Refusal) {
      expect(first.message).toMatch(/(Stmt|Ntry|Bal|Amt)/);
      expect(await rows()).toEqual(before);
      return;
    }
    const report = first as Awaited<ReturnType<typeof importBankFile>>;
    expect(report.lines).toBe(report.known + report.applied + report.unmatched + report.debits + report.conflicts);
    for (const id of report.statementIds) {
      const [sums] = await world.database.reads.query(
        `SELECT s.opening_minor AS opening, s.closing_minor AS closing, s.state AS state, COALESCE(SUM(l.amount_minor), 0) AS entries
         FROM bank_statement s LEFT JOIN bank_line l ON l.tenant_id = s.tenant_id AND l.statement_id = s.id WHERE s.id = ? GROUP BY s.id, s.opening_minor, s.closing_minor, s.state`,
        [id],
      );
      expect(sums!.state).toBe('IMPORTED');
      if (report.known === 0) expect(BigInt(sums!.opening as string) + BigInt(sums!.entries as string)).toBe(BigInt(sums!.closing as string));
    }
    const after = await rows();
    const second = await importBankFile(world.actor(), open);
    expect(second).toMatchObject({ lines: report.lines, known: report.lines, applied: 0, unmatched: 0, conflicts: 0 });
    expect(await rows()).toEqual(after);
  });
});
