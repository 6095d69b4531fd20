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
  const entries = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** What an event's `hash` has to be: SHA-256 over the canonical form of all of it but the hash, `prev_hash` included. */
export function hashAuditEvent(event: AuditEvent): string {
  const { hash: _, ...hashed } = event;
  return createHash('sha256').update(canonicalJson(hashed)).digest('hex');
}
