import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Principal, ROLES } from './context';

/** Request headers between gateway and remote subgraphs, lower case. */
export const INTERNAL_KEY_HEADER = 'x-evenkeel-key';
export const PRINCIPAL_HEADER = 'x-evenkeel-principal';

/** How long a signed header may travel. */
export const PRINCIPAL_HEADER_TTL_MS = 60_000;
const HEADER_CHARACTERS_MAX = 4_096;

export interface SignedPrincipal {
  principal: Principal;
  correlationId: string;
}

interface Payload extends SignedPrincipal {
  expiresAtMs: number;
}

/** The header's value: payload and HMAC-SHA256, both base64url, with a dot between. */
export function signPrincipal({ principal, correlationId }: SignedPrincipal, key: string, nowMs: number): string {
  const { tenantId, client, role } = principal;
  const payload: Payload = { principal: { tenantId, client, role }, correlationId, expiresAtMs: nowMs + PRINCIPAL_HEADER_TTL_MS };
  const body = Buffer.from(JSON.stringify(payload)).toString('base64url');
  return `${body}.${signature(body, key)}`;
}

/** Who asks, or undefined if the header is missing, altered, expired or signed with another key. */
export function verifyPrincipal(header: string | undefined, key: string, nowMs: number): SignedPrincipal | undefined {
  if (header === undefined || header.length > HEADER_CHARACTERS_MAX) return undefined;
  const [body, signed, ...rest] = header.split('.');
  if (!body || !signed || rest.length > 0 || !sameSecret(signed, signature(body, key))) return undefined;
  const payload = readPayload(body);
  if (!payload || !(payload.expiresAtMs > nowMs)) return undefined;
  return { principal: payload.principal, correlationId: payload.correlationId };
}

/** Compares secrets in time that depends on neither's content nor length. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function signature(body: string, key: string): string {
  return createHmac('sha256', key).update(body).digest('base64url');
}

function readPayload(body: string): Payload | undefined {
  try {
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Payload;
    const { tenantId, client, role } = payload.principal;
    const isWhole = typeof tenantId === 'string' && typeof client === 'string' && ROLES.includes(role) && typeof payload.correlationId === 'string';
    return isWhole ? payload : undefined;
  } catch {
    return undefined;
  }
}
