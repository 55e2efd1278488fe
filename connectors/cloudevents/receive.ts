import { Refusal } from '../../entities/refusal';
import { type Actor, perform } from '../../subgraphs/act';
import { recordUsage } from '../../subgraphs/invoices/commands/recordUsage';
import { type CloudEventsRequest, readCloudEvents } from './read';

/** What the sender is answered. */
export interface Received {
  status: number;
  body: unknown;
}

/**
 * Takes in CloudEvents as usage. 200: all of them are stored, now or before. 207: some of a batch are not, and `failed` says why. 409 or 422: a single one is in conflict or
 * refused, or the request is no CloudEvents. What is answered with 4xx does not become right by sending it again.
 */
export async function receiveCloudEvents(actor: Actor, request: CloudEventsRequest): Promise<Received> {
  try {
    const { accepted, events, failed } = await perform(actor, recordUsage, { events: readCloudEvents(request) });
    const told = failed.map(({ source, id, refusal }) => ({ source, id, code: refusal!.code, message: refusal!.message, path: refusal!.path }));
    const [only] = events.length === 1 ? failed : [];
    const status = only ? (only.verdict === 'CONFLICT' ? 409 : 422) : failed.length > 0 ? 207 : 200;
    return { status, body: { accepted, duplicates: events.length - accepted - failed.length, failed: told } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, path } = error;
    return { status: code === 'CLOUDEVENT_MODE_UNKNOWN' ? 415 : 422, body: { accepted: 0, duplicates: 0, failed: [{ code, message, path }] } };
  }
}
