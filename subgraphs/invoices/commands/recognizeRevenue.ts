import type { LegalEntity } from '../../../entities/customers/LegalEntity';
import { PeriodState } from '../../../entities/invoices/AccountingPeriod';
import { RevenueEntry } from '../../../entities/invoices/RevenueEntry';
import { RevenueJournal, RevenueJournalLine } from '../../../entities/invoices/RevenueJournal';
import { sum, tally } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { addDays, spanOfMonth } from '../../../entities/terms/days';
import type { RevenueJournalDocument } from '../../../sync/documents';
import type { Work } from '../../work';
import type { RecognizeRevenueInput } from '../api';
import { revenueRecognized } from '../events';
import { type Earned, earnedOf } from '../queries/earnedOf';
import { documentNumber } from '../rules';
import { monthOfBooks } from './monthOfBooks';

/** The journals that were made, by id, and where to go on if there are more contracts than one act takes. */
export interface Recognition {
  journalIds: string[];
  last: string | null;
}

const CONTRACTS_MAX = 500;

/**
 * Recognizes what contracts have earned for a legal entity by the end of a month, less what earlier journals took: one balanced journal for each currency. Doing it again
 * makes nothing; what an amendment changes of a closed month lands in the month that is open. Refuses REVENUE_PERIOD_CLOSED.
 */
export async function recognizeRevenue(work: Work, input: RecognizeRevenueInput): Promise<Recognition> {
  const { entity, period } = await monthOfBooks(work, input);
  if (period.state === PeriodState.CLOSED) throw new Refusal('REVENUE_PERIOD_CLOSED', `${input.month} is closed in the books of ${entity.code}.`, 'input.month');
  const page = { after: input.after ?? '', contractsMax: CONTRACTS_MAX };
  const { earned, last } = await earnedOf(work.sql, { tenantId: work.tenantId, entity, month: input.month }, page);
  const journalIds: string[] = [];
  for (const currency of [...new Set(earned.map((one) => one.currency))].sort()) {
    journalIds.push((await addJournal(work, { entity, month: input.month, earned: earned.filter((one) => one.currency === currency) })).id);
  }
  return { journalIds, last };
}

async function addJournal(work: Work, { entity, month, earned }: { entity: LegalEntity; month: string; earned: Earned[] }): Promise<RevenueJournal> {
  const year = month.slice(0, 4);
  const { currency } = earned[0]!;
  const number = documentNumber('RVJ', { code: entity.code, year, number: await work.takeNumber(`RVJ|${entity.id}|${year}`) });
  const id = work.id('rvj', { system: 'evenkeel', type: 'revenueJournal', key: number });
  const lineItems = earned.flatMap(linesOf);
  const journal = work.add(Object.assign(new RevenueJournal(), {
    id, number, month, currency, lineItems,
    legalEntityId: entity.id,
    journalDate: addDays(spanOfMonth(month).until, -1),
    recognizedMinor: sum(earned.map(({ amountMinor }) => amountMinor)),
  }));
  earned.forEach(({ contractId, lineKey, term, amountMinor }, place) => {
    work.add(Object.assign(new RevenueEntry(), { journalId: id, place: String(place), contractId, lineKey, term, month, amountMinor, legalEntityId: entity.id }));
  });
  work.tell(revenueRecognized(journal, { number, legalEntityId: entity.id, month, currency, recognizedMinor: journal.recognizedMinor.toString() }));
  const legalEntity = { code: entity.code, currency: entity.currency };
  work.post({ kind: 'revenueJournal', externalId: id, version: 1, resourceId: id, laneOf: entity.id, legalEntity, body: documentOf(journal), after: [] });
  return journal;
}

/** Earned: out of what was deferred into revenue; the other way round where too much was recognized before. */
function linesOf({ contractId, lineKey, currency, amountMinor, accounting }: Earned): RevenueJournalLine[] {
  const [debit, credit] = amountMinor > 0n ? ['DEFERRED', 'REVENUE'] as const : ['REVENUE', 'DEFERRED'] as const;
  const minor = (amountMinor > 0n ? amountMinor : -amountMinor).toString();
  const line = (side: 'REVENUE' | 'DEFERRED', amounts: { debitMinor: string; creditMinor: string }) =>
    Object.assign(new RevenueJournalLine(), { side, account: side === 'REVENUE' ? accounting.revenueAccount : accounting.deferredAccount!, contractId, lineKey, currency, ...amounts });
  return [line(debit, { debitMinor: minor, creditMinor: '0' }), line(credit, { debitMinor: '0', creditMinor: minor })];
}

/** The ERP gets one line an account; which contract each amount is of stays here. */
function documentOf({ number, journalDate, month, currency, lineItems }: RevenueJournal): RevenueJournalDocument {
  const totals = new Map<string, bigint>();
  for (const { account, side, debitMinor, creditMinor } of lineItems) {
    tally(totals, `${side}|${account}`, BigInt(debitMinor) - BigInt(creditMinor));
  }
  const lines = [...totals].filter(([, minor]) => minor !== 0n).map(([key, minor]) => {
    const [side, account] = key.split('|') as [string, string];
    const accountKind = side === 'REVENUE' ? 'revenue' as const : 'deferredRevenue' as const;
    return { account, accountKind, debitMinor: (minor > 0n ? minor : 0n).toString(), creditMinor: (minor < 0n ? -minor : 0n).toString() };
  });
  return { number, journalDate, month, currency, lines };
}
