import { contractAdvanced } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** A contract of which something took effect is looked at by the next billing run. */
export const onContractAdvanced = reaction(contractAdvanced, (work, { resource }) => dueToday(work, resource.id));
