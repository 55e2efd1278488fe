import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PAGE, SAMPLES, tableIn, tableOf } from './bankSamples';

const present = existsSync(SAMPLES);
if (!present && process.env['CI'] !== 'true') console.warn(`bank file samples skipped: there is no ${path.relative(process.cwd(), SAMPLES)}`);
const whenPresent = present || process.env['CI'] === 'true' ? test : test.skip;

whenPresent('every sample comes to what the page says', async () => {
  expect(await tableOf()).toBe(tableIn(readFileSync(PAGE, 'utf8')));
});
