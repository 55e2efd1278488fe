import { Customer } from '../entities/customers/Customer';
import { anyOf, type Sql } from '../entities/rows';
import type { Work } from './work';

/** The record that stands for a customer: the one it was merged into, or itself. */
export async function standingFor(work: Work, customer: Customer): Promise<Customer> {
  return customer.mergedIntoId === null ? customer : work.read(Customer, customer.mergedIntoId);
}

/** Who owes what is sold to a customer: its payer, or itself. */
export async function payerOf(work: Work, customer: Customer): Promise<Customer> {
  const standing = await standingFor(work, customer);
  return standing.payerId === null ? standing : standingFor(work, await work.read(Customer, standing.payerId));
}

/** Reads whatever `payerOf` will need for any of these, in at most three statements. */
export async function preloadPayers(work: Work, customers: readonly Customer[]): Promise<void> {
  const above = [...new Set(customers.flatMap(({ mergedIntoId, payerId }) => [mergedIntoId, payerId]))].filter((id) => id !== null);
  if (above.length > 0) await preloadPayers(work, (await work.find(Customer, { id: above })).filter(({ id }) => !customers.some((known) => known.id === id)));
}

/** Everybody for whom one of these may be the payer, themselves included: those merged into them, those they pay for, and those merged into those. Three statements. */
export async function payerGroup(sql: Sql, tenantId: string, ids: readonly string[]): Promise<string[]> {
  const merged = await related(sql, tenantId, { column: 'merged_into_id', ids });
  const paidFor = await related(sql, tenantId, { column: 'payer_id', ids: [...ids, ...merged] });
  return [...new Set([...ids, ...merged, ...paidFor, ...(await related(sql, tenantId, { column: 'merged_into_id', ids: paidFor }))])];
}

async function related(sql: Sql, tenantId: string, { column, ids }: { column: 'merged_into_id' | 'payer_id'; ids: readonly string[] }): Promise<string[]> {
  if (ids.length === 0) return [];
  const any = anyOf(sql, ids);
  return (await sql.query<{ id: string }>(`SELECT id FROM customer WHERE tenant_id = ? AND ${column} ${any.text}`, [tenantId, ...any.params])).map(({ id }) => id);
}
