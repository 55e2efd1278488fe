import type { RequestContext } from '../../context';
import { MatchingRule } from '../api/matching';

/** How often each rule applied cash, and how often that was taken back again. One statement. */
export async function matchingRules({ reads, principal: { tenantId } }: RequestContext): Promise<MatchingRule[]> {
  const text = "SELECT rule, COUNT(*) AS applied, SUM(CASE WHEN state = 'UNAPPLIED' THEN 1 ELSE 0 END) AS taken_back FROM payment_application WHERE tenant_id = ? GROUP BY rule ORDER BY rule";
  const rows = await reads.query<{ rule: string; applied: unknown; taken_back: unknown }>(text, [tenantId]);
  return rows.map(({ rule, applied, taken_back: takenBack }) => Object.assign(new MatchingRule(), { rule, applied: Number(applied), takenBack: Number(takenBack), precision: 1 - Number(takenBack) / Number(applied) }));
}
