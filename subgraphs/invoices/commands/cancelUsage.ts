import { Contract } from '../../../entities/contracts/Contract';
import { UsageEvent } from '../../../entities/invoices/UsageEvent';
import { UsagePeriod } from '../../../entities/invoices/UsagePeriod';
import { Refusal } from '../../../entities/refusal';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { CancelUsageInput } from '../api/usage';
import { eventKeyOf } from './readUsage';
import { recountUsage } from './recountUsage';

/** Takes back an event that should not have been sent: it counts no more, and its name stays taken. What is billed of it already is credited by the next billing run. */
export async function cancelUsage(work: Work, input: CancelUsageInput): Promise<UsageEvent> {
  const reason = readText(input.reason, 'input.reason');
  const eventKey = eventKeyOf(input);
  const [event] = await work.find(UsageEvent, { eventKey });
  if (!event) throw new Refusal('NOT_FOUND', `There is no event ${JSON.stringify(input.id)} of ${JSON.stringify(input.source)}.`, 'input.id');
  await work.lock(Contract, event.contractId); // no billing run counts it meanwhile
  const values = { cancelledAtMs: work.nowMs, cancelledReason: reason };
  const text = 'UPDATE usage_event SET cancelled_at_ms = ?, cancelled_reason = ? WHERE tenant_id = ? AND event_key = ? AND cancelled_at_ms IS NULL';
  if ((await work.sql.change(text, [...Object.values(values), work.tenantId, eventKey])) === 0) return event;
  const periods = await work.find(UsagePeriod, { contractId: event.contractId, meterId: event.meterId });
  await recountUsage(work, periods.filter(({ from, until }) => from <= event.onDay && event.onDay < until));
  return Object.assign(event, values);
}
