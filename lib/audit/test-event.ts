import type { Json } from '../contract/audit-event';
import type { AuditEventType } from '../contract/audit-types';
import type { AuditContext, NewAuditEvent } from './record';

type UntypedEvent = AuditContext & { type: AuditEventType; details?: { [name: string]: Json } };

/**
 * Makes the compiler accept any details. Tests need this because the chain may contain details written by another
 * version of the app.
 */
export function untyped<T extends UntypedEvent>(event: T): T & NewAuditEvent {
  return event as T & NewAuditEvent;
}
