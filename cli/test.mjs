/**
 * `npm test [-- jest arguments]`: installs if need be, checks the types, runs the tests, and ends with one line,
 * `N passed, N failed`. A type error counts as a failed test; a run without a single test is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, ensureInstalled } from './install.mjs';

/** A run that something keeps from ending is cut off, and counts as failed. */
const RUN_MS_MAX = 1_800_000;

const node = (script, args) =>
  spawnSync(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd: ROOT, stdio: 'inherit', timeout: RUN_MS_MAX });

/** The counts of a jest run; a suite that could not even be loaded is one failure. */
function countsOf(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-test-'));
  const file = join(folder, 'report.json');
  const workers = args.some((arg) => /^(-i|-w|--runInBand|--maxWorkers)/.test(arg)) ? [] : ['--maxWorkers=2'];
  const { status } = node('jest/bin/jest.js', ['--ci', ...workers, '--json', `--outputFile=${file}`, ...args]);
  const counts = countsOf(file);
  rmSync(folder, { recursive: true, force: true });
  // jest also fails for reasons that are no test, such as a missed coverage threshold
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function main() {
  ensureInstalled();
  const types = node('typescript/bin/tsc', ['--noEmit', '-p', '.']);
  if (types.status !== 0) console.log('the types do not check; that is one failure');
  const counts = runTests(process.argv.slice(2));
  const failed = counts.failed + (types.status === 0 ? 0 : 1);
  if (counts.passed + failed === 0) console.log('no test ran');
  console.log(`${counts.passed} passed, ${failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`);
  return failed === 0 && counts.passed > 0 ? 0 : 1;
}

process.exitCode = main();
