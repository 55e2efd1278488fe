/** The customer master refers to no other domain: the others refer to it. */
export const NEIGHBOURS: Function[] = [];
