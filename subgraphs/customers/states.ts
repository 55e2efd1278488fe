/** Master data has no states: a customer, legal entity or product is what its latest version says. */
export const MASTER_DATA_MOVES = {} as const;
