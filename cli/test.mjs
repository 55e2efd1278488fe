/**
 * `npm test [-- jest arguments]`: installs if need be, checks the types, runs the tests, and ends with one line,
 * `N passed, N failed`. A type error counts as a failed test; a run without a single test is a failure. Under `CI=true` a full run
 * also takes the simulation through many seeds on all processors, which counts as one test.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, ensureInstalled } from './install.mjs';

/** A run that something keeps from ending is cut off, and counts as failed. */
const RUN_MS_MAX = 1_800_000;
const CI_SEEDS = 10_000;

const node = (script, args) => spawnSync(process.execPath, [join(ROOT, script), ...args], { cwd: ROOT, stdio: 'inherit', timeout: RUN_MS_MAX });

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
  const { status } = node('node_modules/jest/bin/jest.js', ['--ci', ...workers, '--json', `--outputFile=${file}`, ...args]);
  const counts = countsOf(file);
  rmSync(folder, { recursive: true, force: true });
  // jest also fails for reasons that are no test, such as a missed coverage threshold
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** One more test, passed or failed: no seed breaks the product. A seed that does is printed with the command that runs it again. */
function runSimulation() {
  console.log(`simulating seeds 1 to ${CI_SEEDS}`);
  return node('cli/start.mjs', ['simulate', '--seed', '1', '--runs', String(CI_SEEDS)]).status === 0;
}

function main() {
  ensureInstalled();
  const types = node('node_modules/typescript/bin/tsc', ['--noEmit', '-p', '.']);
  if (types.status !== 0) console.log('the types do not check; that is one failure');
  const args = process.argv.slice(2);
  const counts = runTests(args);
  let failed = counts.failed + (types.status === 0 ? 0 : 1);
  if (process.env.CI === 'true' && args.length === 0) {
    if (runSimulation()) counts.passed++;
    else failed++;
  }
  if (counts.passed + failed === 0) console.log('no test ran');
  console.log(`${counts.passed} passed, ${failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`);
  return failed === 0 && counts.passed > 0 ? 0 : 1;
}

process.exitCode = main();
