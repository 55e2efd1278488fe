import type { Posting } from '../../../entities/operations/Posting';
import { Refusal } from '../../../entities/refusal';
import { makeDue } from '../../../sync/lanes';
import type { Work } from '../../work';
import type { ApprovePostingDateInput } from '../api';
import { heldPosting } from './heldPosting';
import { periodCause } from './periodCause';
import { raiseException } from './raiseException';
import { redatePosting } from './redatePosting';

/**
 * Approves the posting date that somebody else has proposed: the posting goes out under it. Refuses NOTHING_PROPOSED, SECOND_PERSON_REQUIRED,
 * and PROPOSAL_CHANGED when another date is proposed by now than the one that is approved.
 */
export async function approvePostingDate(work: Work, input: ApprovePostingDateInput): Promise<Posting> {
  const { posting, hold } = await heldPosting(work, input);
  const { proposedDate: to, proposedBy: by, reason } = hold;
  const approvedBy = work.occasion.principal.client;
  if (to === null || by === null) throw new Refusal('NOTHING_PROPOSED', 'Nobody has proposed a posting date; propose one first.', 'input.postingId');
  if (by === approvedBy) throw new Refusal('SECOND_PERSON_REQUIRED', `${by} has proposed ${to}; another person has to approve it.`, 'input.postingId');
  if (input.postingDate && input.postingDate !== to) {
    throw new Refusal('PROPOSAL_CHANGED', `${to} is proposed by now, not ${input.postingDate}; read it again and decide anew.`, 'input.postingDate');
  }
  const cause = periodCause(posting, hold);
  await redatePosting(work, { posting, hold }, { to, by, reason, approvedBy });
  await raiseException(work, { ...cause, nextAction: `None: ${approvedBy} has approved ${to}, and it is on its way.` });
  await makeDue(work.sql, { tenantId: work.tenantId, lanes: [posting.lane] }, work.nowMs);
  return posting;
}
