import type { Json } from '../contract/audit-event';
import type { AuditEventType } from '../contract/audit-types';
import type { AuditContext, NewAuditEvent } from './record';

type UntypedEvent = AuditContext & { type: AuditEventType; details?: { [name: string]: Json } };

/** Passes an event off as typed: another version may have written other details, and the chain holds any. */
export function untyped<T extends UntypedEvent>(event: T): T & NewAuditEvent {
  return event as T & NewAuditEvent;
}
