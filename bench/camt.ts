import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SaxesParser } from 'saxes';
import { readCamt } from '../connectors/camt/read';
import { camtFile } from './generate/camt';

const ROUNDS = 3;
const SEED = 20260302;

/** The floor: the same file through the same XML parser, with handlers that only count. */
async function bareSaxes(file: string): Promise<number> {
  let entries = 0;
  let characters = 0;
  const parser = new SaxesParser({ position: false, xmlns: false as const });
  parser.on('opentag', (tag) => (entries += tag.name === 'Ntry' ? 1 : 0));
  parser.on('closetag', () => {});
  parser.on('text', (text) => (characters += text.length));
  for await (const text of createReadStream(file, { encoding: 'utf8' })) parser.write(text as string);
  parser.close();
  return characters > 0 ? entries : 0;
}

async function ours(file: string): Promise<number> {
  let handedOn = 0;
  const summary = await readCamt(createReadStream(file), { entry: () => void handedOn++ });
  return handedOn === summary.entries ? handedOn : 0;
}

/** Runs once; refuses to report a time for wrong work. */
async function timed(read: () => Promise<number>, entries: number): Promise<number> {
  const start = performance.now();
  const found = await read();
  if (found !== entries) throw new Error(`${found} entries instead of ${entries}`);
  return performance.now() - start;
}

const best = (times: readonly number[]): number => Math.min(...times);

/** One million numeric character references, many to a text, in a file that ties. */
function* referenceFlood(): Generator<string> {
  const [whole] = [[...camtFile({ entries: 1, seed: SEED, batchEvery: 0 })].join('')];
  const [before, after] = whole!.split('<RmtInf>');
  yield `${before}<RmtInf>`;
  const text = `<Ustrd>${'&#73;'.repeat(1_000)}</Ustrd>\n`;
  for (let i = 0; i < 1_000; i++) yield text;
  yield after!;
}

/** How long the flood takes, and the longest time it kept the event loop from turning. */
async function flood(): Promise<{ ms: number; blockedMs: number }> {
  const whole = Buffer.from([...referenceFlood()].join(''));
  let last = performance.now();
  let blockedMs = 0;
  let over = false;
  const turn = (): void => {
    blockedMs = Math.max(blockedMs, performance.now() - last);
    last = performance.now();
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  const start = performance.now();
  await readCamt(Readable.from([whole]), {});
  over = true;
  return { ms: performance.now() - start, blockedMs };
}

async function main(): Promise<void> {
  const entries = Number(process.argv[2] ?? 100_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'camt-'));
  const file = path.join(folder, 'statement.xml');
  try {
    await pipeline(Readable.from(camtFile({ entries, seed: SEED })), createWriteStream(file));
    const mib = statSync(file).size / 1024 ** 2;
    const floor: number[] = [];
    const reader: number[] = [];
    let peakMib = 0;
    const sampling = setInterval(() => (peakMib = Math.max(peakMib, process.memoryUsage.rss() / 1024 ** 2)), 20);
    for (let round = 0; round < ROUNDS; round++) {
      floor.push(await timed(() => bareSaxes(file), entries));
      reader.push(await timed(() => ours(file), entries));
    }
    clearInterval(sampling);
    const { ms, blockedMs } = await flood();
    const ratio = best(floor) / best(reader);
    const row = (name: string, time: number): string =>
      `${name.padEnd(12)} ${time.toFixed(0).padStart(8)} ms ${(mib / (time / 1000)).toFixed(1).padStart(8)} MiB/s ${Math.round(entries / (time / 1000)).toString().padStart(9)} entries/s`;
    console.log(`${entries} entries, ${mib.toFixed(1)} MiB, best of ${ROUNDS} alternating rounds`);
    console.log(row('bare saxes', best(floor)));
    console.log(row('readCamt', best(reader)));
    console.log(`ratio ${ratio.toFixed(2)} of bare saxes; resident memory at most ${peakMib.toFixed(0)} MiB`);
    console.log(`1,000,000 numeric references: ${ms.toFixed(0)} ms, event loop held at most ${blockedMs.toFixed(0)} ms at a time`);
    const figures = { entries, mib: +mib.toFixed(1), rssMib: +peakMib.toFixed(0), floodMs: +ms.toFixed(0), floodBlockedMs: +blockedMs.toFixed(0) };
    console.log(JSON.stringify({ bench: 'camt', ratio: +ratio.toFixed(3), ...figures }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
