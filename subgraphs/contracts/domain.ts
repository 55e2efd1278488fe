import { Contract } from '../../entities/contracts/Contract';
import { Subscription } from '../../entities/contracts/Subscription';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { amendContract } from './commands/amendContract';
import { cancelContract } from './commands/cancelContract';
import { createContract } from './commands/createContract';
import { renewContract } from './commands/renewContract';
import {
  contractAmended, contractCancelled, contractCreated, contractRenewed, entitlementEnded, entitlementGranted, entitlementHeld,
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
    Subscription: ({ id }, context) => byId(Subscription, context, id),
    Customer: ({ id }) => ({ id }),
  },
  commands: [createContract, amendContract, renewContract, cancelContract],
  events: [contractCreated, contractAmended, contractRenewed, contractCancelled, entitlementHeld, entitlementGranted, entitlementEnded],
  reactions: [onPostingPosted],
};
