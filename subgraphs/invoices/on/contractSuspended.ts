import { contractSuspended } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** A suspended contract is looked at by the next billing run. */
export const onContractSuspended = reaction(contractSuspended, (work, { resource }) => dueToday(work, resource.id));
