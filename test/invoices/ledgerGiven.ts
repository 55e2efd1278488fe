import type { Contract } from '../../entities/contracts/Contract';
import { RevenueMethod } from '../../entities/terms/revenue';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { upsertProductAccounting } from '../../subgraphs/customers/commands/upsertProductAccounting';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { type Sample, sample } from '../harness/sample';
import type { World } from '../harness/world';

/** A year of ten seats at 100.00, billed at once on 1 October and earned by the month; the date is 5 October. */
export async function yearOfRevenue(world: World, tenant?: string): Promise<Sample & { contract: Contract }> {
  world.clock.travelTo('2026-10-05T09:00:00Z');
  const given = await sample(world, tenant);
  const actor = world.actor('finance', tenant);
  await world.do(upsertProductAccounting, { productId: given.product.id, legalEntityId: given.entity.id, revenueMethod: RevenueMethod.EVEN_MONTH, deferredAccount: '2400' }, actor);
  const contract = await world.do(createContract, {
    number: 'YEAR-1', customerId: given.customer.id, legalEntityId: given.entity.id, startDate: '2026-10-01', endDate: '2027-09-30', currency: 'EUR', billingFrom: '2026-10-01',
    lines: [{ productId: given.product.id, quantity: '10', periodMonths: 12, unitPrice: { amount: '120.00', currency: 'EUR' } }],
  }, actor);
  await world.do(billContract, { contractId: contract.id }, actor);
  await world.settles();
  return { ...given, contract };
}
