import { createHash } from 'node:crypto';
import type { AuditEvent } from '../contract/audit-event';

/** `prev_hash` of a workspace's first event. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * JSON as RFC 8785 (JCS) writes it: keys sorted, no white space. Events hold strings, integers, booleans and null
 * only, for which this is all of it. The database's `audit_canonical_json` writes the same bytes.
 *
 * An export and a verification spend most of their time here: hence no copies and no lists of parts.
 *
 * @param without a key to leave out
 * @see docs/audit-chain.md
 */
export function canonicalJson(value: unknown, without?: string): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${canonicalJson(item)}`;
    return `[${text}]`;
  }
  for (const key of sortedKeys(value)) {
    if (key === without) continue;
    const item: unknown = value[key as keyof typeof value];
    text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalJson(item)}`;
  }
  return `{${text}}`;
}

/** Printable ASCII without `"` and `\\`: nearly all there is, and nothing in it to escape. */
const PLAIN = /^[ !#-[\]-~]*$/;
const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

const SURROGATE = /[\ud800-\udfff]/;
const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** JavaScript sorts by UTF-16 code unit, which is another order than that of code points beyond U+FFFF only. */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object).sort();
  return SURROGATE.test(keys.join('')) ? keys.sort(byCodePoint) : keys;
}

/** What an event's `hash` has to be: SHA-256 over the canonical form of all of it but the hash, `prev_hash` included. */
export function hashAuditEvent(event: AuditEvent): string {
  return createHash('sha256').update(canonicalJson(event, 'hash')).digest('hex');
}
