import type { PeriodHold } from '../../../entities/operations/PeriodHold';
import type { Posting } from '../../../entities/operations/Posting';
import { updateRow } from '../../../entities/rows';
import { effectiveDateOf, postingDateOf } from '../../../sync/documents';
import { move } from '../../move';
import type { Work } from '../../work';
import { postingRedated } from '../events';
import { postingFacts } from '../rules';
import { POSTING_MOVES } from '../states';

/** Another accounting date for a refused posting, and whose word it is. */
export interface Redating {
  to: string;
  by: string;
  reason: string | null;
  approvedBy: string | null;
}

/** Gives a refused posting another accounting date; the document's own stays. It is PENDING again, and both rows are written. */
export async function redatePosting(work: Work, { posting, hold }: { posting: Posting; hold: PeriodHold }, redating: Redating): Promise<void> {
  const { document } = posting;
  const [from, effectiveDate] = [postingDateOf(document)!, effectiveDateOf(document)!];
  posting.state = move(POSTING_MOVES, posting.state, 'redate');
  posting.document = { ...document, postingDate: redating.to };
  hold.redatings += 1;
  Object.assign(hold, { dueAtMs: null, proposedDate: null, proposedBy: null, proposedAtMs: null, reason: null });
  await updateRow(work.sql, posting);
  await updateRow(work.sql, hold);
  work.tell(postingRedated(posting, { ...postingFacts(posting), from, effectiveDate, ...redating }));
}
