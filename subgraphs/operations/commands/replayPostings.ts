import { parseId } from '../../../entities/ids';
import { type Posting, PostingState } from '../../../entities/operations/Posting';
import { Refusal } from '../../../entities/refusal';
import { anyOf } from '../../../entities/rows';
import { money } from '../../../entities/types';
import { type Backend, BACKENDS, type DocumentKind } from '../../../sync/documents';
import { makeDue } from '../../../sync/lanes';
import { ROUTES } from '../../../sync/plan';
import { readText } from '../../input';
import { move } from '../../move';
import type { Work } from '../../work';
import type { ReplayPostingsInput } from '../api';
import { replayStarted } from '../events';
import { Replay, replayable, type ReplayRange } from '../queries/replayable';
import { moneyByCurrency } from '../rules';
import { POSTING_MOVES } from '../states';

/**
 * Asks one backend again for what it had confirmed, as after a restored backup: each posting of the range is looked up, and posted only if
 * it is absent. A dry run counts them. What reacts to a posting does not react again, and no other backend is called.
 */
export async function replayPostings(work: Work, input: ReplayPostingsInput): Promise<Replay> {
  const { tenantId } = work;
  const { backend, ...range } = readRange(input);
  const reason = readText(input.reason, 'input.reason');
  const dryRun = input.dryRun ?? true;
  const { postings, skipped } = await replayable(work.sql, { tenantId, range: { backend, ...range }, lock: !dryRun });
  const replay = Object.assign(new Replay(), {
    __typename: 'Replay',
    id: dryRun ? null : `rpl_${work.occasion.newId(work.nowMs).replace(/-/g, '')}`,
    dryRun,
    backend,
    postings: postings.length,
    kinds: countKinds(postings),
    money: moneyByCurrency(postings.map(({ document }) => document)).map(({ minor, currency }) => money(minor, currency)),
    skipped,
  });
  if (!dryRun && postings.length > 0) await putBack(work, { replay, postings, reason });
  return replay;
}

async function putBack(work: Work, { replay, postings, reason }: { replay: Replay; postings: readonly Posting[]; reason: string }): Promise<void> {
  const { tenantId } = work;
  const state = move(POSTING_MOVES, PostingState.POSTED, 'replay');
  const any = anyOf(work.sql, postings.map(({ id }) => id));
  const text = `UPDATE posting SET state = ?, replay_id = ?, error_code = NULL, error_message = NULL WHERE tenant_id = ? AND id ${any.text}`;
  await work.sql.query(text, [state, replay.id, tenantId, ...any.params]);
  await makeDue(work.sql, { tenantId, lanes: postings.map(({ lane }) => lane) }, work.nowMs);
  const { backend, kinds } = replay;
  const amounts = replay.money.map(({ amountMinor, currency }) => ({ amountMinor, currency }));
  work.tell(replayStarted(Object.assign(replay, { version: 1 }) as Replay & { id: string; version: number }, { backend, reason, postings: replay.postings, kinds, money: amounts }));
}

function countKinds(postings: readonly Posting[]): Replay['kinds'] {
  const counts = new Map<string, number>();
  for (const { kind } of postings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, postings: count }));
}

/** Refuses BACKEND_UNKNOWN, KIND_UNKNOWN, RANGE_EMPTY, ID_MALFORMED, TEXT_INVALID. */
export function readRange(input: Omit<ReplayPostingsInput, 'dryRun' | 'reason'>): ReplayRange {
  const backend = readBackend(input.backend);
  const createdFromMs = input.createdFrom?.getTime();
  const createdToMs = input.createdTo?.getTime();
  const postedFromMs = input.postedFrom?.getTime();
  const postedToMs = input.postedTo?.getTime();
  mustHold(createdFromMs, createdToMs, 'input.createdTo');
  mustHold(postedFromMs, postedToMs, 'input.postedTo');
  const { legalEntityCode, customerId, kinds } = input;
  return {
    backend, createdFromMs, createdToMs, postedFromMs, postedToMs,
    legalEntityCode: legalEntityCode ? readText(legalEntityCode, 'input.legalEntityCode') : undefined,
    customerId: customerId ? parseId(customerId, 'cus', 'input.customerId') : undefined,
    kinds: kinds ? readKinds(kinds, backend) : undefined,
  };
}

function mustHold(fromMs: number | undefined, toMs: number | undefined, path: string): void {
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) throw new Refusal('RANGE_EMPTY', 'The range ends before it begins.', path);
}

function readBackend(name: string): Backend {
  const backend = BACKENDS.find((known) => known === name);
  if (!backend) throw new Refusal('BACKEND_UNKNOWN', `${JSON.stringify(name)} is none of ${BACKENDS.join(', ')}.`, 'input.backend');
  return backend;
}

function readKinds(names: readonly string[], backend: Backend): DocumentKind[] {
  const known = (Object.keys(ROUTES) as DocumentKind[]).filter((kind) => ROUTES[kind].includes(backend));
  const kinds = known.filter((kind) => names.includes(kind));
  const unknown = names.filter((name) => !kinds.some((kind) => kind === name));
  if (unknown.length === 0 && kinds.length > 0) return kinds;
  throw new Refusal('KIND_UNKNOWN', `${backend} takes ${known.join(', ')}; it takes no ${JSON.stringify(unknown)}.`, 'input.kinds');
}
