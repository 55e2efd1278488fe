import { Channel } from '../../../entities/operations/Channel';
import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { insertRows, selectRows, updateRow } from '../../../entities/rows';
import { afterSignals, type Signals } from '../../../sync/breaker';
import { partsOfChannel, wakeChannel } from '../../../sync/lanes';
import { ACCEPTED } from '../../../sync/replies';
import type { Settlement } from '../../../sync/settlement';
import type { Work } from '../../work';
import { causeGone, raiseException } from './raiseException';
import { errorOf } from './settleRejected';

/** A backend that is silent for so long is a person's business. */
const SILENT_MS = 120_000;

/** Moves the circuit breakers of the channels that these lanes belong to. A channel in order that answers costs nothing. */
export async function settleChannels(work: Work, settlements: readonly Settlement[]): Promise<void> {
  const byChannel = new Map<string, Settlement[]>();
  for (const settlement of settlements) byChannel.set(settlement.lane.channel, [...(byChannel.get(settlement.lane.channel) ?? []), settlement]);
  for (const [name, members] of [...byChannel].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const signals = signalsOf(members);
    const isTrouble = signals.failed > 0 || signals.probeFailed || signals.retryAfterMs > 0;
    if (isTrouble || (signals.answered && members.some(({ lane }) => lane.troubled))) await settleChannel(work, name, { members, signals });
  }
}

function signalsOf(members: readonly Settlement[]): Signals {
  const answers = members.flatMap(({ outcomes }) => outcomes.map(({ answer }) => answer));
  const silent = members.filter(({ retryInMs, outcomes }) => retryInMs !== null && !outcomes.some(({ answer }) => isAccepted(answer)));
  return {
    answered: answers.some((answer) => answer.outcome !== 'UNCERTAIN' || isAccepted(answer)),
    failed: silent.filter(({ lane }) => lane.failures === 0).length,
    probeFailed: silent.some(({ lane }) => lane.probe),
    retryAfterMs: Math.max(0, ...answers.map((answer) => (answer.outcome === 'UNCERTAIN' && !isAccepted(answer) ? (answer.retryAfterMs ?? 0) : 0))),
  };
}

/** A job that runs holds up its lane, and is no trouble of the backend's. */
const isAccepted = (answer: Settlement['outcomes'][number]['answer']) => answer.outcome === 'UNCERTAIN' && answer.code === ACCEPTED;

async function settleChannel(work: Work, name: string, { members, signals }: { members: readonly Settlement[]; signals: Signals }): Promise<void> {
  const { sql, tenantId, nowMs } = work;
  const channel = await lockChannel(work, name);
  const before = { ...channel };
  const doubt = members.flatMap(({ outcomes }) => outcomes).map(({ answer }) => answer).findLast((answer) => answer.outcome === 'UNCERTAIN');
  Object.assign(channel, afterSignals(channel, signals, nowMs), doubt ? errorOf(doubt) : {});
  if (channel.sinceMs === null) Object.assign(channel, { errorCode: null, errorMessage: null });
  await updateRow(sql, channel);
  if (channel.openUntilMs === null && before.openUntilMs !== null) await wakeChannel(sql, { tenantId, channel: name }, nowMs);
  await tellSilence(work, channel);
}

async function lockChannel({ sql, tenantId }: Work, name: string): Promise<Channel> {
  const [known] = await selectRows(sql, Channel, { where: { tenantId, name }, lock: true });
  if (known) return known;
  const fresh = Object.assign(new Channel(), { tenantId, name, failures: 0, openings: 0, openUntilMs: null, sinceMs: null, errorCode: null, errorMessage: null });
  await insertRows(sql, Channel, [fresh]); // another's row of the same instant is a duplicate: the act is tried again
  return fresh;
}

async function tellSilence(work: Work, { name, sinceMs, openUntilMs, errorCode, errorMessage }: Channel): Promise<void> {
  const { backend, legalEntityCode } = partsOfChannel(name);
  const subject = `${backend}/${legalEntityCode ?? '-'}`;
  const cause = { kind: ExceptionKind.BACKEND_SILENT, subjectId: subject };
  if (sinceMs === null) return causeGone(work, cause, `${subject} answers again`);
  if (openUntilMs === null || work.nowMs - sinceMs < SILENT_MS) return;
  await raiseException(work, {
    ...cause,
    customerId: null,
    message: `${backend} has not answered for ${legalEntityCode ?? 'documents of no legal entity'} since ${new Date(sinceMs).toISOString()} (${errorCode}): ${errorMessage}`,
    nextAction: 'Nothing is lost: postings wait and go out when it answers. See to the backend, or to our access to it.',
    atRisk: null,
  });
}
