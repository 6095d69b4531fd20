import type { AuditEvent } from '../contract/audit-event';
import { constantSql, sql } from '../db/sql';
import { canonicalJson } from './chain';

/** An event in canonical form: just the parts needed to check its hash and to write its line in an export. */
export type CanonicalEvent = {
  seq: number;
  prev_hash: string;
  hash: string;
  /** The canonical form of all fields except `hash`. Its SHA-256 must equal `hash`. */
  hashed(): string;
  /** The canonical form of all fields. */
  whole(): string;
};

/** The values of a row of {@link SELECT_CANONICAL}. */
export type CanonicalRow = [
  seq: string,
  prev_hash: string,
  hash: string,
  before: string,
  details: string,
  after: string,
];

/** The columns of a {@link CanonicalRow}. */
export const CANONICAL_COLUMNS = constantSql('seq, prev_hash, hash, before, details, after');
export const CANONICAL_WIDTH = 6;

/**
 * Has the database write every field except `details` in canonical form, which works because `to_json` escapes text the
 * way RFC 8785 does. This process then handles six strings per event instead of fifteen, and sorts only the keys of
 * `details`. It writes `details` itself, with {@link canonicalJson}, because the database would take ten times as
 * long.
 *
 * @see docs/audit-chain.md
 */
export const SELECT_CANONICAL = sql`SELECT audit_events.seq AS position, seq::text AS seq, prev_hash, hash,
  '{"actor":{"id":' || to_json(actor_id) || ',"label":' || to_json(actor_label) || ',"type":' || to_json(actor_type)
    || '},"client_ip":' || coalesce(to_json(host(client_ip))::text, 'null') || ',"details":' AS before,
  details::text AS details,
  '"id":"' || id || '","installation_id":' || coalesce(installation_id::text, 'null') || ',"occurred_at":"'
    || to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","prev_hash":' || to_json(prev_hash)
    || ',"request_id":' || to_json(request_id) || ',"seq":' || seq || ',"type":' || to_json(type)
    || ',"user_agent":' || coalesce(to_json(user_agent)::text, 'null') || ',"workspace":' || to_json(workspace_slug)
    || '}' AS after
  FROM audit_events`;

/** Converts a row to its canonical form, for {@link readSlicesAs}. */
export function toCanonicalEvent([
  seq,
  prev_hash,
  hash,
  before,
  details,
  after,
]: CanonicalRow): CanonicalEvent {
  const upToDetails = () => before + canonicalJson(JSON.parse(details));
  return {
    seq: Number(seq),
    prev_hash,
    hash,
    hashed: () => `${upToDetails()},${after}`,
    whole: () => `${upToDetails()},"hash":${canonicalJson(hash)},${after}`,
  };
}

/** Converts a row to the event shown by the API, pages and exports. */
export function toEvent([, , hash, before, details, after]: CanonicalRow): AuditEvent {
  return JSON.parse(`${before}${details},"hash":${JSON.stringify(hash)},${after}`);
}
