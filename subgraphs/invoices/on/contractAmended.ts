import { contractAmended } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** An amended contract is looked at by the next billing run. */
export const onContractAmended = reaction(contractAmended, (work, { resource }) => dueToday(work, resource.id));
