import { Refusal } from '../../entities/refusal';
import type { UsageInput } from '../../subgraphs/invoices/commands/readUsage';

/** A request that brings CloudEvents 1.0 by the HTTP protocol binding: headers with lower-case names, and the body. */
export interface CloudEventsRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

const ATTRIBUTES = ['id', 'source', 'type', 'subject', 'time'] as const;

/**
 * The events of a request in any of the three modes: structured, batched, or binary with its attributes in `ce-` headers. An attribute that is missing is empty, for the event
 * to be refused by itself. Refuses CLOUDEVENT_MODE_UNKNOWN, CLOUDEVENT_MALFORMED for what is no event at all.
 */
export function readCloudEvents({ headers, body }: CloudEventsRequest): UsageInput[] {
  const type = String(headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (type === 'application/cloudevents-batch+json') {
    const events = parse(body);
    if (!Array.isArray(events)) throw new Refusal('CLOUDEVENT_MALFORMED', 'A batch is a JSON array of events.');
    return events.map(structured);
  }
  if (type === 'application/cloudevents+json') return [structured(parse(body))];
  if (headers['ce-specversion'] !== undefined && type === 'application/json') return [binary(headers, parse(body))];
  throw new Refusal('CLOUDEVENT_MODE_UNKNOWN', 'Send application/cloudevents+json, application/cloudevents-batch+json, or application/json with ce- headers.');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new Refusal('CLOUDEVENT_MALFORMED', 'The body is not JSON.');
  }
}

function structured(event: unknown): UsageInput {
  const fields = (typeof event === 'object' && event !== null && !Array.isArray(event) ? event : {}) as Record<string, unknown>;
  checkVersion(fields['specversion']);
  return usageOf((name) => fields[name], fields['data']);
}

/** Header values are percent-encoded (HTTP binding 3.1.3.2). */
function binary(headers: CloudEventsRequest['headers'], data: unknown): UsageInput {
  checkVersion(headers['ce-specversion']);
  const decoded = (value: unknown) => {
    try {
      return decodeURIComponent(String(value ?? '').replace(/^"|"$/g, ''));
    } catch {
      return '';
    }
  };
  return usageOf((name) => decoded(headers[`ce-${name}`]), data);
}

function checkVersion(version: unknown): void {
  if (version !== '1.0') throw new Refusal('CLOUDEVENT_MALFORMED', `An event has the specversion "1.0", not ${JSON.stringify(version ?? null)}.`);
}

function usageOf(attribute: (name: string) => unknown, data: unknown): UsageInput {
  const [id, source, type, subject, time] = ATTRIBUTES.map((name) => (typeof attribute(name) === 'string' ? (attribute(name) as string) : ''));
  return { id: id!, source: source!, type: type!, subject: subject!, time: time!, data: typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {} };
}
