import { runScenario } from '../../cli/scenario/run';
import type { ConnectorConfig } from '../../cli/config';
import { DATABASES, freshDatabase } from '../harness/databases';
import { needs, services } from '../harness/services';

const hledger = needs('hledger') ? services.hledger : undefined;
const ERPS: [string, ConnectorConfig | undefined][] = [['the sandbox', undefined]];
if (needs('tryton')) ERPS.push(['Tryton', { connector: 'tryton', ...services.tryton! }]);
const CASES = DATABASES.flatMap((database) => ERPS.map(([name, erp]) => [name, database, erp] as const));

test.each(CASES)('renewal to cash on %s and %s ends in sync, one invoice partly paid, one exception, three books equal', async (_name, kind, erp) => {
  const database = await freshDatabase(kind);
  try {
    const lines: string[] = [];
    const result = await runScenario({ erp, hledger, database: kind === 'mysql' ? database.where : undefined, say: (line) => lines.push(line) });
    const { customer, exceptions } = result.status;
    expect(customer.financialStatus).toMatchObject({ state: 'IN_SYNC', lag: 0, activeContracts: 1, entitlementAccess: 'FULL', openExceptions: 0 });
    expect(customer.invoices.map((invoice: any) => invoice.settlement).sort()).toEqual(['PAID', 'PARTLY_PAID']);
    expect(customer.invoices.every((invoice: any) => invoice.sync.state === 'IN_SYNC')).toBe(true);
    expect(customer.contracts).toMatchObject([{ version: 3, sync: { state: 'IN_SYNC', billing: 'IN_SYNC', crm: 'IN_SYNC' } }]);
    expect(customer.contracts[0].subscriptions.every((item: any) => item.state === 'ACTIVE' && item.grantedQuantity === item.soldQuantity)).toBe(true);
    expect(exceptions.nodes).toMatchObject([{ kind: 'UNMATCHED_PAYMENT', moneyAtRisk: { amount: '123.45' } }]);
    expect(result.erp).toEqual(result.ours);
    if (hledger) expect(result.hledger).toEqual(result.ours);
  } finally {
    await database.drop();
  }
}, 120_000);
