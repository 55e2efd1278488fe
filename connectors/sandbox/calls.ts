import { Refusal } from '../../entities/refusal';
import { PeriodClosed } from './settings';

export interface Call {
  method: string;
  /** Path parts without the empty first one. */
  path: string[];
  query: URLSearchParams;
  tenantId: string | null;
  body: string;
}

export interface Reply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** Sent in place of the body. */
  text?: string;
}

/** CUT destroys the connection, SILENCE leaves the caller waiting. */
export type Outcome = Reply | 'CUT' | 'SILENCE';

const STATUS_OF: Record<string, number> = {
  EXTERNAL_ID_CONFLICT: 409, BODY_TOO_LARGE: 413, BODY_MALFORMED: 400, TENANT_MISSING: 400, FAULT_MALFORMED: 400,
  SETTING_MALFORMED: 400, CURSOR_MALFORMED: 400, KIND_MISSING: 400, BATCH_MALFORMED: 400, JOBS_MALFORMED: 400, NOT_FOUND: 404,
};

export function refusalReply(error: unknown): Reply {
  if (!(error instanceof Refusal)) throw error;
  const { code, message, path } = error;
  const more = error instanceof PeriodClosed ? { openFrom: error.openFrom } : {};
  return { status: STATUS_OF[code] ?? 422, body: { code, message, path, ...more } };
}

export function tenantOf(call: Call): string {
  const tenantId = call.tenantId ?? call.query.get('tenant');
  if (!tenantId) throw new Refusal('TENANT_MISSING', 'Name the tenant in x-tenant, or in ?tenant= of an audit.', 'x-tenant');
  return tenantId;
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('BODY_MALFORMED', 'The body is not JSON.', 'body');
  }
}
