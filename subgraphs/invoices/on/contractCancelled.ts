import { contractCancelled } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** A cancelled contract is looked at by the next billing run. */
export const onContractCancelled = reaction(contractCancelled, (work, { resource }) => dueToday(work, resource.id));
