import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_TENANT } from '../../gateway/tokens';
import { formatDecimal } from '../../entities/money';
import { systemClock } from '../../sync/clock';
import { type Config, type ConnectorConfig, readConfig } from '../config';
import { seedDemo } from '../demo';
import { openHouse } from '../house';
import { ACCOUNTS, type Balances, erpBooks, hledgerBalances, ourBalances } from './books';
import { ApiClient } from './client';
import { settled, tellStory } from './story';

export interface ScenarioOptions {
  /** The ERP to post to; the sandbox's if undefined. */
  erp?: ConnectorConfig;
  /** Path of hledger; without it the third column is left out. */
  hledger?: string;
  /** mysql://… in place of an SQLite file. */
  database?: string;
  say(line: string): void;
}

export interface ScenarioResult {
  status: any;
  ours: Balances;
  erp: Balances;
  hledger: Balances | undefined;
  equal: boolean;
  rssMegabytes: number;
}

/** Runs the whole product in a folder of its own, tells the story through the public API, and compares three sets of books. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-scenario-'));
  const config: Config = { ...readConfig({ EVENKEEL_DATA: folder, DATABASE_URL: options.database }), port: 0 };
  if (options.erp) config.connectors.erp = options.erp;
  const house = await openHouse(config, systemClock);
  try {
    await seedDemo(house.engine);
    const api = new ApiClient(house.gateway!.url, 'demo-finance');
    const entityCode = `S${randomInt(36 ** 5).toString(36).toUpperCase().padStart(5, '0')}`;
    const told = await tellStory({ api, entityCode, iban: `DE02${randomInt(10 ** 9)}${randomInt(10 ** 9)}`, say: options.say });
    const status = await settled(api, told.customerIds[0]!, (ms) => systemClock.wait(ms));
    const ours = await ourBalances(api, told.customerIds, told.legalEntityId);
    const erp = await erpBooks(options.erp ?? { connector: 'sandbox', url: house.sandbox!.url }, { tenantId: DEMO_TENANT, entityCode });
    const hledger = options.hledger ? hledgerBalances(options.hledger, erp.journal, options.erp?.connector === 'tryton' ? undefined : entityCode) : undefined;
    const equal = ACCOUNTS.every((name) => ours[name] === erp.balances[name] && (hledger === undefined || hledger[name] === ours[name]));
    return { status, ours, erp: erp.balances, hledger, equal, rssMegabytes: Math.round(process.memoryUsage().rss / 1_048_576) };
  } finally {
    await house.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The comparison as a table. */
export function table(result: ScenarioResult): string {
  const row = (cells: string[]) => cells.map((cell, index) => (index === 0 ? cell.padEnd(14) : cell.padStart(14))).join('');
  const euros = (minor: bigint | undefined) => (minor === undefined ? '' : formatDecimal(minor, 'EUR'));
  const lines = ACCOUNTS.map((name) => row([name, euros(result.ours[name]), euros(result.erp[name]), euros(result.hledger?.[name])]));
  return [row(['EUR, debit +', 'ours', 'ERP', 'hledger']), ...lines].join('\n');
}
