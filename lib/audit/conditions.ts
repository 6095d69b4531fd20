import { actorFromWords } from '../contract/actor-words';
import { type AuditEventsQuery, REPOSITORY_NAME } from '../contract/audit-event';
import { AUDIT_EVENTS, resultOf } from '../contract/audit-types';
import { joinSql, likeLiteral, type Sql, sql } from '../db/sql';

export type AuditFilters = Omit<AuditEventsQuery, 'cursor' | 'limit' | 'format' | 'order'>;

/**
 * SQL for some filters. Each of the `lists` is one filter as alternatives: conditions on an indexed column, at most one of
 * which an event can meet. Each has an index that lists its events by `seq`. The `others` are compared with each event.
 */
export type Conditions = { lists: Sql[][]; others: Sql[] };

/** A filter that selects events by a column. Actor, text and repository also choose between indexes, so they stand apart. */
type Column = Exclude<keyof AuditFilters, 'actor' | 'q' | 'repository'>;

const parts = (list: string | undefined): string[] => (list ? [...new Set(list.split(','))] : []);

/** Leaves out tokens minted by syncs, because syncs only list names and read no code. */
const NO_SYNC = sql`NOT (type = 'github.token_minted' AND actor_id = 'system:sync')`;

const isRange = (address: string) => address.includes('/');
const isExcluded = (address: string) => address.startsWith('-');

/** True for a list of single addresses, each of which has events in order in the index. */
const isOrdered = (ip: string | undefined): boolean =>
  ip !== undefined && parts(ip).every((address) => !isRange(address) && !isExcluded(address));

/**
 * Matches addresses outside a range, by comparisons that an index of addresses can answer. Events without an address match
 * neither a range nor its outside.
 */
function outside(range: string): Sql {
  return sql`(client_ip < host(network(${range}::inet))::inet OR client_ip > host(broadcast(${range}::inet))::inet)`;
}

function ofAddresses(ip: string): Conditions {
  const all = parts(ip);
  const wanted = all.filter((address) => !isExcluded(address));
  const others = all.filter(isExcluded).map((address) => outside(address.slice(1)));
  if (wanted.length === 0) return { lists: [], others };
  const equal = (address: string) => sql`client_ip = ${address}::inet`;
  if (!wanted.some(isRange)) return { lists: [wanted.map(equal)], others };
  const any = wanted.map((each) => (isRange(each) ? sql`client_ip <<= ${each}::inet` : equal(each)));
  return { lists: [], others: [sql`(${joinSql(any, ' OR ')})`, ...others] };
}

const list = (...alternatives: Sql[]): Conditions => ({ lists: [alternatives], others: [] });
const other = (...others: Sql[]): Conditions => ({ lists: [], others });
const NONE: Conditions = { lists: [], others: [] };

/**
 * The types that an event may have; `undefined` if it may have any. A result is a set of types, so an event whose type this
 * version does not know has no result.
 */
export function typesOf({ type, result }: Pick<AuditFilters, 'type' | 'result'>): string[] | undefined {
  if (result === undefined) return type ? parts(type) : undefined;
  const among = type ? parts(type) : Object.keys(AUDIT_EVENTS);
  return among.filter((each) => resultOf(each) === result);
}

/** One row per filter. Time filters also limit `seq`, through `rangeOfTime`. */
const COLUMNS: { [Name in Column]: (filters: AuditFilters) => Conditions } = {
  type: (filters) => {
    const types = typesOf(filters);
    if (types === undefined) return NONE;
    return types.length === 0 ? list(sql`false`) : list(...types.map((type) => sql`type = ${type}`));
  },
  // A part of `type`.
  result: () => NONE,
  installation_id: ({ installation_id: ids }) =>
    ids ? list(...parts(ids).map((id) => sql`installation_id = ${id}::bigint`)) : NONE,
  ip: ({ ip }) => (ip ? ofAddresses(ip) : NONE),
  from: ({ from }) => (from ? other(sql`occurred_at >= ${from}::timestamptz`) : NONE),
  to: ({ to }) => (to ? other(sql`occurred_at < ${to}::timestamptz`) : NONE),
  syncs: ({ syncs }) => (syncs === 'hide' ? other(NO_SYNC) : NONE),
};

/** Returns the conditions of the filters by a column. */
export function conditionsOf(filters: AuditFilters): Conditions {
  const all = Object.values(COLUMNS).map((of) => of(filters));
  return { lists: all.flatMap(({ lists }) => lists), others: all.flatMap(({ others }) => others) };
}

/**
 * True if a filter's index yields matches in no particular order. All matches must then be found and sorted, which is
 * slow if there are many.
 */
export function isUnordered({ q, ip }: AuditFilters): boolean {
  return Boolean(q) || (Boolean(ip) && !isOrdered(ip));
}

/**
 * True if a page must merge indexes: those of several filters, whose events may have none in common, or those of several
 * alternatives of a filter.
 */
export function mayRefuseAll(filters: AuditFilters): boolean {
  if (filters.repository !== undefined) return false;
  const { lists } = conditionsOf(filters);
  return lists.length + (filters.actor ? 1 : 0) > 1 || lists.some((alternatives) => alternatives.length > 1);
}

/** True if a page or a batch must not scan the whole log for these filters in order. */
export function mayScanForNothing(filters: AuditFilters): boolean {
  return isUnordered(filters) || mayRefuseAll(filters);
}

/** True if the filters contradict each other: a repository has tokens only, and other types of events cannot read it. */
export function matchNothing(filters: AuditFilters): boolean {
  const types = typesOf(filters);
  return (
    types !== undefined &&
    (types.length === 0 || (filters.repository !== undefined && !types.includes('github.token_minted')))
  );
}

/**
 * Matches an actor by id, by label, or by the wording used on pages. These are separate branches of a UNION, so that
 * each can use its own index. A single OR couldn't.
 */
export function actorBranches(actor: string): Conditions[] {
  const branch = (indexed: Sql, ...others: Sql[]) => ({ lists: [[indexed]], others });
  const branches = [branch(sql`actor_id = ${actor}`), branch(sql`actor_label = ${actor}`)];
  // Emails are stored in lower case.
  const email = actor.toLowerCase();
  if (actor.includes('@') && email !== actor) branches.push(branch(sql`actor_label = ${email}`));
  const meant = actorFromWords(actor);
  if (meant !== null)
    branches.push(branch(sql`actor_label = ${meant.label}`, sql`actor_type = ${meant.type}`));
  return branches;
}

/** This must be the exact expression of the index `audit_events_text_idx`, or PostgreSQL does not use the index. */
const TEXT = sql`(actor_label || E'\\n' || (details - 'hashed_token')::text)`;

/**
 * Returns a PostgreSQL regular expression that matches a whole repository name: `acme/api`, but neither
 * `acme/api-gateway` nor `my-acme/api`. The name may be followed by `.git`, as in a clone URL.
 */
const wholeName = (name: string) =>
  `(?<![\\w.-])${name.replaceAll('.', '\\.')}(?!(?!\\.git(?![\\w.-]))[\\w.-])`;

/** Matches what a text in base64 can begin with. No token hash begins with anything else. */
const BEGINS_BASE64 = /^[A-Za-z0-9+/]+=*$/;

/**
 * Searches for text anywhere in the actor's label and the details, ignoring case, and at the beginning of request ids
 * and token hashes. A full repository name matches only that repository. Each returned branch uses its own index.
 */
export function textBranches(q: string): Sql[][] {
  const anywhere = [sql`${TEXT} ILIKE ${`%${likeLiteral(q)}%`}`];
  if (REPOSITORY_NAME.test(q)) anywhere.push(sql`${TEXT} ~* ${wholeName(q)}`);
  if (/\s/.test(q)) return [anywhere];
  const beginning = `${likeLiteral(q.toLowerCase())}%`;
  const branches = [anywhere, [sql`lower(request_id) LIKE ${beginning}`]];
  if (BEGINS_BASE64.test(q))
    branches.push([sql`details ? 'hashed_token' AND lower(details ->> 'hashed_token') LIKE ${beginning}`]);
  return branches;
}
