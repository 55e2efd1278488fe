import { CASES } from './cases';
import type { Column, Verdict } from './run';

const HEAD = `# Conformance of the connectors

Every connector passes the same cases, against a fake or sandbox and, where one can run, the real system. A proxy between
connector and backend delays, cuts, doubles, refuses and falsifies. This page is generated: \`npm run conformance -- all --write\`.
`;

/** The page of the docs: cases by subjects, and below it why a case does not apply. */
export function page(columns: readonly Column[]): string {
  const reasons: string[] = [];
  const note = (reason: string) => {
    if (!reasons.includes(reason)) reasons.push(reason);
    return `n/a (${reasons.indexOf(reason) + 1})`;
  };
  const rows = CASES.map(({ name }) => [name, ...columns.map(({ verdicts }) => cell(verdicts.get(name), note))]);
  const lines = [['Case', ...columns.map(({ subject }) => subject)], ['---', ...columns.map(() => '---')], ...rows];
  const notes = reasons.map((reason, at) => `${at + 1}. ${reason}`);
  return `${HEAD}\n${lines.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\nn/a:\n\n${notes.join('\n')}\n`;
}

function cell(verdict: Verdict | undefined, note: (reason: string) => string): string {
  if (!verdict) return 'not run';
  if (verdict.verdict === 'n/a') return note(verdict.reason);
  return verdict.verdict === 'pass' ? 'pass' : `FAIL: ${verdict.detail.replace(/[|\n]/g, ' ')}`;
}

/** The words of a page again: subject → case → `pass`, the reason of an n/a, or the failure. */
export function readPage(text: string): Map<string, Map<string, string>> {
  const rows = [...text.matchAll(/^\| (.*) \|$/gm)].map((match) => match[1]!.split(' | '));
  const reasons = new Map([...text.matchAll(/^(\d+)\. (.*)$/gm)].map((match) => [`n/a (${match[1]!})`, `n/a: ${match[2]!}`]));
  const [[, ...subjects] = [], , ...cases] = rows;
  return new Map(subjects.map((subject, at) =>
    [subject, new Map(cases.map(([name, ...cells]) => [name!, reasons.get(cells[at]!) ?? cells[at]!]))]));
}

/** A verdict in the words of `readPage`. */
export function inPage(verdict: Verdict): string {
  if (verdict.verdict === 'n/a') return `n/a: ${verdict.reason}`;
  return cell(verdict, String);
}
