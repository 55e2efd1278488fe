import { CaseState } from '../../entities/collections/CollectionCase';

const { OPEN, REMINDED, FINAL_NOTICE, ESCALATED, CLOSED } = CaseState;

/** The steps of a case, one after the other; it may be closed at any step, and closed is final. */
export const CASE_MOVES = {
  [OPEN]: { advance: REMINDED, close: CLOSED },
  [REMINDED]: { advance: FINAL_NOTICE, close: CLOSED },
  [FINAL_NOTICE]: { advance: ESCALATED, close: CLOSED },
  [ESCALATED]: { close: CLOSED },
  [CLOSED]: {},
} as const satisfies Record<CaseState, Partial<Record<string, CaseState>>>;
