import { Spine0000000000001 } from './0001_spine';
import { Channels0000000000002 } from './0002_channels';

/** In order, contiguous, never edited once released. */
export const MIGRATIONS = [Spine0000000000001, Channels0000000000002];
