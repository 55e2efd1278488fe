import { contractCreated } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** A new contract is looked at by the next billing run. */
export const onContractCreated = reaction(contractCreated, (work, { resource }) => dueToday(work, resource.id));
