import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig } from '../cli/config';
import { seedDemo } from '../cli/demo';
import { type House, openHouse } from '../cli/house';
import { systemClock } from '../sync/clock';

const ROOT = join(__dirname, '..');
const GUIDES = ['README.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
const DOCUMENTS = [
  ...GUIDES, 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'connectors/README.md',
  ...readdirSync(join(ROOT, 'subgraphs'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => `subgraphs/${name}/README.md`),
];
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const ANSWER_MS = 15_000;
/** An error, a refusal, or a tool that could not do its work. */
const REFUSED = /"errors":|"Refused"|\{"code":"[A-Z_]+"|curl:|rror:/;

/** Code under a fence of one language. */
const blocksIn = (text: string, language: string) => [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map((match) => match[1]!);

interface Example {
  guide: string;
  /** The heading it stands under, and its place there. */
  name: string;
  script: string;
}

/** The examples of a guide, each with the functions that the guide has defined before it. */
function examplesOf(guide: string): Example[] {
  const functions: string[] = [];
  const examples: Example[] = [];
  for (const chapter of read(guide).split(/^## /m)) {
    const title = chapter.split('\n')[0]!;
    for (const block of blocksIn(chapter, 'sh')) {
      if (/^\w+\(\) \{.*\}\n$/.test(block)) functions.push(block);
      else examples.push({ guide, name: title, script: functions.join('') + block });
    }
  }
  return examples;
}

let house: House;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-docs-'));
  house = await openHouse(readConfig({ PORT: '0', EVENKEEL_DATA: folder, EVENKEEL_LOG: 'silent' }), systemClock);
  await seedDemo(house.engine);
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a script as a reader would. A stream of events is left after the first ones. */
function answerTo(script: string): Promise<string> {
  const text = script.replaceAll('localhost:4000', `localhost:${house.gateway!.port}`).replaceAll('localhost:4100', new URL(house.sandbox!.url).host);
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', text], { cwd: ROOT, detached: true });
    let answer = '';
    const end = () => process.kill(-child.pid!, 'SIGTERM');
    const late = setTimeout(() => (end(), reject(new Error(`no answer in time: ${script}\n${answer}`))), ANSWER_MS);
    child.stdout.on('data', (data) => {
      answer += String(data);
      if (answer.split('event: next').length > 3 && child.exitCode === null) end();
    });
    child.stderr.on('data', (data) => (answer += String(data)));
    child.once('close', () => (clearTimeout(late), resolve(answer)));
  });
}

/** Until every posting has had its turn, as a reader's patience would do. */
async function settled(): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const waiting = await house.engine.database.reads.query("SELECT 1 FROM posting WHERE state IN ('PENDING', 'UNCERTAIN') LIMIT 1");
    if (waiting.length === 0) return;
    await systemClock.wait(50);
  }
}

test.each(GUIDES.flatMap(examplesOf))('$guide: $name', async ({ script }) => {
  await settled();
  const answer = await answerTo(script);
  const expected = /^# answers (.*)$/m.exec(script)?.[1];
  if (expected) expect(answer).toContain(expected);
  else expect(answer).not.toMatch(REFUSED);
  expect(answer.trim()).not.toBe('');
});

test('the connectors file of the integration guide is read as it stands', () => {
  const file = join(folder, 'connectors.json');
  writeFileSync(file, blocksIn(read('docs/integration.md'), 'json')[0]!);
  expect(Object.keys(readConfig({ EVENKEEL_CONNECTORS: file }).connectors)).toEqual(['erp', 'billing']);
});

test('the README names every setting, and none that does not exist', () => {
  const settings = [...read('cli/config.ts').matchAll(/^ {2}([A-Z_]+): z\./gm)].map((match) => match[1]!);
  const named = [...read('README.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]!);
  expect(named.sort()).toEqual(settings.sort());
});

test('a test that a document names is there', () => {
  const named = DOCUMENTS.flatMap((path) => [...read(path).matchAll(/`(test\/[\w/.-]+\.test\.ts)`/g)].map((match) => ({ path, file: match[1]! })));
  expect(named.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('links between documents lead somewhere', () => {
  const links = DOCUMENTS.flatMap((path) => [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => ({ path, target: match[1]! })));
  expect(links.filter(({ path, target }) => !existsSync(join(ROOT, dirname(path), target)))).toEqual([]);
});
