import { contractResumed } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** A resumed contract is looked at by the next billing run. */
export const onContractResumed = reaction(contractResumed, (work, { resource }) => dueToday(work, resource.id));
