import { Customer } from '../../../entities/customers/Customer';
import { anyOf, hydrate, shapeOf } from '../../../entities/rows';
import type { RequestContext } from '../../context';
import { DuplicateCustomers, DuplicateEvidence } from '../api';

const GROUPS_MAX = 100;
const CUSTOMERS_MAX = 1_000;

/** The signs by which two records may be one customer, the strongest first, each as an SQL expression that is equal for both. */
const SIGNS: Record<DuplicateEvidence, string> = {
  [DuplicateEvidence.TAX_NUMBER]: bare('tax_number'),
  [DuplicateEvidence.EMAIL]: 'LOWER(email)',
  [DuplicateEvidence.NAME]: `CONCAT(${bare('name')}, '/', COALESCE(country_code, ''))`,
};

/** Without what people write in different ways: case, spaces and punctuation. */
function bare(column: string): string {
  return [' ', '.', ',', '-', '/'].reduce((text, sign) => `REPLACE(${text}, '${sign}', '')`, `LOWER(${column})`);
}

/** Groups of customers that may be one, by sign; at most a hundred of each, the largest first. */
export async function duplicateCustomers(context: RequestContext): Promise<DuplicateCustomers[]> {
  const groups: DuplicateCustomers[] = [];
  for (const [evidence, sign] of Object.entries(SIGNS)) groups.push(...(await groupsBy(context, evidence as DuplicateEvidence, sign)));
  return groups;
}

async function groupsBy({ reads, principal: { tenantId } }: RequestContext, evidence: DuplicateEvidence, sign: string): Promise<DuplicateCustomers[]> {
  const shared = await reads.query<{ value: string }>(
    `SELECT ${sign} AS value FROM customer WHERE tenant_id = ? AND merged_into_id IS NULL AND ${sign} IS NOT NULL AND ${sign} <> '' GROUP BY ${sign} HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, value LIMIT ${GROUPS_MAX}`, [tenantId],
  );
  if (shared.length === 0) return [];
  const any = anyOf(reads, shared.map(({ value }) => value));
  const { list } = shapeOf(reads.source, Customer);
  const rows = await reads.query<Record<string, unknown>>(`SELECT ${list}, ${sign} AS sign_value FROM customer WHERE tenant_id = ? AND merged_into_id IS NULL AND ${sign} ${any.text} ORDER BY id LIMIT ${CUSTOMERS_MAX}`, [tenantId, ...any.params]);
  const customers = hydrate(reads, Customer, rows);
  return shared.map(({ value }) => Object.assign(new DuplicateCustomers(), { evidence, customers: customers.filter((_, index) => rows[index]!['sign_value'] === value) }));
}
