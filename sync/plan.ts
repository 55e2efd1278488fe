import { resourceId } from '../entities/ids';
import { Posting, PostingState } from '../entities/operations/Posting';
import { PostingDependency } from '../entities/operations/PostingDependency';
import { insertRows, type Sql } from '../entities/rows';
import type { Backend, DocumentBodies, DocumentKind, PostingDocument } from './documents';
import { channelOf, type LaneDemand, laneIdOf, placeIn, reservePlaces } from './lanes';

/** Which backends take which kind of document. */
export const ROUTES: Record<DocumentKind, readonly Backend[]> = {
  customer: ['billing', 'erp', 'crm'],
  contractCheck: ['erp'],
  contract: ['billing', 'crm'],
  entitlement: ['saas'],
  invoice: ['billing', 'erp'],
  creditMemo: ['billing', 'erp'],
  invoiceVoid: ['billing', 'erp'],
  payment: ['billing', 'erp'],
  application: ['billing', 'erp'],
  unapplication: ['billing', 'erp'],
  revenueJournal: ['erp'],
  usage: ['billing'],
};

/** A document that must be in the books first: in the same backend, unless others are named. */
export interface Prerequisite {
  kind: DocumentKind;
  externalId: string;
  version: number;
  backends?: readonly Backend[];
  /** Only what goes to these waits for it. */
  waiting?: readonly Backend[];
}

/** One document to post, decided by a command. */
export interface PostingPlan<Kind extends DocumentKind = DocumentKind> {
  kind: Kind;
  externalId: string;
  version: number;
  resourceId: string;
  relatedId?: string;
  /** Whose lane it queues in; documents of one lane keep their order. */
  laneOf: string;
  legalEntity: { code: string; currency: string } | null;
  body: DocumentBodies[Kind];
  after: Prerequisite[];
  /** The document that this one takes back; it waits for it. Where a backend never got that, it gets neither. */
  undoes?: Prerequisite;
}

export interface PlanOccasion {
  tenantId: string;
  idNamespace: string;
  correlationId: string;
  nowMs: number;
}

/** The id of the posting of one document version to one backend. */
export function postingId(occasion: Pick<PlanOccasion, 'tenantId' | 'idNamespace'>, backend: Backend, document: Pick<Prerequisite, 'kind' | 'externalId' | 'version'>): string {
  const { kind, externalId, version } = document;
  return resourceId(occasion.idNamespace, 'pst', { tenant: occasion.tenantId, system: backend, type: kind, key: externalId, revision: version });
}

/** Turns the plans of one act into posting rows at the end of their lanes. */
export async function enqueue(sql: Sql, plans: PostingPlan[], occasion: PlanOccasion): Promise<void> {
  if (plans.length === 0) return;
  const postings = plans.flatMap((plan) => ROUTES[plan.kind].map((backend) => postingOf(plan, backend, occasion)));
  const { tenantId, nowMs } = occasion;
  const demands = new Map<string, LaneDemand>();
  for (const { lane: id, backend, document } of postings) {
    const channel = channelOf(tenantId, { backend, legalEntityCode: document.legalEntity?.code ?? null });
    demands.set(id, { id, backend, channel, count: (demands.get(id)?.count ?? 0) + 1 });
  }
  await reservePlaces(sql, { tenantId, demands: [...demands.values()] }, nowMs);
  const left = new Map([...demands.values()].map(({ id, count }) => [id, count]));
  const placed = postings.map((posting) => {
    const id = posting.lane;
    const fromEnd = left.get(id)!;
    left.set(id, fromEnd - 1);
    return Object.assign(posting, { sequence: placeIn({ tenantId, id }, fromEnd) });
  });
  await insertRows(sql, Posting, placed);
  await insertRows(sql, PostingDependency, plans.flatMap((plan) => dependenciesOf(plan, occasion)));
}

function postingOf(plan: PostingPlan, backend: Backend, occasion: PlanOccasion): Posting {
  const { kind, externalId, version, legalEntity, body } = plan;
  const { tenantId, correlationId } = occasion;
  const document: PostingDocument = { tenantId, backend, kind, externalId, version, correlationId, legalEntity, body };
  return Object.assign(new Posting(), {
    tenantId,
    id: postingId(occasion, backend, plan),
    lane: laneIdOf(plan.laneOf, { backend, legalEntityCode: legalEntity?.code ?? null }),
    sequence: 0,
    backend,
    kind,
    resourceId: plan.resourceId,
    relatedId: plan.relatedId ?? null,
    state: PostingState.PENDING,
    document,
    correlationId,
    undoes: plan.undoes ? postingId(occasion, backend, plan.undoes) : null,
    supersededBy: null,
    supersededReason: null,
    attempts: 0,
    backendReference: null,
    errorCode: null,
    errorMessage: null,
    replayId: null,
    createdAtMs: occasion.nowMs,
    settledAtMs: null,
  } satisfies Omit<Posting, 'createdAt' | 'postedAt' | 'version'>);
}

function dependenciesOf(plan: PostingPlan, occasion: PlanOccasion): PostingDependency[] {
  const after = plan.undoes ? [...plan.after, plan.undoes] : plan.after;
  return ROUTES[plan.kind].flatMap((backend) => {
    const waiting = { tenantId: occasion.tenantId, postingId: postingId(occasion, backend, plan) };
    return after.filter((needed) => needed.waiting?.includes(backend) ?? true).flatMap((needed) =>
      (needed.backends ?? [backend]).map((where) => Object.assign(new PostingDependency(), { ...waiting, dependsOn: postingId(occasion, where, needed) })),
    );
  });
}
