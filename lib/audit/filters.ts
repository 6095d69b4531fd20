import { actorFromWords } from '../contract/actor-words';
import type { AuditEventsQuery } from '../contract/audit-event';
import { couldRead } from './could-read';
import type { Range } from './range';
import { type Condition, textBranches } from './text-search';

export type AuditFilters = Omit<AuditEventsQuery, 'cursor' | 'limit' | 'format'>;

/** A token of a sync lists names and reads no code; the log is about who could. */
const NO_SYNC = `NOT (type = 'github.token_minted' AND actor_id = 'system:sync')`;

/** Only filters that are given are in the query at all. Times bound `seq` besides (range.ts). */
function conditions({ type, installation_id, ip, from, to }: AuditFilters): Condition[] {
  const given: Condition[] = [];
  if (type) given.push([(n) => `type = ${n}`, type]);
  if (installation_id) given.push([(n) => `installation_id = ${n}::bigint`, installation_id]);
  if (ip) given.push([(n) => `client_ip ${ip.includes('/') ? '<<=' : '='} ${n}::inet`, ip]);
  if (from) given.push([(n) => `occurred_at >= ${n}::timestamptz`, from]);
  if (to) given.push([(n) => `occurred_at < ${n}::timestamptz`, to]);
  return given;
}

/**
 * Whether what a filter finds lies in no order: its index leads to all of it, which then is sorted. The readers look
 * at some of the log in its order before they resort to that.
 */
export function isUnordered({ q, ip }: AuditFilters): boolean {
  return Boolean(q) || (ip?.includes('/') ?? false);
}

/**
 * Somebody is found by id, by label, or by the words of the page, each by an index of its own, which one condition with
 * OR could not use.
 */
function actorBranches(actor: string): Condition[][] {
  const meant = actorFromWords(actor);
  return [
    [[(n) => `actor_id = ${n}`, actor]],
    [[(n) => `actor_label = ${n}`, actor]],
    ...(meant === null
      ? []
      : [
          [
            [(n) => `actor_label = ${n}`, meant.label],
            [(n) => `actor_type = ${n}`, meant.type],
          ] satisfies Condition[],
        ]),
  ];
}

export type Selected = { workspaceId: string; filters: AuditFilters; range: Range };

/**
 * The SQL that reads one workspace's events that fit every filter, in the order of `seq`, and its values.
 *
 * @param select columns and table; the result keeps the order only if `position`, or `seq`, is ordered by once more
 * @param isSorted finds all that fits by the filter's own index and sorts it, rather than to walk the log in order
 */
export function selectEvents(
  select: string,
  { workspaceId, filters, range }: Selected,
  { order, limit, isSorted = false }: { order: 'ASC' | 'DESC'; limit: number; isSorted?: boolean },
): { text: string; values: unknown[] } {
  const values: unknown[] = [workspaceId];
  const put = (value: unknown) => `$${values.push(value)}`;
  const where = ([sql, value]: Condition) => sql(put(value));
  const after = `${put(range.after)}::bigint`;
  const upTo = `${put(range.upTo)}::bigint`;
  const common = ['workspace_id = $1::uuid', `seq > ${after}`, `seq <= ${upTo}`];
  if (filters.syncs === 'hide') common.push(NO_SYNC);
  common.push(...conditions(filters).map(where));
  // The planner takes no index for the order of a sum.
  const by = isSorted ? 'audit_events.seq + 0' : 'audit_events.seq';

  const selectWith = (given: string[]) => {
    const all = (more: string) => `${select} WHERE ${[...given, more].join(' AND ')}`;
    const first = (more: string) => `${all(more)} ORDER BY ${by} ${order} LIMIT ${limit}`;
    return { all, first, order, limit, after, upTo };
  };
  const branches = (filters.actor ? actorBranches(filters.actor) : [[]]).flatMap((byActor) =>
    (filters.q ? textBranches(filters.q) : [[]]).map((byText) =>
      selectWith([...common, ...byActor.map(where), ...byText.map(where)]),
    ),
  );
  const { repository } = filters;
  const placed = repository === undefined ? '' : put(repository);
  const parts = branches.flatMap((branch) =>
    repository === undefined
      ? [`(${branch.first('true')})`]
      : couldRead(placed, /^\d+$/.test(repository), branch),
  );
  const [only, another] = parts;
  if (only !== undefined && another === undefined) return { text: only, values };
  return {
    text: `SELECT * FROM (${parts.join(' UNION ')}) AS either ORDER BY position ${order} LIMIT ${limit}`,
    values,
  };
}
