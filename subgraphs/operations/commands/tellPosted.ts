import type { Posted } from '../../../connectors/connector';
import type { Posting } from '../../../entities/operations/Posting';
import type { Work } from '../../work';
import { postingPosted, postingReposted } from '../events';
import { postingFacts } from '../rules';

/**
 * Tells that the backend has a document, before its row says so: for the first time, which other domains wait for, or once more in a replay,
 * which changes nothing for them.
 */
export function tellPosted(work: Work, posting: Posting, { reference, found = false }: Posted): void {
  const { replayId } = posting;
  const facts = { ...postingFacts(posting), backendReference: reference };
  if (replayId === null) work.tell(postingPosted(posting, facts));
  else work.tell(postingReposted(posting, { ...facts, replayId, found, referenceBefore: posting.backendReference }));
}
