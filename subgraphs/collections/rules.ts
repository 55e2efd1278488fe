import { InvoiceState } from '../../entities/invoices/Invoice';

/** An invoice as collections sees it. */
export interface Owed {
  state: InvoiceState;
  dueDate: string;
  openMinor: bigint;
}

/** Whether an invoice may be collected on a day: issued, not all paid, and past due. */
export function isOverdue(invoice: Owed, today: string): boolean {
  return invoice.state === InvoiceState.ISSUED && invoice.openMinor > 0n && invoice.dueDate < today;
}
