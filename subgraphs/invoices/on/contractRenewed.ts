import { contractRenewed } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** A renewed contract is looked at by the next billing run. */
export const onContractRenewed = reaction(contractRenewed, (work, { resource }) => dueToday(work, resource.id));
