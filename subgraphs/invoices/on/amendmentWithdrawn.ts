import { amendmentWithdrawn } from '../../contracts/events';
import { reaction } from '../../domain';
import { dueToday } from '../commands/dueToday';

/** A contract whose amendment was taken back is looked at by the next billing run. */
export const onAmendmentWithdrawn = reaction(amendmentWithdrawn, (work, { resource }) => dueToday(work, resource.id));
