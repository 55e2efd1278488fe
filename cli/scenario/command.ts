import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../house';
import { runScenario, table } from './run';

interface Services {
  tryton?: { url: string; user: string; password: string };
  hledger?: string;
}

/** `evenkeel scenario`: the story on the sandbox, and on Tryton where `npm run services` has started one. */
export async function scenario(): Promise<Record<string, unknown>> {
  const file = join(root(), '.services', 'services.json');
  const services: Services = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Services) : {};
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const erps = { sandbox: undefined, ...(services.tryton ? { tryton: { connector: 'tryton' as const, ...services.tryton } } : {}) };
  const outcome: Record<string, unknown> = {};
  let equal = true;
  for (const [name, erp] of Object.entries(erps)) {
    say(`\nERP: ${name}`);
    const result = await runScenario({ erp, hledger: services.hledger, say });
    const { customer, exceptions } = result.status;
    say(`status ${customer.financialStatus.state}; ${customer.invoices.map((invoice: { number: string; settlement: string }) => `${invoice.number} ${invoice.settlement}`).join(', ')}; ${exceptions.nodes.length} open exception`);
    say(table(result));
    say(result.equal ? 'equal to the cent' : 'THE BOOKS DIFFER');
    equal &&= result.equal;
    outcome[name] = { state: customer.financialStatus.state, exceptions: exceptions.nodes.length, equal: result.equal };
  }
  if (!services.tryton) say('\nTryton is not there (`npm run services` starts it), so only the sandbox was used.');
  return { ok: equal, ...outcome };
}
