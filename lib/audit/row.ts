import type { AuditEvent } from '../contract/audit-event';

/** An audit row as `SELECT_EVENT` reads it: every value as PostgreSQL's text, so that nothing is rounded. */
export type AuditRow = {
  id: string;
  seq: string;
  type: string;
  occurred_at: string;
  /** Not checked here: a row that was tampered with has to be read to be shown as such. */
  actor_type: AuditEvent['actor']['type'];
  actor_id: string;
  actor_label: string;
  workspace_slug: string;
  installation_id: string | null;
  client_ip: string | null;
  user_agent: string | null;
  request_id: string;
  details: AuditEvent['details'];
  prev_hash: string;
  hash: string;
};

const COLUMNS_BUT_DETAILS = `id, seq::text AS seq, type,
    to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS occurred_at,
    actor_type, actor_id, actor_label, workspace_slug, installation_id::text AS installation_id,
    host(client_ip) AS client_ip, user_agent, request_id, prev_hash, hash, audit_events.seq AS position`;

/** `position` is `seq` as a number, to order by. */
export const SELECT_EVENT = `SELECT ${COLUMNS_BUT_DETAILS}, details FROM audit_events`;

/** With `details` as text, whose size is known before it is parsed. */
export const SELECT_EVENT_AS_TEXT = `SELECT ${COLUMNS_BUT_DETAILS}, details::text AS details FROM audit_events`;

/** A row as the API, the pages and the exports show it; it holds exactly what was hashed. */
export function toAuditEvent(row: AuditRow): AuditEvent {
  return {
    id: row.id,
    seq: Number(row.seq),
    type: row.type,
    occurred_at: row.occurred_at,
    actor: { type: row.actor_type, id: row.actor_id, label: row.actor_label },
    workspace: row.workspace_slug,
    installation_id: row.installation_id === null ? null : Number(row.installation_id),
    client_ip: row.client_ip,
    user_agent: row.user_agent,
    request_id: row.request_id,
    details: row.details,
    prev_hash: row.prev_hash,
    hash: row.hash,
  };
}
