import type { Posting } from '../../../entities/operations/Posting';
import { updateRow } from '../../../entities/rows';
import { effectiveDateOf } from '../../../sync/documents';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { ProposePostingDateInput } from '../api';
import { postingDateProposed } from '../events';
import { checkPostingDate, postingFacts } from '../rules';
import { heldPosting } from './heldPosting';
import { periodCause } from './periodCause';
import { raiseException } from './raiseException';

/** Proposes another accounting date for a posting whose period is closed. It counts once a second person approves it; a later proposal replaces it. */
export async function proposePostingDate(work: Work, input: ProposePostingDateInput): Promise<Posting> {
  const { posting, hold } = await heldPosting(work, input);
  const to = checkPostingDate(input.postingDate, hold);
  const [by, reason] = [work.occasion.principal.client, readText(input.reason, 'input.reason')];
  Object.assign(hold, { proposedDate: to, proposedBy: by, proposedAtMs: work.nowMs, reason });
  await updateRow(work.sql, hold);
  work.tell(postingDateProposed(posting, { ...postingFacts(posting), from: hold.refusedDate, to, effectiveDate: effectiveDateOf(posting.document)!, by, reason }));
  await raiseException(work, periodCause(posting, hold));
  return posting;
}
