import { Contract } from '../../entities/contracts/Contract';
import { ContractAmendment } from '../../entities/contracts/ContractAmendment';
import { CustomerSubscription } from '../../entities/contracts/CustomerSubscription';
import type { Domain } from '../domain';
import { byId } from '../loaders';
import { advanceContract } from './commands/advanceContract';
import { amendContract } from './commands/amendContract';
import { cancelContract } from './commands/cancelContract';
import { createContract } from './commands/createContract';
import { renewContract } from './commands/renewContract';
import { resumeContract } from './commands/resumeContract';
import { suspendContract } from './commands/suspendContract';
import { transferContract } from './commands/transferContract';
import { withdrawAmendment } from './commands/withdrawAmendment';
import {
  amendmentWithdrawn, contractAdvanced, contractAmended, contractCancelled, contractCreated, contractRenewed, contractResumed, contractSuspended, contractTransferred,
  entitlementEnded, entitlementGranted, entitlementHeld,
} from './events';
import { NEIGHBOURS } from './neighbours';
import { onPostingPosted } from './on/postingPosted';
import { ContractPreviewResolver, ContractResolver, CustomerContractsResolver } from './resolver';

export const contracts: Domain = {
  name: 'contracts',
  resolvers: [ContractResolver, ContractPreviewResolver, CustomerContractsResolver],
  orphanedTypes: NEIGHBOURS,
  references: {
    Contract: ({ id }, context) => byId(Contract, context, id),
    ContractAmendment: ({ id }, context) => byId(ContractAmendment, context, id),
    CustomerSubscription: ({ id }, context) => byId(CustomerSubscription, context, id),
    Customer: ({ id }) => ({ id }),
  },
  commands: [createContract, amendContract, renewContract, transferContract, suspendContract, resumeContract, withdrawAmendment, cancelContract, advanceContract],
  events: [
    contractCreated, contractAmended, contractRenewed, contractTransferred, contractSuspended, contractResumed, contractAdvanced, amendmentWithdrawn, contractCancelled,
    entitlementHeld, entitlementGranted, entitlementEnded,
  ],
  reactions: [onPostingPosted],
};
