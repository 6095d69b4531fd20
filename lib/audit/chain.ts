import { hash } from 'node:crypto';
import type { AuditEvent } from '../contract/audit-event';

/** `prev_hash` of a workspace's first event. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * Writes JSON in the canonical form of RFC 8785 (JCS): sorted keys, no white space. Events contain only strings,
 * integers, booleans and null, so the RFC's other rules are not needed. `audit_canonical_json` in the database produces
 * the same bytes.
 *
 * Exports and verifications spend most of their time here, so the function appends to one string and creates no
 * intermediate arrays.
 *
 * @param without a top-level key to leave out
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

/** Matches printable ASCII without `"` and `\\`, which needs no escaping. Most text matches. */
const PLAIN = /^[ !#-[\]-~]*$/;
const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

const SURROGATE = /[\ud800-\udfff]/;
const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Sorts keys by code point, as the database does. JavaScript sorts by UTF-16 code unit, which gives a different order
 * only for characters above U+FFFF.
 */
function sortedKeys(object: object): string[] {
  const keys = Object.keys(object).sort();
  return keys.some((key) => SURROGATE.test(key)) ? keys.sort(byCodePoint) : keys;
}

export const sha256 = (text: string): string => hash('sha256', text);

/** Computes an event's hash, which is the SHA-256 of the canonical form of all its other fields. */
export function hashAuditEvent(event: AuditEvent): string {
  return sha256(canonicalJson(event, 'hash'));
}

/**
 * Checks a chain event by event: each hash must be correct, each event must link to the previous event, and no `seq`
 * may be missing.
 */
export class ChainWalk {
  /** `seq` of the first event that is invalid or missing; `undefined` if there is none. */
  firstBad: number | undefined;

  /**
   * @param events the number of events accepted so far. A value above 0 starts in the middle of a chain and trusts all
   *   earlier events
   * @param head the hash of the last accepted event
   */
  constructor(
    public events = 0,
    public head = GENESIS_HASH,
  ) {}

  /**
   * Checks the next event.
   *
   * @returns true if the event fits the chain and was accepted
   */
  add(event: AuditEvent): boolean {
    return this.accept(event, hashAuditEvent(event));
  }

  /**
   * Works like {@link add}, but for a caller that has already computed the hash.
   *
   * @param computed the hash computed from the event's other fields, which must equal its `hash`
   */
  accept(event: Pick<AuditEvent, 'seq' | 'prev_hash' | 'hash'>, computed: string): boolean {
    const expected = this.events + 1;
    if (event.seq !== expected || event.prev_hash !== this.head || event.hash !== computed) {
      this.firstBad = Math.min(event.seq, expected);
      return false;
    }
    this.events = expected;
    this.head = event.hash;
    return true;
  }
}
