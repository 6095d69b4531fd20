import type { Actor } from '../actor';
import type { AuditEventType, Json } from '../contract/audit-event';

/** Where a request came from; `null` for what the system does by itself. */
export type RequestOrigin = { requestId: string; clientIp: string | null; userAgent: string | null };

/** What the caller states; everything else of an audit event is set by the database (see the initial migration). */
export type NewAuditEvent = {
  workspaceId: string;
  type: AuditEventType;
  actor: Actor;
  origin: RequestOrigin;
  installationId?: number | undefined;
  /** Strings, integers up to 2^53 − 1, booleans, null, arrays and objects of these. Never a secret. */
  details?: { [key: string]: Json };
};

const MAX_USER_AGENT = 400;

/** PostgreSQL's text and jsonb refuse U+0000, and half a surrogate pair is no text at all. */
function clean(value: string): string {
  return value.replaceAll('\u0000', '\uFFFD').toWellFormed();
}

function cleanJson(value: Json): Json {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map(cleanJson);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanJson(item)]));
  return value;
}

/** The event as the values of the INSERT, in the order of `AUDIT_INSERT_COLUMNS`. */
export function auditInsertValues(event: NewAuditEvent): unknown[] {
  const { actor, origin } = event;
  return [
    event.workspaceId,
    event.type,
    actor.type,
    clean(actor.id),
    clean(actor.label),
    event.installationId ?? null,
    origin.clientIp,
    origin.userAgent === null ? null : clean(origin.userAgent.slice(0, MAX_USER_AGENT)),
    clean(origin.requestId),
    JSON.stringify(cleanJson(event.details ?? {})),
  ];
}

/** The only columns that the app's role may name in an INSERT (prisma/grants.sql). */
export const AUDIT_INSERT_COLUMNS = `workspace_id, type, actor_type, actor_id, actor_label, installation_id,
  client_ip, user_agent, request_id, details`;
