import { Lane } from '../../../entities/operations/Lane';
import { Posting, PostingState, SupersededReason } from '../../../entities/operations/Posting';
import { PostingDependency } from '../../../entities/operations/PostingDependency';
import { selectRows, updateRow } from '../../../entities/rows';
import { UNSETTLED } from '../../../sync/pages';
import { UPSERT_KINDS } from '../../../sync/documents';
import { postingId, ROUTES } from '../../../sync/plan';
import { move } from '../../move';
import type { Work } from '../../work';
import { postingSuperseded } from '../events';
import { isStanding, neverBooked, postingFacts } from '../rules';
import { POSTING_MOVES } from '../states';
import { closeCauses } from './closeCauses';
import { wakeDependents } from './wakeDependents';

/**
 * An act takes documents back: at each backend that surely never got one, neither it nor its reversal goes out. Where it is in the
 * books, on its way or uncertain, both go, one after the other.
 */
export async function supersedePostings(work: Work): Promise<void> {
  const occasion = { tenantId: work.tenantId, idNamespace: work.occasion.idNamespace };
  for (const plan of work.plans) {
    if (!plan.undoes) continue;
    for (const backend of ROUTES[plan.kind]) {
      const reversal = await byId(work, postingId(occasion, backend, plan));
      const reason = await whyNever(work, reversal!.undoes!);
      if (reason && reversal!.state === PostingState.PENDING) await takeBack(work, reversal!, reason);
    }
  }
}

/** A backend refused what was taken back meanwhile: there is nothing left to mend. */
export function supersedeRejected(work: Work, rejected: Posting, reversal: Posting): Promise<void> {
  return takeBack(work, reversal, { posting: rejected, reason: SupersededReason.REJECTED });
}

/**
 * A later version is in the books: earlier ones of the same thing that did not make it are no longer wanted. Nor is what waited for
 * them: the contract that the ERP was asked about, or an entitlement of a contract that nobody confirmed. Later ones follow.
 */
export async function supersedeEarlier(work: Work, posted: Posting): Promise<void> {
  const { tenantId, resourceId, backend, kind, document } = posted;
  const where = { tenantId, resourceId, state: [...UNSETTLED, PostingState.REJECTED] };
  const open = (await selectRows(work.sql, Posting, { where, lock: true })).filter((other) => other.document.version < document.version);
  const overtaken = open.filter((earlier) => earlier.backend === backend && earlier.kind === kind);
  for (const earlier of await withWaiting(work, overtaken, open)) {
    await supersede(work, earlier, { by: posted, reason: SupersededReason.LATER_VERSION });
  }
}

/** Postings with those of `among` that wait for them, and that wait for these in turn. */
async function withWaiting(work: Work, first: readonly Posting[], among: readonly Posting[]): Promise<Posting[]> {
  const found = new Map(first.map((posting) => [posting.id, posting]));
  for (let last = [...found.keys()]; last.length > 0; ) {
    const dependencies = await selectRows(work.sql, PostingDependency, { where: { tenantId: work.tenantId, dependsOn: last } });
    const waiting = new Set(dependencies.map((dependency) => dependency.postingId));
    const next = among.filter(({ id }) => waiting.has(id) && !found.has(id));
    for (const posting of next) found.set(posting.id, posting);
    last = next.map(({ id }) => id);
  }
  return [...found.values()];
}

interface Never {
  posting: Posting;
  reason: SupersededReason;
}

/** The posting, locked after its lane, if it surely never was in the books. */
async function whyNever(work: Work, id: string): Promise<Never | undefined> {
  const { tenantId } = work;
  const seen = await byId(work, id);
  if (!seen) return undefined;
  const [lane] = await selectRows(work.sql, Lane, { where: { tenantId, id: seen.lane }, lock: true });
  const [posting] = await selectRows(work.sql, Posting, { where: { tenantId, id }, lock: true });
  const reason = neverBooked(posting!, lane!.owner);
  return reason && { posting: posting!, reason };
}

/**
 * Takes a posting that never was in the books out of the queue, and its reversal with it, unless that also brings back an earlier
 * version which the backend lacks. What waited for the posting and is taken back too never went out either.
 */
async function takeBack(work: Work, reversal: Posting, { posting, reason }: Never): Promise<void> {
  const waiting = (await waitingFor(work, posting.id)).filter(({ id }) => id !== reversal.id);
  await supersede(work, posting, { by: reversal, reason });
  if (await leavesNothing(work, posting)) await supersede(work, reversal, { by: posting, reason: SupersededReason.NOTHING_TO_UNDO });
  for (const follower of waiting) {
    const its = await reversalOf(work, follower.id);
    if (its) await takeBack(work, its, { posting: follower, reason: SupersededReason.NEVER_SENT });
  }
}

/** Whether the backend is as it should be without this posting: it has the version before, or the document stands for itself. */
async function leavesNothing(work: Work, { backend, kind, document }: Posting): Promise<boolean> {
  if (!UPSERT_KINDS.has(kind)) return true;
  const occasion = { tenantId: work.tenantId, idNamespace: work.occasion.idNamespace };
  return isStanding(await byId(work, postingId(occasion, backend, { kind, externalId: document.externalId, version: document.version - 1 })));
}

async function supersede(work: Work, posting: Posting, { by, reason }: { by: Posting; reason: SupersededReason }): Promise<void> {
  posting.state = move(POSTING_MOVES, posting.state, 'supersede');
  Object.assign(posting, { supersededBy: by.id, supersededReason: reason, settledAtMs: work.nowMs });
  await updateRow(work.sql, posting);
  work.tell(postingSuperseded(posting, { ...postingFacts(posting), supersededBy: by.id, reason }));
  await closeCauses(work, posting.id, RESOLUTIONS[reason](by));
  await wakeDependents(work, [posting]);
}

const RESOLUTIONS: Record<SupersededReason, (by: Posting) => string> = {
  [SupersededReason.NEVER_SENT]: (by) => `Taken back by the ${by.kind} before it was sent`,
  [SupersededReason.REJECTED]: (by) => `Taken back by the ${by.kind}`,
  [SupersededReason.LATER_VERSION]: (by) => `Version ${by.document.version} was posted instead`,
  [SupersededReason.NOTHING_TO_UNDO]: () => 'The backend never had what it takes back',
};

async function byId(work: Work, id: string): Promise<Posting | undefined> {
  const [posting] = await selectRows(work.sql, Posting, { where: { tenantId: work.tenantId, id } });
  return posting;
}

/** What waits to take back a posting that is not in the books: it was not sent either, whatever a takeover of its lane made it doubt. */
export async function reversalOf(work: Work, id: string): Promise<Posting | undefined> {
  const { tenantId } = work;
  const text = `SELECT p.id FROM posting_dependency d JOIN posting p ON p.tenant_id = d.tenant_id AND p.id = d.posting_id
     WHERE d.tenant_id = ? AND d.depends_on = ? AND p.undoes = d.depends_on`;
  const ids = (await work.sql.query<{ id: string }>(text, [tenantId, id])).map((row) => row.id);
  const [reversal] = ids.length === 0 ? [] : await selectRows(work.sql, Posting, { where: { tenantId, id: ids, state: UNSETTLED }, lock: true });
  return reversal;
}

/** What waits for a posting, and so was not sent. */
async function waitingFor(work: Work, id: string): Promise<Posting[]> {
  const { tenantId } = work;
  const dependencies = await selectRows(work.sql, PostingDependency, { where: { tenantId, dependsOn: id } });
  const ids = dependencies.map(({ postingId: waiting }) => waiting);
  return ids.length === 0 ? [] : selectRows(work.sql, Posting, { where: { tenantId, id: ids, state: UNSETTLED }, lock: true });
}
