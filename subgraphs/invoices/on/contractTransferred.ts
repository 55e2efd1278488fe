import { contractTransferred } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** A contract of another legal entity is looked at by the next billing run. */
export const onContractTransferred = reaction(contractTransferred, (work, { resource }) => dueToday(work, resource.id));
