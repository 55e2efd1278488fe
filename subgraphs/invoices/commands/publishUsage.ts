import type { Contract } from '../../../entities/contracts/Contract';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Meter } from '../../../entities/invoices/Meter';
import type { UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { type ContractTerms, ownerOn, usageKey } from '../../../entities/terms/terms';
import { lineUsage } from '../../../entities/terms/usage';
import type { Work } from '../../work';

/** Posts counted usage of a contract to billing, rated by its terms. */
export async function publishUsage(work: Work, contract: Contract, { terms, periods }: { terms: ContractTerms; periods: readonly UsagePeriod[] }): Promise<void> {
  const { code, currency } = await work.read(LegalEntity, contract.legalEntityId);
  const last = periods.map(({ from }) => from).sort().at(-1) ?? '';
  const parts = terms.lines.filter(({ meter }) => meter).flatMap((line) => lineUsage(terms, line, last).flatMap((period) => period.parts).map((part) => [usageKey({ lineKey: line.lineKey, ...part }), part] as const));
  const rated = new Map(parts.map(([key, part]) => [key, part.rated]));
  for (const period of periods) {
    const { key, unit } = await work.read(Meter, period.meterId);
    const { id, version, lineKey, from, until, quantity } = period;
    const amountMinor = rated.get(usageKey(period))?.amountMinor.toString() ?? null;
    const customerId = ownerOn(terms, from);
    const body = { contractId: contract.id, contractNumber: contract.number, customerId, lineKey, meter: key, from, until, quantity, unit, currency: contract.currency, amountMinor };
    work.post({ kind: 'usage', externalId: id, version, resourceId: id, laneOf: customerId, legalEntity: { code, currency }, body, after: [] });
  }
}
