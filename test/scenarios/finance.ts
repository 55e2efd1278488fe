import { runBilling } from '../../cli/bill';
import { advanceOf } from '../../cli/house';
import { TrytonClient } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { trytonLedger } from '../../connectors/tryton/ledger';
import { advanceDue } from '../../sync/calendar';
import { systemClock } from '../../sync/clock';
import { DATABASES, type DatabaseKind } from '../harness/databases';
import { needs, services } from '../harness/services';
import { World } from '../harness/world';

export type Erp = 'sandbox' | 'tryton';

/** Each ERP with each database, as far as they are there. */
export const ERPS_AND_DATABASES: (readonly [Erp, DatabaseKind])[] = DATABASES.flatMap((database) => [['sandbox', database] as const, ...(needs('tryton') ? [['tryton', database] as const] : [])]);

/** A world whose ERP is the sandbox's or a real Tryton. */
export const worldWith = (erp: Erp, database: DatabaseKind): Promise<World> =>
  World.open({ database, connectors: erp === 'tryton' ? { erp: trytonConnector({ ...services.tryton!, clock: systemClock }) } : {} });

/** What the ERP's own ledger of a legal entity comes to, debits less credits. */
export interface Balances {
  receivable: bigint;
  revenue: bigint;
  deferred: bigint;
  tax: bigint;
  bank: bigint;
  /** Of all accounts. */
  difference: bigint;
}

/** Finance as it works through the public API, day after day. */
export class Finance {
  constructor(readonly world: World, private readonly erp: Erp) {}

  /** A mutation that is not refused. */
  async run(mutation: string, input: object, fields: string): Promise<any> {
    const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await this.world.ask(`mutation($input: ${type}!) { ${mutation}(input: $input) { __typename ${fields} ... on Refused { code message path } } }`, { input });
    expect(errors).toBeUndefined();
    expect(data[mutation]).not.toMatchObject({ __typename: 'Refused' });
    return data[mutation];
  }

  /** A day passes: what is agreed for it takes effect, the billing run runs, the backends get all of it. */
  async day(day: string): Promise<void> {
    this.world.clock.travelTo(`${day}T10:00:00Z`);
    await advanceDue(this.world.database.reads, { nowMs: this.world.clock.nowMs(), advance: advanceOf(this.world.engine) });
    expect((await runBilling(this.world.engine, 'demo', { upTo: day, contractsMax: 10, dryRun: false })).failures).toEqual([]);
    await this.settles();
  }

  /** The backends get everything. What one of them leaves in doubt is looked up a while later, so the clock runs on until nothing is open. */
  async settles(): Promise<void> {
    const { world } = this;
    for (let tries = 0; tries < 30; tries++) {
      await world.settles();
      const [row] = await world.database.reads.query<{ n: unknown }>("SELECT COUNT(*) AS n FROM posting WHERE tenant_id = 'demo' AND state IN ('PENDING', 'UNCERTAIN')");
      if (Number(row!.n) === 0) return;
      world.clock.travelTo(new Date(world.clock.nowMs() + 30_000).toISOString());
    }
    throw new Error('postings are still open after a quarter of an hour');
  }

  async balances(code: string): Promise<Balances> {
    const rows = this.erp === 'tryton'
      ? (await trytonLedger(new TrytonClient(services.tryton!), code)).accounts
      : (await this.world.audit<{ entity: string; kind: string; debitMinor: string; creditMinor: string }[]>('/erp/balances?tenant=demo')).filter(({ entity }) => entity === code);
    const of = (pattern: RegExp) => rows.filter(({ kind }) => pattern.test(kind)).reduce((all, { debitMinor, creditMinor }) => all + BigInt(debitMinor) - BigInt(creditMinor), 0n);
    return { receivable: of(/^receivable/), revenue: of(/^revenue/), deferred: of(/^deferred/), tax: of(/^tax/), bank: of(/^bank/), difference: of(/./) };
  }
}
