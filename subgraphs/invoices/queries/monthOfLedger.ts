import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { AccountingPeriod, PeriodState } from '../../../entities/invoices/AccountingPeriod';
import { selectRows } from '../../../entities/rows';
import { sha256 } from '../../../sync/canonical';
import type { RequestContext } from '../../context';
import { MonthOfLedger } from '../api';
import { checkMonth } from '../rules';
import { closeReadiness } from './closeReadiness';
import { periodReport } from './periodReport';

/** A month of a legal entity's books: its state, what keeps it from being closed, and its report, kept from when it was closed. Null without such a legal entity. */
export async function monthOfLedger(context: RequestContext, { legalEntityId, month }: { legalEntityId: string; month: string }): Promise<MonthOfLedger | null> {
  const { tenantId } = context.principal;
  checkMonth(month, 'month');
  const [entity] = await selectRows(context.reads, LegalEntity, { where: { tenantId, id: legalEntityId } });
  if (!entity) return null;
  const [period] = await selectRows(context.reads, AccountingPeriod, { where: { tenantId, legalEntityId, month } });
  const state = period?.state ?? PeriodState.OPEN;
  const missing = state === PeriodState.CLOSED ? [] : (await closeReadiness(context.reads, { tenantId, entity, month })).missing;
  const report = period?.report ?? (await periodReport(context.reads, { tenantId, entity, month }));
  return Object.assign(new MonthOfLedger(), { state, missing, report, reportHash: sha256(report) });
}
