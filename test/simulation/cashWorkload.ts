import { applyPayment } from '../../subgraphs/payments/commands/applyPayment';
import { recordPayment } from '../../subgraphs/payments/commands/recordPayment';
import { unapplyPayment } from '../../subgraphs/payments/commands/unapplyPayment';
import { ENTITIES, type EntityCode, type InvoiceEntry, must, openOf, type PaymentEntry } from './ledger';
import { type Act, nameIn, type Office, priceIn, some } from './office';

export const cashActs = {
  recordPayment: { weight: 16, make: payment },
  applyPayment: { weight: 12, make: application },
  unapplyPayment: { weight: 6, make: unapplication },
};

const least = (a: bigint, b: bigint) => (a < b ? a : b);

/** Invoices that a payment to a legal entity may pay. */
function payable(office: Office, { customer, entity }: { customer: string; entity: EntityCode }): InvoiceEntry[] {
  return [...office.ledger.invoices.values()].filter((invoice) => invoice.customer === customer && invoice.entity === entity);
}

function payment(office: Office): Act | undefined {
  const { ledger, random, ids } = office;
  const customer = some(office, ledger.customers.values())?.id;
  if (!customer) return undefined;
  const entity = random.pick(Object.keys(ENTITIES) as EntityCode[]);
  const amountMinor = BigInt(random.between(1, 300_000));
  const targets = payable(office, { customer, entity }).filter(() => random.chance(350)).slice(0, 3);
  const placed: { invoice: string; amountMinor: bigint }[] = [];
  let left = amountMinor;
  for (const target of targets) {
    const part = least(left, openOf(target));
    placed.push({ invoice: target.id, amountMinor: part });
    left -= part;
  }
  const reference = nameIn(office, 'PAY');
  return {
    command: recordPayment,
    input: {
      reference,
      customerId: customer,
      legalEntityId: ids.entity[entity],
      amount: priceIn(entity, amountMinor),
      applyTo: targets.map((target) => ({ invoiceId: target.id })),
    },
    refusal: placed.some((part) => part.amountMinor === 0n) ? 'NOTHING_TO_APPLY' : null,
    idempotentByDocument: true,
    async accepted({ id, version }: { id: string; version: number }) {
      must(version === 1 && !ledger.payments.has(id), `payment ${reference} began as version ${version}`);
      ledger.payments.set(id, { id, customer, entity, amountMinor, unappliedMinor: amountMinor, version });
      ledger.owe('payment', id, { customer });
      const made = await office.applicationsOf(id);
      must(made.length === placed.length, `payment ${reference} was applied ${made.length} times instead of ${placed.length}`);
      for (const part of placed) {
        const same = made.find((item) => item.invoice === part.invoice && item.amountMinor === part.amountMinor);
        must(same !== undefined, `payment ${reference} was not applied to ${part.invoice} with ${part.amountMinor}`);
        ledger.apply({ ...part, id: same.id, payment: id });
        ledger.invoices.get(part.invoice)!.version++;
      }
    },
  };
}

function application(office: Office): Act | undefined {
  const { ledger, random } = office;
  const from = some(office, ledger.payments.values());
  const to = from && some(office, payable(office, from));
  if (!to) return undefined;
  const open = openOf(to);
  const given = random.chance(400) ? BigInt(random.between(1, Number(open > from.unappliedMinor ? open : from.unappliedMinor) + 10)) : undefined;
  const amountMinor = given ?? least(open, from.unappliedMinor);
  return {
    command: applyPayment,
    input: { paymentId: from.id, invoiceId: to.id, ...(given === undefined ? {} : { amount: priceIn(from.entity, given) }) },
    refusal: refusalOfApplication({ from, to }, amountMinor),
    version: from.version,
    accepted(answer: { id: string; amountMinor: bigint }) {
      must(answer.amountMinor === amountMinor, `${answer.amountMinor} of ${from.id} was applied instead of ${amountMinor}`);
      ledger.apply({ id: answer.id, payment: from.id, invoice: to.id, amountMinor });
      from.version++;
      to.version++;
    },
  };
}

function refusalOfApplication({ from, to }: { from: PaymentEntry; to: InvoiceEntry }, amountMinor: bigint): string | null {
  if (amountMinor === 0n) return 'NOTHING_TO_APPLY';
  if (amountMinor > from.unappliedMinor) return 'APPLICATION_EXCEEDS_UNAPPLIED';
  if (to.voided) return 'INVOICE_VOIDED';
  return amountMinor > openOf(to) ? 'APPLICATION_EXCEEDS_OPEN' : null;
}

function unapplication(office: Office): Act | undefined {
  const { ledger } = office;
  const application = some(office, ledger.applications.values());
  if (!application) return undefined;
  return {
    command: unapplyPayment,
    input: { applicationId: application.id },
    refusal: application.live ? null : 'MOVE_NOT_ALLOWED',
    version: application.live ? 1 : 2,
    accepted() {
      ledger.unapply(application);
      ledger.payments.get(application.payment)!.version++;
      ledger.invoices.get(application.invoice)!.version++;
    },
  };
}
