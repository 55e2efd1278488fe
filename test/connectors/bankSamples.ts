/** What each bank file of the samples comes to. `node test/harness/run-ts.cjs test/connectors/bankSamples.ts` writes the table into docs/bank-files.md. */
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatOf } from '../../connectors/bankFiles';
import { Refusal } from '../../entities/refusal';

export const SAMPLES = path.resolve(__dirname, '../../../shared/data/bank-statements');
export const PAGE = path.resolve(__dirname, '../../docs/bank-files.md');
const BEGIN = '| File | Comes to |\n|---|---|\n';

/** Reads a file as the import does before it takes anything in. */
export async function outcomeOf(file: string): Promise<string> {
  const open = () => createReadStream(file);
  let statements = 0;
  let lines = 0;
  try {
    const format = await formatOf(open);
    await format.read(open(), { statement: () => void statements++, line: () => void lines++ });
    return `${format.name}: ${statements} ${statements === 1 ? 'statement' : 'statements'}, ${lines} ${lines === 1 ? 'line' : 'lines'}`;
  } catch (error) {
    if (error instanceof Refusal) return `refused, ${error.code}: ${error.message}`;
    throw error;
  }
}

/** One row a file, by folder and name. */
export async function tableOf(): Promise<string> {
  const files = readdirSync(SAMPLES).sort().flatMap((folder) => readdirSync(path.join(SAMPLES, folder)).sort().map((name) => `${folder}/${name}`));
  const rows: string[] = [];
  for (const file of files) rows.push(`| ${file} | ${(await outcomeOf(path.join(SAMPLES, file))).replaceAll('|', '\\|')} |\n`);
  return BEGIN + rows.join('');
}

export const tableIn = (page: string): string => page.slice(page.indexOf(BEGIN));

if (require.main === module && existsSync(SAMPLES)) {
  const page = readFileSync(PAGE, 'utf8');
  void tableOf().then((table) => writeFileSync(PAGE, page.slice(0, page.indexOf(BEGIN)) + table));
}
