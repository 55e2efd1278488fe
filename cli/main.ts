import 'reflect-metadata';
import { join } from 'node:path';
import { DEMO_TOKENS } from '../gateway/tokens';
import { systemClock } from '../sync/clock';
import { readConfig } from './config';
import { seedDemo } from './demo';
import { openHouse, root } from './house';
import { scenario } from './scenario/command';
import { writeSchemas } from './schema';

const COMMANDS: Record<string, (args: string[]) => Promise<void>> = {
  start,
  scenario,
  async schema() {
    process.stdout.write(`${await writeSchemas(join(root(), 'schema'))} files written to schema/\n`);
  },
};

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const house = await openHouse(config, systemClock);
  if (config.mode === 'sandbox') await seedDemo(house.engine);
  if (house.gateway) {
    process.stdout.write(`Evenkeel is ready: ${house.gateway.url}\n`);
    if (config.mode === 'sandbox') process.stdout.write(`Sandbox tokens (tenant demo): ${[...DEMO_TOKENS.keys()].join(' ')}\n`);
  }
  const stop = () => {
    house.close().then(() => process.exit(0), fail);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

const [name = 'help', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (command) command(args).catch(fail);
else fail(`Commands: ${Object.keys(COMMANDS).join(', ')}`);
