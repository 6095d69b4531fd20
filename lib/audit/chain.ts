import { createHash } from 'node:crypto';
import type { AuditEvent } from '../contract/audit-event';

/** `prev_hash` of a workspace's first event. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * Writes JSON as RFC 8785 (JCS): sorted keys, no white space. Events contain only strings, integers, booleans and
 * null, so nothing else of the RFC is needed. The database's `audit_canonical_json` writes the same bytes.
 *
 * Exports and verifications spend most of their time here, so there are no copies and no lists of parts.
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

/** Matches printable ASCII without `"` and `\\`. Most text is like this and needs no escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;
const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

const SURROGATE = /[\ud800-\udfff]/;
const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Sorts by code point. JavaScript sorts by UTF-16 code unit, which differs beyond U+FFFF only. */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object).sort();
  return SURROGATE.test(keys.join('')) ? keys.sort(byCodePoint) : keys;
}

/** Returns the `hash` that an event must have: SHA-256 of the canonical form of all other fields. */
export function hashAuditEvent(event: AuditEvent): string {
  return createHash('sha256').update(canonicalJson(event, 'hash')).digest('hex');
}

/** Walks along a chain and checks each event: its hash, its link to the previous one, and no gap in `seq`. */
export class ChainWalk {
  /** `seq` of the first event that does not fit, or is missing. */
  firstBad: number | undefined;

  /**
   * @param events the number of events that fit so far; a walk that begins later trusts those before it
   * @param head the hash of the last of them
   */
  constructor(
    public events = 0,
    public head = GENESIS_HASH,
  ) {}

  /** Adds an event. @returns whether it is the next one of the chain */
  add(event: AuditEvent): boolean {
    const expected = this.events + 1;
    if (event.seq !== expected || event.prev_hash !== this.head || event.hash !== hashAuditEvent(event)) {
      this.firstBad = Math.min(event.seq, expected);
      return false;
    }
    this.events = expected;
    this.head = event.hash;
    return true;
  }
}
