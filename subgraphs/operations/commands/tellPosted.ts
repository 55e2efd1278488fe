import type { Posted } from '../../../connectors/connector';
import type { Posting } from '../../../entities/operations/Posting';
import type { PostingDocument } from '../../../sync/documents';
import type { Work } from '../../work';
import { postingPosted, postingReposted } from '../events';
import { postingFacts } from '../rules';

/**
 * Tells that the backend has a document, before its row says so: for the first time, which other domains wait for, or once more in a replay,
 * which changes nothing for them.
 */
export function tellPosted(work: Work, posting: Posting, answer: Posted): void {
  const { reference, found = false } = answer;
  const { replayId } = posting;
  const facts = { ...postingFacts(posting), backendReference: reference };
  if (replayId === null) work.tell(postingPosted(posting, { ...facts, given: givenBy(posting.document, answer) }));
  else work.tell(postingReposted(posting, { ...facts, replayId, found, referenceBefore: posting.backendReference }));
}

/** What a backend gave a document of which it is the authority; null where it is for nothing. */
function givenBy({ backend, body }: PostingDocument, { number, taxes }: Posted): { number: string | null; taxes: Record<string, string> | null } | null {
  const authority = 'authority' in body ? body.authority : undefined;
  if (authority?.backend !== backend) return null;
  return { number: authority.gives.includes('NUMBER') ? (number ?? null) : null, taxes: authority.gives.includes('TAX') ? (taxes ?? null) : null };
}
