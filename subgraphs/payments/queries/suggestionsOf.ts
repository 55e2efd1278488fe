import { Customer } from '../../../entities/customers/Customer';
import { Invoice, SettlementState } from '../../../entities/invoices/Invoice';
import { type Evidence, lookupTerms, suggest, type Suggestion } from '../../../entities/payments/matching';
import { PayerAlias } from '../../../entities/payments/PayerAlias';
import type { Payment } from '../../../entities/payments/Payment';
import { selectRows } from '../../../entities/rows';
import type { RequestContext } from '../../context';
import { aliasOf } from '../commands/learnPayer';

const OPEN = [SettlementState.UNPAID, SettlementState.PARTLY_PAID];
const CANDIDATES_MAX = 200;
const NAMESAKES_MAX = 5;

/** The ways in which what is unapplied of a payment may be meant, the likeliest first, by what is open now. Seven statements at most. */
export async function suggestionsOf({ reads, principal: { tenantId } }: RequestContext, payment: Payment): Promise<Suggestion[]> {
  if (payment.unappliedMinor === 0n) return [];
  const evidence: Evidence = { creditorReferences: [], references: payment.remittance, text: payment.remittance };
  const { legalEntityId, currency, payerName, unappliedMinor } = payment;
  const open = (where: Record<string, unknown>) => selectRows(reads, Invoice, { where: { tenantId, legalEntityId, currency, settlement: OPEN, ...where }, limit: CANDIDATES_MAX });
  const alias = aliasOf(payment);
  const known = alias === undefined ? [] : (await selectRows(reads, PayerAlias, { where: { tenantId, aliasKey: alias } })).filter(({ confirmed }) => confirmed > 0);
  const payers = new Set([...known.map(({ customerId }) => customerId), ...(payment.customerId ? [payment.customerId] : [])]);
  const namesakes = payerName === null ? [] : await reads.query<{ id: string }>(`SELECT id FROM customer WHERE tenant_id = ? AND LOWER(name) = ? LIMIT ${NAMESAKES_MAX}`, [tenantId, payerName.toLowerCase()]);
  const customerIds = [...new Set([...payers, ...namesakes.map(({ id }) => id)])];
  const { numbers, paymentReferences } = lookupTerms(evidence);
  const found = [
    ...(numbers.length > 0 ? await open({ number: numbers }) : []),
    ...(paymentReferences.length > 0 ? await open({ paymentReference: paymentReferences }) : []),
    ...(customerIds.length > 0 ? await open({ customerId: customerIds }) : []),
    ...(await open({ openMinor: unappliedMinor })),
  ];
  const invoices = [...new Map(found.filter(({ provisional }) => !provisional.includes('TAX')).map((invoice) => [invoice.id, invoice])).values()];
  const customers = await selectRows(reads, Customer, { where: { tenantId, id: [...new Set(invoices.map(({ customerId }) => customerId))] } });
  const names = new Map(customers.map(({ id, name }) => [id, name]));
  const candidates = invoices.map(({ id, customerId, number, paymentReference, openMinor }) => ({ id, customerId, number, paymentReference, openMinor, currency, customerName: names.get(customerId) ?? '' }));
  return suggest(evidence, { amountMinor: unappliedMinor, candidates, payers, payerName });
}
