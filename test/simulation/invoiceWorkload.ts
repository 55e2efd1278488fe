import { creditInvoice } from '../../subgraphs/invoices/commands/creditInvoice';
import { issueInvoice } from '../../subgraphs/invoices/commands/issueInvoice';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { ENTITIES, type EntityCode, type InvoiceEntry, must, netOf, openOf, rounded, type SoldLine, totalOf } from './ledger';
import { type Act, lineInputs, nameIn, type Office, some, someLines } from './office';

/** What the auditor reads of an invoice or a credit memo in an answer. */
interface DocumentAnswer {
  id: string;
  version: number;
  totalMinor: bigint;
  lineItems: { lineId: string; taxMinor: string }[];
}

export const invoiceActs = {
  issueInvoice: { weight: 22, make: (office: Office) => (office.random.chance(400) ? contractInvoice(office) : freeInvoice(office)) },
  creditInvoice: { weight: 7, make: credit },
  voidInvoice: { weight: 4, make: voiding },
};

function freeInvoice(office: Office): Act | undefined {
  const customer = some(office, office.ledger.customers.values());
  if (!customer) return undefined;
  const entity = office.random.pick(Object.keys(ENTITIES) as EntityCode[]);
  const lines = someLines(office);
  const input = { customerId: customer.id, legalEntityId: office.ids.entity[entity], invoiceDate: '2026-11-20', lines: lineInputs(office, entity, lines) };
  return issued(office, { customer: customer.id, entity, lines }, input);
}

/** Bills what a contract sells, at the rates of the day. */
function contractInvoice(office: Office): Act | undefined {
  const contract = some(office, office.ledger.contracts.values());
  if (!contract) return undefined;
  const { customer, entity } = contract;
  const act = issued(office, { customer, entity, lines: contract.versions.at(-1)! }, { contractId: contract.id });
  return contract.cancelled ? { ...act, refusal: 'CONTRACT_CANCELLED', idempotentByDocument: false } : act;
}

function issued(office: Office, bill: { customer: string; entity: EntityCode; lines: SoldLine[] }, input: object): Act {
  const { ledger } = office;
  const reference = nameIn(office, 'REF');
  return {
    command: issueInvoice,
    input: { reference, ...input },
    refusal: null,
    idempotentByDocument: true,
    accepted(answer: DocumentAnswer) {
      const { id, version, totalMinor, lineItems } = answer;
      must(version === 1 && !ledger.invoices.has(id), `invoice ${reference} began as version ${version}`);
      must(totalMinor === totalOf(bill.lines), `invoice ${reference} is ${totalMinor}, the auditor says ${totalOf(bill.lines)}`);
      const lines = bill.lines.map((line, index) => {
        const { lineId, taxMinor } = lineItems[index]!;
        return { ...line, lineId, taxMinor: BigInt(taxMinor), creditedUnits: 0n };
      });
      const sum = lines.reduce((total, line) => total + netOf(line) + line.taxMinor, 0n);
      must(sum === totalMinor, `the lines of invoice ${reference} sum to ${sum} of ${totalMinor}`);
      const { customer, entity } = bill;
      ledger.invoices.set(id, { id, customer, entity, lines, totalMinor, creditedMinor: 0n, paidMinor: 0n, voided: false, version });
      ledger.owe('invoice', id, { customer });
    },
  };
}

/** Some units of some lines; what they are worth is worked out from what the line has been credited before. */
function credit(office: Office): Act | undefined {
  const { ledger, random } = office;
  const invoice = some(office, ledger.invoices.values());
  if (!invoice) return undefined;
  const line = random.pick(invoice.lines);
  const left = line.quantity - line.creditedUnits;
  const quantity = BigInt(random.between(1, Number(left) + 1));
  const due = (units: bigint) => rounded(line.taxMinor * units, line.quantity);
  const worth = quantity * line.priceMinor + due(line.creditedUnits + quantity) - due(line.creditedUnits);
  const refusal = refusalOfCredit(invoice, { tooMany: quantity > left, worth });
  const reference = nameIn(office, 'MEMO');
  return {
    command: creditInvoice,
    input: { reference, invoiceId: invoice.id, reason: 'simulated', lines: [{ lineId: line.lineId, quantity: quantity.toString() }] },
    refusal,
    version: invoice.version,
    idempotentByDocument: true,
    accepted({ id, totalMinor }: DocumentAnswer) {
      must(totalMinor === worth, `credit memo ${reference} is ${totalMinor}, the auditor says ${worth}`);
      line.creditedUnits += quantity;
      invoice.creditedMinor += worth;
      invoice.version++;
      must(openOf(invoice) >= 0n, `more than invoice ${invoice.id} was credited`);
      ledger.owe('creditMemo', id, { customer: invoice.customer });
    },
  };
}

function refusalOfCredit(invoice: InvoiceEntry, { tooMany, worth }: { tooMany: boolean; worth: bigint }): string | null {
  if (invoice.voided) return 'MOVE_NOT_ALLOWED';
  if (tooMany) return 'CREDIT_EXCEEDS_LINE';
  return worth > openOf(invoice) ? 'CREDIT_EXCEEDS_OPEN' : null;
}

function voiding(office: Office): Act | undefined {
  const { ledger } = office;
  const invoice = some(office, ledger.invoices.values());
  if (!invoice) return undefined;
  const touched = invoice.creditedMinor > 0n || invoice.paidMinor > 0n;
  return {
    command: voidInvoice,
    input: { invoiceId: invoice.id, reason: 'simulated' },
    refusal: invoice.voided ? 'MOVE_NOT_ALLOWED' : touched ? 'INVOICE_SETTLED' : null,
    version: invoice.version,
    accepted({ version }: DocumentAnswer) {
      invoice.voided = true;
      invoice.version++;
      must(version === invoice.version, `invoice ${invoice.id} became version ${version} instead of ${invoice.version}`);
      ledger.owe('invoiceVoid', invoice.id, { customer: invoice.customer });
    },
  };
}
