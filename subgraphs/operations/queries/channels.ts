import { Channel } from '../../../entities/operations/Channel';
import { selectRows } from '../../../entities/rows';
import { BACKENDS } from '../../../sync/documents';
import { below, partsOfChannel } from '../../../sync/lanes';
import type { RequestContext } from '../../context';
import { ChannelStatus } from '../api';

/** Every channel the tenant has ever posted through, with its circuit breaker; by backend, then legal entity. */
export async function channels(context: RequestContext): Promise<ChannelStatus[]> {
  const { tenantId } = context.principal;
  const ranges = BACKENDS.map(() => '(channel >= ? AND channel < ?)').join(' OR ');
  const rows = await context.reads.query<{ channel: string }>(
    `SELECT DISTINCT channel FROM lane WHERE ${ranges} ORDER BY channel`,
    BACKENDS.flatMap((backend) => below(`${backend}/${tenantId}`)),
  );
  const troubled = new Map((await selectRows(context.reads, Channel, { where: { tenantId } })).map((channel) => [channel.name, channel]));
  return rows.map(({ channel: name }) => statusOf(name, troubled.get(name)));
}

const instant = (atMs: number | null | undefined) => (atMs === null || atMs === undefined ? null : new Date(atMs));

function statusOf(name: string, channel: Channel | undefined): ChannelStatus {
  const { backend, legalEntityCode } = partsOfChannel(name);
  const isOpen = (channel?.openUntilMs ?? null) !== null;
  return Object.assign(new ChannelStatus(), {
    backend,
    legalEntityCode,
    breaker: isOpen ? 'OPEN' : 'CLOSED',
    failures: channel?.failures ?? 0,
    silentSince: instant(channel?.sinceMs),
    nextTryAt: instant(channel?.openUntilMs),
    errorCode: channel?.errorCode ?? null,
    errorMessage: channel?.errorMessage ?? null,
  });
}
