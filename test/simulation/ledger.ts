import type { Backend, DocumentKind } from '../../sync/documents';

/** What the simulated company sells. Rates are in thousandths of a percent. */
export const CATALOGUE = {
  SEAT: { taxCode: 'VAT20', percent: '20', rate: 20_000n },
  TEAM: { taxCode: 'VAT20', percent: '20', rate: 20_000n },
  DISK: { taxCode: 'VAT7', percent: '7.7', rate: 7_700n },
  HELP: { taxCode: 'VAT0', percent: '0', rate: 0n },
} as const;
export type ProductKey = keyof typeof CATALOGUE;
export const PRODUCTS = Object.keys(CATALOGUE) as ProductKey[];

export const ENTITIES = { DE01: 'EUR', JP01: 'JPY' } as const;
export type EntityCode = keyof typeof ENTITIES;

export class Violation extends Error {}

export function must(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Violation(text);
}

export interface CustomerEntry {
  id: string;
  key: string;
  name: string;
  version: number;
}

export interface SoldLine {
  product: ProductKey;
  quantity: bigint;
  priceMinor: bigint;
}

export interface ContractEntry {
  id: string;
  number: string;
  customer: string;
  entity: EntityCode;
  endDate: string;
  cancelled: boolean;
  /** By version: what it sells; nothing once it is cancelled. */
  versions: SoldLine[][];
}

export interface BilledLine extends SoldLine {
  lineId: string;
  taxMinor: bigint;
  creditedUnits: bigint;
}

export interface InvoiceEntry {
  id: string;
  customer: string;
  entity: EntityCode;
  lines: BilledLine[];
  totalMinor: bigint;
  creditedMinor: bigint;
  paidMinor: bigint;
  voided: boolean;
  version: number;
}

export interface PaymentEntry {
  id: string;
  customer: string;
  entity: EntityCode;
  amountMinor: bigint;
  unappliedMinor: bigint;
  version: number;
}

export interface ApplicationEntry {
  id: string;
  payment: string;
  invoice: string;
  amountMinor: bigint;
  live: boolean;
}

/** A document that an accepted act owes to a backend. */
export interface Debt {
  backend: Backend;
  /** The document by its natural key: kind, thing, version. */
  key: string;
  customer: string;
}

const OWED: Record<DocumentKind, readonly Backend[]> = {
  customer: ['billing', 'erp', 'crm'],
  contractCheck: ['erp'],
  contract: ['billing', 'crm'],
  entitlement: ['saas'],
  invoice: ['billing', 'erp'],
  creditMemo: ['billing', 'erp'],
  invoiceVoid: ['billing', 'erp'],
  payment: ['billing', 'erp'],
  application: ['billing', 'erp'],
  unapplication: ['billing', 'erp'],
  revenueJournal: ['erp'],
  usage: ['billing'],
};

/** A fraction of amounts from zero up, rounded half up. */
export const rounded = (numerator: bigint, denominator: bigint) => (2n * numerator + denominator) / (2n * denominator);

export const netOf = (line: SoldLine) => line.quantity * line.priceMinor;

/** Net and tax of a document: each tax code's tax is rounded once. */
export function totalOf(lines: readonly SoldLine[]): bigint {
  const nets = new Map<string, bigint>();
  const add = (line: SoldLine) => nets.set(CATALOGUE[line.product].taxCode, (nets.get(CATALOGUE[line.product].taxCode) ?? 0n) + netOf(line));
  lines.forEach(add);
  const rateOf = (code: string) => Object.values(CATALOGUE).find((product) => product.taxCode === code)!.rate;
  return [...nets].reduce((total, [code, net]) => total + net + rounded(net * rateOf(code), 100_000n), 0n);
}

export const openOf = (invoice: InvoiceEntry) => (invoice.voided ? 0n : invoice.totalMinor - invoice.creditedMinor - invoice.paidMinor);

/** The auditor's own books, kept from accepted inputs and answers only. */
export class Ledger {
  readonly customers = new Map<string, CustomerEntry>();
  readonly contracts = new Map<string, ContractEntry>();
  readonly invoices = new Map<string, InvoiceEntry>();
  readonly payments = new Map<string, PaymentEntry>();
  readonly applications = new Map<string, ApplicationEntry>();
  readonly debts: Debt[] = [];

  /** Notes that an accepted act owes a document to every backend that takes its kind. */
  owe(kind: DocumentKind, thing: string, { version = 1, customer }: { version?: number; customer: string }): void {
    for (const backend of OWED[kind]) this.debts.push({ backend, key: `${kind} ${thing}@${version}`, customer });
  }

  /** A version of a contract that sells these lines. */
  publish(contract: ContractEntry, lines: SoldLine[]): void {
    contract.versions.push(lines);
    for (const kind of ['contractCheck', 'contract', 'entitlement'] as const) {
      this.owe(kind, contract.id, { version: contract.versions.length, customer: contract.customer });
    }
  }

  /** Moves cash of a payment to an invoice. */
  apply({ id, payment, invoice, amountMinor }: Omit<ApplicationEntry, 'live'>): void {
    const [from, to] = [this.payments.get(payment)!, this.invoices.get(invoice)!];
    must(!this.applications.has(id), `application ${id} is made twice`);
    must(amountMinor > 0n && amountMinor <= from.unappliedMinor && amountMinor <= openOf(to), `${amountMinor} of ${payment} was applied to ${invoice}`);
    from.unappliedMinor -= amountMinor;
    to.paidMinor += amountMinor;
    this.applications.set(id, { id, payment, invoice, amountMinor, live: true });
    this.owe('application', id, { customer: to.customer });
  }

  unapply(application: ApplicationEntry): void {
    must(application.live, `application ${application.id} is taken back twice`);
    application.live = false;
    this.payments.get(application.payment)!.unappliedMinor += application.amountMinor;
    this.invoices.get(application.invoice)!.paidMinor -= application.amountMinor;
    this.owe('unapplication', application.id, { customer: this.invoices.get(application.invoice)!.customer });
  }
}
