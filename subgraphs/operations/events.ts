import { z } from 'zod';
import { currency, day, defineEvent, minor } from '../event';

const posting = { backend: z.string(), kind: z.string(), resourceId: z.string(), documentVersion: z.number().int() };
const given = z.object({ number: z.string().nullable(), taxes: z.record(z.string(), z.string()).nullable() }).nullable();
export const postingPosted = defineEvent('posting.posted', { ...posting, backendReference: z.string(), given: given.describe('What the backend gave the document, where it is the authority for it.') });
export const postingRejected = defineEvent('posting.rejected', { ...posting, code: z.string(), message: z.string() });
export const postingRetried = defineEvent('posting.retried', posting);
export const postingSuperseded = defineEvent('posting.superseded', { ...posting, supersededBy: z.string(), reason: z.string() });
/** `effectiveDate` is the document's own; `by` is who proposed the date, or the policy that gave it. */
export const postingRedated = defineEvent('posting.redated', {
  ...posting, from: day, to: day, effectiveDate: day, by: z.string(), reason: z.string().nullable(), approvedBy: z.string().nullable(),
});
export const postingDateProposed = defineEvent('posting.dateProposed', { ...posting, from: day, to: day, effectiveDate: day, by: z.string(), reason: z.string() });
const amount = z.object({ amountMinor: minor, currency });
export const replayStarted = defineEvent('replay.started', {
  backend: z.string(),
  reason: z.string(),
  postings: z.number().int(),
  kinds: z.array(z.object({ kind: z.string(), postings: z.number().int() })),
  money: z.array(amount),
});
export const postingReposted = defineEvent('posting.reposted', {
  ...posting,
  replayId: z.string(),
  found: z.boolean().describe('Whether it was in the books when it was looked up last; else it was posted anew.'),
  backendReference: z.string(),
  referenceBefore: z.string().nullable(),
});
const exception = {
  kind: z.string(),
  subjectId: z.string(),
  owner: z.string().nullable(),
  moneyAtRisk: amount.nullable(),
};
export const exceptionRaised = defineEvent('exception.raised', exception);
export const exceptionAssigned = defineEvent('exception.assigned', exception);
export const exceptionResolved = defineEvent('exception.resolved', { ...exception, resolution: z.string() });
