import type { AuditEventsQuery } from '../contract/audit-event';

export type AuditFilters = Omit<AuditEventsQuery, 'cursor' | 'limit' | 'format'>;

/** SQL with `$n` for the value, and the value. */
type Condition = [sql: (n: string) => string, value: unknown];

/** `%` and `_` are meant literally. */
const likePattern = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Only filters that are given are in the query at all. */
function conditions(filters: AuditFilters): Condition[] {
  const given: Condition[] = [];
  if (filters.type) given.push([(n) => `type = ${n}`, filters.type]);
  if (filters.actor) given.push([(n) => `(actor_id = ${n} OR actor_label = ${n})`, filters.actor]);
  if (filters.installation_id) given.push([(n) => `installation_id = ${n}::bigint`, filters.installation_id]);
  if (filters.ip) given.push([(n) => `client_ip = ${n}::inet`, filters.ip]);
  if (filters.from) given.push([(n) => `occurred_at >= ${n}::timestamptz`, filters.from]);
  if (filters.to) given.push([(n) => `occurred_at < ${n}::timestamptz`, filters.to]);
  if (filters.q)
    given.push([
      (n) => `(actor_label ILIKE ${n} OR request_id ILIKE ${n} OR details::text ILIKE ${n})`,
      likePattern(filters.q),
    ]);
  return given;
}

/** The condition on `audit_events` for one workspace's events that fit every filter, and its values. */
export function auditWhere(
  workspaceId: string,
  filters: AuditFilters,
  more: Condition[] = [],
): { where: string; values: unknown[] } {
  const all: Condition[] = [
    [(n) => `workspace_id = ${n}::uuid`, workspaceId],
    ...conditions(filters),
    ...more,
  ];
  return {
    where: all.map(([sql], index) => sql(`$${index + 1}`)).join(' AND '),
    values: all.map(([, value]) => value),
  };
}
