import { Spine0000000000001 } from './0001_spine';

/** In order, contiguous, never edited once released. */
export const MIGRATIONS = [Spine0000000000001];
