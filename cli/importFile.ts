import { createReadStream, statSync } from 'node:fs';
import { formatOf, importBankFile } from '../connectors/bankFiles';
import { openDatabase } from '../entities/database';
import { Refusal } from '../entities/refusal';
import { DEMO_TENANT } from '../gateway/tokens';
import { DOMAINS } from '../subgraphs/domains';
import { createEngine } from '../subgraphs/engine';
import { systemClock } from '../sync/clock';
import { readConfig } from './config';

const DRAW_EVERY_LINES = 1_000;

/** `evenkeel import [--dry-run] [--tenant T] FILE`: recognizes the format by content and takes the file in, streamed. */
export async function importFile(args: string[]): Promise<Record<string, unknown>> {
  const file = args.filter((arg, index) => !arg.startsWith('--') && args[index - 1] !== '--tenant')[0];
  if (!file) throw new Refusal('USAGE', 'evenkeel import [--dry-run] [--tenant T] FILE');
  const tenantId = args.includes('--tenant') ? args[args.indexOf('--tenant') + 1]! : DEMO_TENANT;
  await recognize(file);
  const database = await openDatabase(readConfig(process.env).database);
  try {
    const engine = createEngine(database, systemClock, DOMAINS);
    const actor = { engine, principal: { tenantId, client: 'command-line', role: 'finance' as const }, correlationId: `import-${systemClock.nowMs()}` };
    const bytes = statSync(file).size;
    const draw = process.stderr.isTTY
      ? (lines: number) => lines % DRAW_EVERY_LINES < 200 && process.stderr.write(`\r${lines} lines of ${file} (${Math.ceil(bytes / 1_048_576)} MB)`)
      : undefined;
    const dryRun = args.includes('--dry-run');
    const report = await importBankFile(actor, () => createReadStream(file), { progress: draw, dryRun });
    if (draw) process.stderr.write('\n');
    return { ok: true, dryRun, ...report };
  } finally {
    await database.close();
  }
}

/** Refuses FILE_MISSING, FILE_EMPTY, FORMAT_UNKNOWN before the database is touched. */
async function recognize(file: string): Promise<void> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Refusal('FILE_MISSING', `There is no file ${file}.`);
  await formatOf(() => createReadStream(file));
}
