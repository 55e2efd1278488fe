import type { Contract } from '../../../entities/contracts/Contract';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Meter } from '../../../entities/invoices/Meter';
import { billableUsage, settledUsage, UsagePeriod, UsageState } from '../../../entities/invoices/UsagePeriod';
import type { Span } from '../../../entities/terms/days';
import { termsOf } from '../../../entities/terms/ofContract';
import { uncounted } from '../../../entities/terms/schedule';
import { ChargeKind, type ContractTerms, type LineTerms, usageKey } from '../../../entities/terms/terms';
import type { Work } from '../../work';
import { countEvents, type Counted } from '../queries/countEvents';
import { whyHeld } from '../rules';
import { publishUsage } from './publishUsage';
import { moveUsage } from './recountUsage';

/** A stretch of a contract line that is to be counted, anew if it was before. */
interface Wanted extends Span {
  contract: Contract;
  line: LineTerms;
  meter: Meter;
  timeZone: string;
  before: UsagePeriod | undefined;
}

/**
 * Counts the usage of locked contracts that may be billed by a day and was not counted, or has changed since; what is unlike what was used before is held. Gives the terms of each
 * contract with the usage that may be billed.
 */
export async function countUsage(work: Work, contracts: readonly Contract[], upTo: string): Promise<Map<string, ContractTerms>> {
  const terms = new Map(contracts.map((contract) => [contract.id, termsOf(contract)]));
  const metered = contracts.filter(({ id }) => terms.get(id)!.lines.some(({ charge }) => charge === ChargeKind.USAGE));
  if (metered.length === 0) return terms;
  const periods = await work.find(UsagePeriod, { contractId: metered.map(({ id }) => id) });
  const wanted = await whatToCount(work, metered, { terms, periods, upTo });
  const counted = await countEvents(work.sql, work.tenantId, wanted.map((one) => ({ ...one, contractId: one.contract.id })));
  const fresh: UsagePeriod[] = [];
  for (const [index, one] of wanted.entries()) {
    const period = await keep(work, one, { counted: counted[index]!, periods });
    if (!one.before) periods.push(period);
    if (period.state === UsageState.COUNTED) fresh.push(period);
  }
  for (const contract of metered) {
    const of = (all: readonly UsagePeriod[]) => all.filter(({ contractId }) => contractId === contract.id);
    const known = { ...terms.get(contract.id)!, usage: billableUsage(of(periods)) };
    terms.set(contract.id, known);
    if (of(fresh).length > 0) await publishUsage(work, contract, { terms: known, periods: of(fresh) });
  }
  return terms;
}

interface Known {
  terms: ReadonlyMap<string, ContractTerms>;
  periods: readonly UsagePeriod[];
  upTo: string;
}

async function whatToCount(work: Work, contracts: readonly Contract[], { terms, periods, upTo }: Known): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for (const contract of contracts) {
    const ofContract = periods.filter(({ contractId }) => contractId === contract.id);
    const own = new Map(ofContract.map((period) => [usageKey(period), period]));
    const settled = new Map(settledUsage(ofContract).map((period) => [usageKey(period), BigInt(period.counted)]));
    const { timeZone } = await work.read(LegalEntity, contract.legalEntityId);
    for (const { line, from, until } of uncounted({ ...terms.get(contract.id)!, usage: settled }, { upTo, since: contract.billingFrom ?? upTo })) {
      const meter = await work.read(Meter, line.meter!.meterId);
      wanted.push({ contract, line, meter, timeZone, from, until, before: own.get(usageKey({ lineKey: line.lineKey, from, until })) });
    }
  }
  return wanted;
}

/** The id of what a line used in a stretch of days. */
export const usageIdOf = (work: Work, contractNumber: string, { lineKey, from, until }: Span & { lineKey: string }): string =>
  work.id('usg', { system: 'evenkeel', type: 'usagePeriod', key: `${contractNumber}/${lineKey}/${from}/${until}` });

async function keep(work: Work, { contract, line, meter, from, until, before }: Wanted, { counted, periods }: { counted: Counted; periods: readonly UsagePeriod[] }): Promise<UsagePeriod> {
  const id = usageIdOf(work, contract.number, { lineKey: line.lineKey, from, until });
  const head = { id, contractId: contract.id, lineKey: line.lineKey, meterId: meter.id, from, until, state: UsageState.STALE, decimals: meter.decimals };
  const period = before ? await work.lock(UsagePeriod, id) : Object.assign(new UsagePeriod(), { ...head, version: 0 });
  Object.assign(period, { counted: counted.quantity.toString(), eventCount: counted.events });
  const earlier = periods.filter((one) => one.contractId === contract.id && one.lineKey === line.lineKey && one.until <= from);
  const reason = whyHeld(meter, period, earlier);
  return moveUsage(work, period, { verb: reason === null ? 'count' : 'hold', reason });
}
