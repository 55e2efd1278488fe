import { ContractState } from '../../entities/contracts/Contract';
import { EntitlementState } from '../../entities/contracts/CustomerSubscription';

const { ACTIVE, EXPIRED, CANCELLED } = ContractState;
const { HELD, ENDED } = EntitlementState;

/** What a contract may go through; a cancelled one is final, and one whose term has ended may be renewed late. */
export const CONTRACT_MOVES = {
  [ACTIVE]: {
    amend: ACTIVE, renew: ACTIVE, transfer: ACTIVE, suspend: ACTIVE, resume: ACTIVE, withdraw: ACTIVE, advance: ACTIVE, cancel: CANCELLED, expire: EXPIRED,
  },
  [EXPIRED]: { renew: ACTIVE },
  [CANCELLED]: {},
} as const satisfies Record<ContractState, Partial<Record<string, ContractState>>>;

/** What an entitlement may go through: an expansion is held, and granted when the backends have it. */
export const ENTITLEMENT_MOVES = {
  [EntitlementState.ACTIVE]: { expand: HELD, reduce: EntitlementState.ACTIVE, end: ENDED },
  [HELD]: { expand: HELD, reduce: EntitlementState.ACTIVE, grant: EntitlementState.ACTIVE, end: ENDED },
  [ENDED]: { expand: HELD },
} as const satisfies Record<EntitlementState, Partial<Record<string, EntitlementState>>>;
