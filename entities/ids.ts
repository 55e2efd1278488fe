import { hash, randomBytes } from 'node:crypto';
import { Refusal } from './refusal';

/** Prefix → GraphQL type of every resource that has a deterministic id. */
export const ID_PREFIXES = {
  cus: 'Customer',
  ent: 'LegalEntity',
  prd: 'Product',
  pac: 'ProductAccounting',
  pbk: 'PriceBook',
  txr: 'TaxRegistration',
  con: 'Contract',
  amd: 'ContractAmendment',
  sub: 'CustomerSubscription',
  inv: 'Invoice',
  crn: 'CreditMemo',
  rvj: 'RevenueJournal',
  per: 'AccountingPeriod',
  mtr: 'Meter',
  usg: 'UsagePeriod',
  pay: 'Payment',
  app: 'PaymentApplication',
  stm: 'BankStatement',
  cas: 'CollectionCase',
  pst: 'Posting',
  exc: 'ExceptionItem',
} as const;
export type IdPrefix = keyof typeof ID_PREFIXES;
export type ResourceType = (typeof ID_PREFIXES)[IdPrefix];

/** RFC 9562's URL namespace. */
const NAMESPACE_URL = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

/** UUIDv5 (RFC 9562 §5.5) of a name in a namespace, lower-case with hyphens. */
export function uuidV5(namespace: string, name: string): string {
  const named = Buffer.from(namespace.replace(/-/g, ''), 'hex');
  const bytes = hash('sha1', Buffer.concat([named, Buffer.from(name.normalize('NFC'))]), 'buffer').subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return hyphenate(bytes.toString('hex'));
}

/**
 * Makes UUIDv7s (RFC 9562 §5.7) for things without a natural key: 48 bits of milliseconds, a 12-bit counter, then random bits. Ids of
 * one sequence sort in the order they were made, also when the clock stands still or goes back.
 */
export function uuidSequence(randomOf: (bytes: number) => Buffer = randomBytes): (atMs: number) => string {
  let lastMs = 0;
  let countInMs = 0;
  return (atMs) => {
    if (atMs > lastMs) [lastMs, countInMs] = [atMs, 0];
    else if (++countInMs > 0xfff) [lastMs, countInMs] = [lastMs + 1, 0];
    const bytes = Buffer.alloc(16);
    bytes.writeUIntBE(lastMs, 0, 6);
    bytes.writeUInt16BE(0x7000 | countInMs, 6);
    randomOf(8).copy(bytes, 8);
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return hyphenate(bytes.toString('hex'));
  };
}

/** The sequence of this process. */
export const uuidV7 = uuidSequence();

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The parts of a natural key: who says so, what kind of thing, under which key, in which revision. */
export interface NaturalKey {
  tenant: string;
  system: string;
  type: string;
  key: string;
  revision?: number;
}

const escaped = (part: string) => part.replace(/[\\|]/g, (char) => `\\${char}`);

/** `tenant|system|type|naturalKey|revision`, escaped; system and type lower case, the key's case kept. */
export function naturalName(natural: NaturalKey): string {
  const { tenant, system, type, key, revision = 1 } = natural;
  return [tenant, system.toLowerCase(), type.toLowerCase(), key, String(revision)].map(escaped).join('|');
}

/** The namespace of a tenant: only who knows it can compute the tenant's ids. `secret` is the tenant's own. */
export function tenantNamespace(tenant: string, secret: string): string {
  return uuidV5(NAMESPACE_URL, `https://evenkeel.example/tenants/${encodeURIComponent(tenant)}/${secret}`);
}

/** The one id of a resource: prefix and 32 hex digits of the UUIDv5 of its natural key. */
export function resourceId(namespace: string, prefix: IdPrefix, natural: NaturalKey): string {
  return `${prefix}_${uuidV5(namespace, naturalName(natural)).replace(/-/g, '')}`;
}

/** Checks an id from outside. Refuses ID_MALFORMED. */
export function parseId(raw: string, prefix: IdPrefix, path = 'id'): string {
  if (!new RegExp(`^${prefix}_[0-9a-f]{32}$`).test(raw)) {
    throw new Refusal('ID_MALFORMED', `${JSON.stringify(raw)} is not the id of a ${ID_PREFIXES[prefix]} (${prefix}_ and 32 hex digits).`, path);
  }
  return raw;
}

/** The GraphQL type an id belongs to, or undefined if it is no id of ours. */
export function typeOfId(raw: string): ResourceType | undefined {
  const match = /^([a-z]{3})_[0-9a-f]{32}$/.exec(raw);
  return match ? (ID_PREFIXES as Record<string, ResourceType>)[match[1]!] : undefined;
}
