import type { Query } from '@/app/request';
import { isUsualColumns } from '@/components/audit-log/columns';
import { type ParsedQuery, parseQuery, type QueryProblem } from '@/lib/audit/query';
import {
  type AuditLogAddress,
  type EventFilters,
  FILTER_NAMES,
  type FilterName,
} from '@/lib/contract/audit-log-href';
import { fieldTime } from '@/lib/contract/field-time';
import { parseZone, UTC } from '@/lib/contract/time-zone';
import type { InstallationView } from '@/lib/installation/list';
import { allValues, oneValue, parseAuditSearch } from './audit-search';

type Address = { [Name in keyof AuditLogAddress]: string | undefined };

/** A line that was submitted, with the fields of its form. */
export type QueryLine = {
  /** The address of all filters that were typed or chosen. It lacks those parts of the line that are no filter. */
  address: Address;
  text: string;
  /** The line as the page showed it before. */
  shown: string;
  /** The zone in which the line was written. */
  zone: string;
  problems: QueryProblem[];
};

/** The filters that have a field beside the line. The times have two, and a text has none. */
const FIELDS = [
  'type',
  'actor',
  'installation_id',
  'repository',
  'ip',
  'result',
] as const satisfies FilterName[];

type Times = { from: string | undefined; to: string | undefined; zone: string | undefined };

/**
 * Reads what the form of the search sent: a line, the fields beside it, and a button. The line counts
 * where it was changed, and the fields count elsewhere. So nothing is lost that was typed before another control was used.
 *
 * @returns `null` if the address holds no line
 */
export function readQueryLine(
  query: Query,
  installations: readonly Pick<InstallationView, 'id' | 'account'>[],
  readerZone: string,
  now = new Date(),
): QueryLine | null {
  const isForm = query.line_zone !== undefined;
  // An emptied field is submitted too, and then shows the whole log.
  if (!isForm && query.query === undefined) return null;
  // The form names the zone in which the line was written, so a line means the same after each search.
  const zone = parseZone(oneValue(query.line_zone) ?? oneValue(query.zone) ?? readerZone);
  const connections = installations.map(({ id, account }) => ({ id, login: account.login }));
  const [text, shown] = [oneValue(query.query) ?? '', oneValue(query.shown) ?? ''];
  const line = parseQuery(text, connections, { zone, now });
  const before = isForm ? parseQuery(shown, connections, { zone, now }) : line;
  const { filters, chosen } = isForm
    ? withFields(query, line, before)
    : { filters: line.filters, chosen: new Set<FilterName>() };
  const ofLine: Times = { from: line.filters.from, to: line.filters.to, zone };
  const times = (isForm && chosenTimes(query, line, before, zone)) || ofLine;
  const set = new URLSearchParams(oneValue(query.set));
  if (times !== ofLine || set.has('from')) for (const name of ['from', 'to'] as const) chosen.add(name);
  const columns = allValues(query.columns);
  const address: Address = {
    ...filters,
    from: times.from,
    to: times.to,
    q: line.filters.q,
    syncs: oneValue(query.syncs),
    order: oneValue(query.order),
    columns: isUsualColumns(columns) ? undefined : columns,
    ...pressed(set, times),
  };
  return {
    address,
    text,
    shown,
    zone,
    problems: line.problems.filter(({ filter }) => !chosen.has(filter)),
  };
}

/** Returns the filters of a line as they were written, those with a mistake included. */
function written({ filters, problems }: ParsedQuery): EventFilters {
  const wrong = problems.map(({ filter, value }) => [filter, value] as const);
  return { ...filters, ...Object.fromEntries(wrong) };
}

const asSet = (list: string | undefined): string => [...new Set(list?.split(','))].sort().join();
const isSame = (one: string | undefined, other: string | undefined) => asSet(one) === asSet(other);

/** Takes each filter from the line if it was changed there, else from its field. */
function withFields(query: Query, line: ParsedQuery, before: ParsedQuery) {
  const [typed, shown] = [written(line), written(before)];
  const { filters: fields } = parseAuditSearch(query);
  const chosen = new Set<FilterName>(
    FIELDS.filter((name) => isSame(typed[name], shown[name]) && !isSame(fields[name], shown[name])),
  );
  const filters: EventFilters = {};
  for (const name of FIELDS) {
    const value = chosen.has(name) ? fields[name] : line.filters[name];
    if (value !== undefined) filters[name] = value;
  }
  return { filters, chosen };
}

/** Returns the times of their own fields; `null` if those still show the line's times, or if the line has new ones. */
function chosenTimes(query: Query, line: ParsedQuery, before: ParsedQuery, zone: string): Times | null {
  const [typed, shown] = [written(line), written(before)];
  if (typed.from !== shown.from || typed.to !== shown.to) return null;
  const fieldZone = parseZone(oneValue(query.local_zone));
  const [from, to] = [oneValue(query.local_from), oneValue(query.local_to)];
  const [shownFrom, shownTo] = [
    fieldTime(shown.from, zone, fieldZone),
    fieldTime(shown.to, zone, fieldZone, true),
  ];
  if ((from ?? '') === shownFrom && (to ?? '') === shownTo) return null;
  // An empty field does not show an age, so an age stays.
  return {
    from: from ?? (shownFrom === '' ? shown.from : undefined),
    to: to ?? (shownTo === '' ? shown.to : undefined),
    zone: fieldZone,
  };
}

/** Returns what a pressed button sets, as in `from=7d&to=`, and the zone of the times that count then. */
function pressed(set: URLSearchParams, times: Times): Address {
  const setsTimes = set.has('from');
  const zone = parseZone(setsTimes ? set.get('zone') : times.zone);
  const hasTimes = setsTimes ? set.get('from') || set.get('to') : times.from || times.to;
  const known = [...FILTER_NAMES, 'order'] as const;
  return {
    ...Object.fromEntries(
      known.filter((name) => set.has(name)).map((name) => [name, set.get(name) || undefined]),
    ),
    zone: hasTimes && zone !== UTC ? zone : undefined,
  };
}
