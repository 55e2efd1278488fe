import { customerMerged } from '../../customers/events';
import { reaction } from '../../domain';
import { regroupBilling } from '../commands/regroupBilling';

/** What a merged customer has is billed to the one that stands for it. */
export const onCustomerMerged = reaction(customerMerged, (work, { resource }) => regroupBilling(work, resource.id));
