import { ANSWERS } from './cases/answers';
import { CONTENT } from './cases/content';
import { DELIVERY } from './cases/delivery';
import { REFUSALS } from './cases/refusals';
import type { Case } from './stand';

/** Every connector passes these, in this order, against its fake and where one can run the real system. */
export const CASES: readonly Case[] = [...DELIVERY, ...REFUSALS, ...CONTENT, ...ANSWERS];
