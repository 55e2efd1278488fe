import type { ContractPreview, PreviewedBilling, PreviewedLedgerLine, PreviewedLine } from '../../../entities/contracts/ContractPreview';
import { type DraftLine, priceLines, ratePerMillion } from '../../../entities/invoices/pricing';
import { formatDecimal, share, sum, tally } from '../../../entities/money';
import { RevenueMethod } from '../../../entities/terms/revenue';
import { type Difference, differences, type Parties, partiesOf, sameParties } from '../../../entities/terms/schedule';
import { money } from '../../../entities/types';
import type { Accounting } from '../../accounting';
import type { Given } from './changeEffects';

const RATE_SCALE = 1_000_000n;

interface Priced {
  difference: Difference;
  accounting: Accounting;
  netMinor: bigint;
  taxMinor: bigint;
}

/** What a billing run of today would make of the terms as they would be: documents by legal entity and customer, and their lines in the ledger. Pure. */
export function billingEffects(given: Given): Pick<ContractPreview, 'billing' | 'ledger'> {
  const { after, billed, billingFrom, today } = given;
  const open = billingFrom === null ? [] : differences(after, billed, { upTo: today, since: billingFrom });
  const priced = partiesOf(open).map((parties) => ({ parties, lines: priceOf(open.filter((one) => sameParties(one, parties)), given) }));
  const entities = [...new Set(priced.map(({ parties: { legalEntityId } }) => legalEntityId))];
  return {
    billing: priced.map(({ parties, lines }) => billingOf(parties, lines, given.currency)),
    ledger: entities.flatMap((legalEntityId) => ledgerOf(legalEntityId, priced.filter(({ parties }) => parties.legalEntityId === legalEntityId).flatMap(({ lines }) => lines), given.currency)),
  };
}

/** Charges are taxed together as the lines of one invoice are, each credit at its own rate. */
function priceOf(open: readonly Difference[], { after, booksFor, currency }: Given): Priced[] {
  const withBooks = open.flatMap((difference) => {
    const productId = difference.productId ?? after.lines.find(({ lineKey }) => lineKey === difference.lineKey)?.productId ?? '';
    const accounting = booksFor(difference.customerId)(difference.legalEntityId, productId);
    return accounting ? [{ difference, accounting }] : [];
  });
  const charges = withBooks.filter(({ difference }) => difference.deltaMinor > 0n);
  const drafts = charges.map(({ difference, accounting: { taxCode, taxRatePercent, revenueAccount } }): DraftLine => {
    return { productId: difference.lineKey, description: difference.lineKey, quantity: 1n, unitPriceMinor: difference.deltaMinor, taxCode, taxRatePercent, revenueAccount };
  });
  const taxes = priceLines(drafts, currency).lines.map((line) => BigInt(line.taxMinor));
  const credits = withBooks.filter(({ difference }) => difference.deltaMinor < 0n);
  return [
    ...charges.map((one, index) => ({ ...one, netMinor: one.difference.deltaMinor, taxMinor: taxes[index]! })),
    ...credits.map((one) => ({ ...one, netMinor: one.difference.deltaMinor, taxMinor: share(one.difference.deltaMinor, ratePerMillion(one.accounting.taxRatePercent), RATE_SCALE) })),
  ];
}

function billingOf({ legalEntityId, customerId }: Parties, lines: readonly Priced[], currency: string): PreviewedBilling {
  const told = lines.map((line) => lineOf(line, currency));
  return {
    legalEntityId,
    customerId,
    charges: told.filter((_, index) => lines[index]!.netMinor > 0n),
    credits: told.filter((_, index) => lines[index]!.netMinor < 0n),
    receivable: money(sum(lines.map(({ netMinor, taxMinor }) => netMinor + taxMinor)), currency),
  };
}

function lineOf({ difference, netMinor, taxMinor }: Priced, currency: string): PreviewedLine {
  const parts = difference.parts.map(({ from, until, quantity, unitPriceMinor, amountMinor }) =>
    `${from} until ${until}: ${quantity} units at ${formatDecimal(unitPriceMinor, currency)} come to ${formatDecimal(amountMinor, currency)}`);
  const before = difference.billedMinor === 0n ? [] : [`billed before: ${formatDecimal(difference.billedMinor, currency)}`];
  return { lineKey: difference.lineKey, periodFrom: difference.periodFrom, net: money(netMinor, currency), tax: money(taxMinor, currency), parts: [...parts, ...before] };
}

function ledgerOf(legalEntityId: string, lines: readonly Priced[], currency: string): PreviewedLedgerLine[] {
  const totals = new Map<string, bigint>();
  const add = (account: string, minor: bigint) => tally(totals, account, minor);
  for (const { accounting, netMinor, taxMinor } of lines) {
    const { revenueMethod, deferredAccount, revenueAccount } = accounting;
    add('RECEIVABLE', netMinor + taxMinor);
    add(revenueMethod === RevenueMethod.ON_INVOICE ? revenueAccount : (deferredAccount ?? revenueAccount), -netMinor);
    add('TAX', -taxMinor);
  }
  const side = (minor: bigint) => money(minor > 0n ? minor : 0n, currency);
  return [...totals].filter(([, minor]) => minor !== 0n).map(([account, minor]) => ({ legalEntityId, account, debit: side(minor), credit: side(-minor) }));
}
