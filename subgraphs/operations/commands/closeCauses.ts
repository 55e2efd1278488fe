import { ExceptionItem, ExceptionKind, ExceptionState } from '../../../entities/operations/ExceptionItem';
import type { Work } from '../../work';
import { closeException } from './raiseException';

/** What stood in the way of a posting. */
const REFUSALS = [ExceptionKind.POSTING_REJECTED, ExceptionKind.COMPENSATION_FAILED, ExceptionKind.PERIOD_CLOSED];

/** A posting is done with, in the books or overtaken: exceptions that it was refused are resolved, and nothing holds it any more. */
export async function closeCauses(work: Work, postingId: string, resolution: string): Promise<void> {
  // of every state: one that this act has raised again is not yet open in its row
  for (const { id, state } of await work.find(ExceptionItem, { subjectId: postingId, kind: REFUSALS })) {
    if (state !== ExceptionState.OPEN) continue;
    const item = await work.lock(ExceptionItem, id);
    if (item.state === ExceptionState.OPEN) closeException(work, item, resolution);
  }
  await work.sql.query('DELETE FROM period_hold WHERE tenant_id = ? AND posting_id = ?', [work.tenantId, postingId]);
}
