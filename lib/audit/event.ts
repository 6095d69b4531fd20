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
