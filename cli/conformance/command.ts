import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSubject, type Column, type Verdict } from '../../connectors/conformance/run';
import { page } from '../../connectors/conformance/table';
import type { Subject } from '../../connectors/conformance/subject';
import { Refusal } from '../../entities/refusal';
import { systemClock } from '../../sync/clock';
import { root } from '../house';
import { sandboxSubject } from './sandbox';
import { trytonFakeSubject, trytonSubject } from './tryton';

/** All that is put to the cases, in the order of the table. A new connector adds its subjects here. */
export const SUBJECTS: readonly Subject[] = [sandboxSubject(false), sandboxSubject(true), trytonFakeSubject(), trytonSubject()];
export const PAGE = 'docs/conformance.md';

const say = (line: string) => process.stdout.write(`${line}\n`);

/** `evenkeel conformance CONNECTOR|all [--write]`: prints the verdicts; --write puts the table of all into the docs. */
export async function conformance(args: string[]): Promise<Record<string, unknown>> {
  const write = args.includes('--write');
  const [connector] = args.filter((arg) => arg !== '--write');
  const wanted = SUBJECTS.filter((subject) => connector === 'all' || subject.connector === connector);
  if (wanted.length === 0 || (write && connector !== 'all')) {
    throw new Refusal('USAGE', `evenkeel conformance ${[...new Set(SUBJECTS.map((subject) => subject.connector)), 'all'].join('|')} [--write, with all]`);
  }
  const missing = wanted.filter((subject) => !subject.available()).map(({ name }) => name);
  if (write && missing.length > 0) throw new Refusal('SUBJECT_MISSING', `${missing.join(', ')} cannot run here; \`npm run services\` starts it.`);
  const columns: Column[] = [];
  for (const subject of wanted.filter((one) => one.available())) {
    say(`\n${subject.name}`);
    columns.push(await runSubject(subject, { clock: systemClock, say: (...told) => say(lineOf(...told)) }));
  }
  for (const name of missing) say(`\n${name} is not there, so it was not tried.`);
  if (write) writeFileSync(join(root(), PAGE), page(columns));
  const verdicts = columns.flatMap((column) => [...column.verdicts.values()].map(({ verdict }) => verdict));
  const countOf = (verdict: Verdict['verdict']) => verdicts.filter((one) => one === verdict).length;
  return { ok: countOf('FAIL') === 0, passed: countOf('pass'), failed: countOf('FAIL'), notApplicable: countOf('n/a'), missing };
}

function lineOf(name: string, verdict: Verdict, tookMs: number): string {
  const more = verdict.verdict === 'n/a' ? `: ${verdict.reason}` : verdict.verdict === 'FAIL' ? `: ${verdict.detail}` : '';
  return `  ${verdict.verdict.padEnd(4)} ${name}${more} (${tookMs} ms)`;
}
