import { customerUnmerged } from '../../customers/events';
import { reaction } from '../../domain';
import { regroupBilling } from '../commands/regroupBilling';

/** A customer that stands for itself again is billed by itself. */
export const onCustomerUnmerged = reaction(customerUnmerged, (work, { resource }) => regroupBilling(work, resource.id));
