import { ANSWERS } from './cases/answers';
import { BATCHES } from './cases/batches';
import { CONTENT } from './cases/content';
import { DELIVERY } from './cases/delivery';
import { JOBS } from './cases/jobs';
import { REFUSALS } from './cases/refusals';
import type { Case } from './stand';

/** Every connector passes these, in this order, against its fake and where one can run the real system. */
export const CASES: readonly Case[] = [...DELIVERY, ...JOBS, ...BATCHES, ...REFUSALS, ...CONTENT, ...ANSWERS];
