import { ContractState } from '../../entities/contracts/Contract';
import { EntitlementState } from '../../entities/contracts/CustomerSubscription';

const { ACTIVE, CANCELLED } = ContractState;
const { HELD, ENDED } = EntitlementState;

/** What a contract may go through; a cancelled one is final. */
export const CONTRACT_MOVES = {
  [ACTIVE]: { amend: ACTIVE, renew: ACTIVE, withdraw: ACTIVE, cancel: CANCELLED },
  [CANCELLED]: {},
} as const satisfies Record<ContractState, Partial<Record<string, ContractState>>>;

/** What an entitlement may go through: an expansion is held, and granted when the backends have it. */
export const ENTITLEMENT_MOVES = {
  [EntitlementState.ACTIVE]: { expand: HELD, reduce: EntitlementState.ACTIVE, end: ENDED },
  [HELD]: { expand: HELD, reduce: EntitlementState.ACTIVE, grant: EntitlementState.ACTIVE, end: ENDED },
  [ENDED]: { expand: HELD },
} as const satisfies Record<EntitlementState, Partial<Record<string, EntitlementState>>>;
