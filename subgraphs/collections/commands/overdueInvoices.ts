import { Invoice, SettlementState } from '../../../entities/invoices/Invoice';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import type { Work } from '../../work';
import { isOverdue } from '../rules';

/** The overdue invoices of a customer towards a legal entity, on its day. */
export async function overdueInvoices(work: Work, owed: { customerId: string; legalEntityId: string }): Promise<Invoice[]> {
  const entity = await work.read(LegalEntity, owed.legalEntityId);
  const settlement = [SettlementState.UNPAID, SettlementState.PARTLY_PAID];
  const invoices = await work.find(Invoice, { customerId: owed.customerId, settlement });
  const today = work.today(entity.timeZone);
  return invoices.filter((invoice) => invoice.legalEntityId === owed.legalEntityId && isOverdue(invoice, today));
}
