import { Channel } from '../entities/operations/Channel';
import { selectRows, type Sql } from '../entities/rows';
import type { Backend } from './documents';
import { below, partsOfChannel } from './lanes';

/** Channels that a runner looks at in one go; those due the longest come first. */
export const CHANNELS_PER_CLAIM_MAX = 32;

/** A channel with a lane that is due, or will be. */
export interface DueChannel {
  name: string;
  tenantId: string;
  /** When its first lane is due. */
  dueMs: number;
}

/** The channels of a backend by the lane that is due first, in one jump of the index each, however many lanes they have. */
export async function channelsOf(sql: Sql, backend: Backend): Promise<DueChannel[]> {
  const rows = await sql.query<{ name: string; due: unknown }>(
    'SELECT channel AS name, MIN(due_at_ms) AS due FROM lane WHERE channel >= ? AND channel < ? GROUP BY channel',
    below(backend),
  );
  const channels = rows.map(({ name, due }) => ({ name, tenantId: partsOfChannel(name).tenantId, dueMs: Number(due) }));
  return channels.sort((a, b) => a.dueMs - b.dueMs);
}

/** What a circuit breaker allows of a channel. */
export interface Admission {
  /** The breaker was open: one lane tries whether the backend answers again. */
  probe: boolean;
  /** The channel is, or was, in trouble: an answer closes it. */
  troubled: boolean;
}

/**
 * Asks the breakers of channels. One that is open admits nothing until its time, then one probe of one process: whoever gets it
 * moves the time on by `probeMs`.
 */
export async function admit(sql: Sql, channels: readonly DueChannel[], { nowMs, probeMs }: { nowMs: number; probeMs: number }): Promise<Map<string, Admission>> {
  const tenants = [...new Set(channels.map(({ tenantId }) => tenantId))];
  const known = await selectRows(sql, Channel, { where: { tenantId: tenants, name: channels.map(({ name }) => name) } });
  const admissions = new Map<string, Admission>(channels.map(({ name }) => [name, { probe: false, troubled: false }]));
  for (const { tenantId, name, openUntilMs, failures } of known) {
    if (openUntilMs === null) {
      admissions.set(name, { probe: false, troubled: failures > 0 });
      continue;
    }
    const text = 'UPDATE channel SET open_until_ms = ? WHERE tenant_id = ? AND name = ? AND open_until_ms = ?';
    const isProbe = openUntilMs <= nowMs && (await sql.change(text, [nowMs + probeMs, tenantId, name, openUntilMs])) === 1;
    if (isProbe) admissions.set(name, { probe: true, troubled: true });
    else admissions.delete(name);
  }
  return admissions;
}

/** Ends the pause of a channel: a probe may go at once. */
export async function endPause(sql: Sql, { tenantId, lane }: { tenantId: string; lane: string }, nowMs: number): Promise<void> {
  const text = 'UPDATE channel SET open_until_ms = ? WHERE tenant_id = ? AND open_until_ms > ? AND name = (SELECT channel FROM lane WHERE tenant_id = ? AND id = ?)';
  await sql.query(text, [nowMs, tenantId, nowMs, tenantId, lane]);
}
