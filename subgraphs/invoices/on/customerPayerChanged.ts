import { customerPayerChanged } from '../../customers/events';
import { reaction } from '../../domain';
import { regroupBilling } from '../commands/regroupBilling';

/** A customer is billed to another payer, or together with others. */
export const onCustomerPayerChanged = reaction(customerPayerChanged, (work, { resource }) => regroupBilling(work, resource.id));
