import { Customer } from '../../../entities/customers/Customer';
import type { LegalEntity } from '../../../entities/customers/LegalEntity';
import { CreditMemo } from '../../../entities/invoices/CreditMemo';
import type { Invoice } from '../../../entities/invoices/Invoice';
import type { Totals } from '../../../entities/invoices/pricing';
import { move } from '../../move';
import type { Work } from '../../work';
import { creditMemoIssued, invoiceCredited } from '../events';
import { authorityOf, creditMemoDocument, settle } from '../rules';
import { INVOICE_MOVES } from '../states';
import { afterAuthority } from './numberDocument';

export interface NewMemo {
  id: string;
  number: string;
  reference: string;
  reason: string;
  creditDate: string;
  /** Locked. */
  invoice: Invoice;
  entity: LegalEntity;
  totals: Totals;
}

/** Issues a credit memo: it lowers what is open on its invoice as far as that goes, the rest is the customer's. Tells and posts it. */
export async function addCreditMemo(work: Work, { invoice, entity, totals, ...head }: NewMemo): Promise<CreditMemo> {
  const { lines, netMinor, taxMinor, totalMinor } = totals;
  const { customerId, legalEntityId, currency } = invoice;
  const takenMinor = totalMinor < invoice.openMinor ? totalMinor : invoice.openMinor;
  const memo = work.add(
    Object.assign(new CreditMemo(), {
      ...head, customerId, legalEntityId, currency, netMinor, taxMinor, totalMinor,
      invoiceId: invoice.id,
      unappliedMinor: totalMinor - takenMinor,
      provisional: authorityOf(entity, 'creditMemo')?.gives ?? [],
      lineItems: lines,
    }),
  );
  invoice.state = move(INVOICE_MOVES, invoice.state, 'credit');
  Object.assign(invoice, settle(invoice, -takenMinor), { creditedMinor: invoice.creditedMinor + totalMinor });
  work.change(invoice);
  await publish(work, memo, { invoice, entity });
  return memo;
}

async function publish(work: Work, memo: CreditMemo, { invoice, entity }: { invoice: Invoice; entity: LegalEntity }): Promise<void> {
  const { number, customerId, legalEntityId, currency } = invoice;
  const [totalMinor, openMinor, creditMinor] = [invoice.totalMinor, invoice.openMinor, memo.totalMinor].map(String) as [string, string, string];
  work.tell(creditMemoIssued(memo, { number: memo.number, invoiceId: invoice.id, customerId, currency, totalMinor: creditMinor, reason: memo.reason }));
  work.tell(invoiceCredited(invoice, { number, customerId, legalEntityId, currency, totalMinor, openMinor, creditMemoId: memo.id, creditMinor }));
  const customer = await work.read(Customer, customerId);
  const authority = authorityOf(entity, 'creditMemo');
  work.post({
    kind: 'creditMemo',
    externalId: memo.id,
    version: 1,
    resourceId: memo.id,
    relatedId: invoice.id,
    laneOf: customerId,
    legalEntity: { code: entity.code, currency: entity.currency },
    body: { ...creditMemoDocument(memo, invoice, customer.name), ...(authority && { authority }) },
    after: [{ kind: 'invoice', externalId: invoice.id, version: 1 }, ...afterAuthority(authority, { kind: 'creditMemo', externalId: memo.id })],
  });
}
