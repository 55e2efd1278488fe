import { Contract } from '../../entities/contracts/Contract';
import { ContractAmendment } from '../../entities/contracts/ContractAmendment';
import { CustomerSubscription } from '../../entities/contracts/CustomerSubscription';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { amendContract } from './commands/amendContract';
import { cancelContract } from './commands/cancelContract';
import { createContract } from './commands/createContract';
import { renewContract } from './commands/renewContract';
import { withdrawAmendment } from './commands/withdrawAmendment';
import {
  amendmentWithdrawn, contractAmended, contractCancelled, contractCreated, contractRenewed, entitlementEnded, entitlementGranted, entitlementHeld,
} from './events';
import { NEIGHBOURS } from './neighbours';
import { onPostingPosted } from './on/postingPosted';
import { ContractResolver, CustomerContractsResolver } from './resolver';

export const contracts: Domain = {
  name: 'contracts',
  resolvers: [ContractResolver, CustomerContractsResolver],
  orphanedTypes: NEIGHBOURS,
  references: {
    Contract: ({ id }, context) => byId(Contract, context, id),
    ContractAmendment: ({ id }, context) => byId(ContractAmendment, context, id),
    CustomerSubscription: ({ id }, context) => byId(CustomerSubscription, context, id),
    Customer: ({ id }) => ({ id }),
  },
  commands: [createContract, amendContract, renewContract, withdrawAmendment, cancelContract],
  events: [
    contractCreated, contractAmended, contractRenewed, amendmentWithdrawn, contractCancelled, entitlementHeld, entitlementGranted, entitlementEnded,
  ],
  reactions: [onPostingPosted],
};
