import { createHash } from 'node:crypto';
import type { AuditEvent } from '../contract/audit-event';

/** `prev_hash` of a workspace's first event. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * JSON as RFC 8785 (JCS) writes it: keys sorted, no white space. Events hold strings, integers, booleans and null
 * only, for which this is all of it. The database's `audit_canonical_json` writes the same bytes.
 *
 * @see docs/audit-chain.md
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const object: Record<string, unknown> = { ...value };
  const pairs = sortedKeys(object).map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`);
  return `{${pairs.join(',')}}`;
}

const SURROGATE = /[\ud800-\udfff]/;
const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** JavaScript sorts by UTF-16 code unit, which is another order than that of code points beyond U+FFFF only. */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object).sort();
  return keys.some((key) => SURROGATE.test(key)) ? keys.sort(byCodePoint) : keys;
}

/** What an event's `hash` has to be: SHA-256 over the canonical form of all of it but the hash, `prev_hash` included. */
export function hashAuditEvent(event: AuditEvent): string {
  const { hash: _, ...hashed } = event;
  return createHash('sha256').update(canonicalJson(hashed)).digest('hex');
}
