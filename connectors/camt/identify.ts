import { XmlDecoder } from './decode';
import type { CamtFormat, CamtIdentity } from './types';

const NAMESPACE = /(?:^|[:.$/])(camt\.05[234])\.(001\.(?:0[1-9]|1[0-4]))$/;

/** Which camt message a namespace names, by its last part: `urn:iso:std:iso:20022:tech:xsd:camt.053.001.08`. */
export function identifyNamespace(namespace: string): CamtIdentity | undefined {
  const match = NAMESPACE.exec(namespace.trim());
  return match ? { format: match[1] as CamtFormat, version: match[2]! } : undefined;
}

/** Recognises camt by content from the first bytes of a file (a few thousand suffice), whatever its encoding or name. */
export function identify(head: Buffer): CamtIdentity | undefined {
  const decoder = new XmlDecoder();
  const text = decoder.push(head) || decoder.end();
  if (!/^\s*</.test(text)) return undefined;
  const tag = /<(?:([\w.-]+):)?Document\b([^>]*)/.exec(text);
  if (!tag) return undefined;
  const name = tag[1] === undefined ? 'xmlns' : `xmlns:${tag[1]}`;
  const attribute = [...tag[2]!.matchAll(/\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].find((one) => one[1] === name);
  return attribute && identifyNamespace(attribute[2] ?? attribute[3] ?? '');
}
