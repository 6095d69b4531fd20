import { AddressList } from '../contract/addresses';
import { REPOSITORY_NAME, RESULTS } from '../contract/audit-event';
import type { EventFilters, FilterName } from '../contract/audit-log-href';
import { AUDIT_EVENTS } from '../contract/audit-types';
import { dayOfWord, daysAfter } from '../contract/day-words';
import { EVENT_GROUPS, type EventGroup, isEventGroup, TYPES_OF_GROUP } from '../contract/event-groups';
import { instantOf, UTC } from '../contract/time-zone';
import { readTime } from './time-words';

/** An installation that `connection:` names by its account. */
export type NamedConnection = { id: number; login: string };

/** When and where a line was written. Words such as `yesterday` mean a day there. */
export type QueryClock = { zone: string; now: Date };

/** A part of the line with a mistake: the filter that it was meant for, and the value that it gave. */
export type QueryProblem = { token: string; message: string; filter: FilterName; value: string };

/** The filters of a query, and what is wrong with those parts that are no filter. */
export type ParsedQuery = { filters: EventFilters; problems: QueryProblem[] };

type Reading = { value: string } | { message: string };
type Given = { connections: readonly NamedConnection[]; clock: QueryClock };
type Token = {
  filter: FilterName;
  read: (value: string, given: Given) => Reading;
};

/** Accepts a type in full, or without what stands before its dot, as in `token_minted`, or a group of types. */
function readType(value: string): string | null {
  const types = Object.keys(AUDIT_EVENTS);
  if (types.includes(value)) return value;
  if (isEventGroup(value)) return TYPES_OF_GROUP[value].join();
  const [type, ...more] = types.filter((each) => each.endsWith(`.${value}`));
  return type !== undefined && more.length === 0 ? type : null;
}

/** Reads a list with commas. Fails with the first item that `read` doesn't know. */
function readList(
  value: string,
  read: (item: string) => string | null,
  unknown: (item: string) => string,
): Reading {
  const items: string[] = [];
  for (const item of value.split(',')) {
    const known = read(item);
    if (known === null) return { message: unknown(item) };
    items.push(...known.split(','));
  }
  return { value: [...new Set(items)].join() };
}

function readConnection(item: string, connections: readonly NamedConnection[]): string | null {
  const ids = connections
    .filter(({ login }) => login.toLowerCase() === item.toLowerCase())
    .map(({ id }) => String(id));
  if (ids.length > 0) return ids.join();
  return /^[1-9]\d{0,14}$/.test(item) ? item : null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

const A_DAY = 'a day like 2026-11-24, today, yesterday or a weekday';

/** Reads a time. A word for a day becomes that day, so that the address means the same later. */
const time = (filter: 'from' | 'to'): Token => ({
  filter,
  read: (text, { clock }) => {
    const value = dayOfWord(text, clock.zone, clock.now) ?? text;
    return readTime(value, clock.zone, clock.now) === null
      ? { message: `must be ${A_DAY}, a minute like 2026-11-24T09:30, or an age like 7d` }
      : { value: filter === 'to' ? dayBefore(value) : value };
  },
});

/** One row per word before a colon. `-` before `ip` excludes; the other filters have no opposite. */
const TOKENS: Record<string, Token> = {
  type: {
    filter: 'type',
    read: (value) => readList(value, readType, (item) => `there is no type ${item}`),
  },
  actor: { filter: 'actor', read: (value) => ({ value }) },
  repo: {
    filter: 'repository',
    read: (value) =>
      REPOSITORY_NAME.test(value) || /^[1-9]\d{0,14}$/.test(value)
        ? { value }
        : { message: 'must be like owner/name, or a repository’s id' },
  },
  ip: {
    filter: 'ip',
    read: (value) => {
      const { data, error } = AddressList.safeParse(value);
      return data === undefined ? { message: error?.issues[0]?.message ?? '' } : { value: data };
    },
  },
  connection: {
    filter: 'installation_id',
    read: (value, { connections }) =>
      readList(
        value,
        (item) => readConnection(item, connections),
        (item) => `there is no connection ${item}`,
      ),
  },
  result: {
    filter: 'result',
    read: (value) =>
      RESULTS.some((each) => each === value) ? { value } : { message: `must be ${RESULTS.join(' or ')}` },
  },
  // Also the end of the period. `parseQuery` sets both.
  on: {
    filter: 'from',
    read: (text, { clock }) => {
      const value = dayOfWord(text, clock.zone, clock.now) ?? text;
      return DAY.test(value) && instantOf(value, clock.zone) !== null
        ? { value }
        : { message: `must be ${A_DAY}` };
    },
  },
  after: time('from'),
  before: time('to'),
};

/** The words that stand before a colon. */
export const QUERY_WORDS: readonly string[] = Object.keys(TOKENS);

/** Splits at spaces outside quotes: `-ip:10.0.0.0/8`, `actor:"nightly build (API key)"`, `"free text"`. */
const PARTS = /(-?)(?:([a-z]+):)?(?:"((?:[^"\\]|\\.)*)"|(\S+))/gi;

const unquoted = (text: string) => text.replaceAll(/\\(.)/g, '$1');

/**
 * Parses a line of the search field to the filters that the address of the log holds. Text without a known word before a
 * colon is searched for as it is. If a word comes twice, `ip` and `type` collect their values, and the last of the others
 * counts.
 */
export function parseQuery(
  text: string,
  connections: readonly NamedConnection[] = [],
  clock: QueryClock = { zone: UTC, now: new Date() },
): ParsedQuery {
  const filters: EventFilters = {};
  const problems: QueryProblem[] = [];
  const words: string[] = [];
  for (const [whole, minus = '', name = '', quoted, plain = ''] of text.matchAll(PARTS)) {
    const word = name.toLowerCase();
    const token = Object.hasOwn(TOKENS, word) ? TOKENS[word] : undefined;
    const value = quoted === undefined ? plain : unquoted(quoted);
    if (token === undefined) {
      words.push(
        quoted === undefined
          ? whole
          : name === '' && minus === ''
            ? value
            : `${minus}${name && `${name}:`}${value}`,
      );
      continue;
    }
    const { filter } = token;
    if (minus !== '' && filter !== 'ip') {
      problems.push({ token: whole, message: 'cannot be excluded; only ip can', filter, value: whole });
      continue;
    }
    const given =
      minus === ''
        ? value
        : value
            .split(',')
            .map((each) => `-${each}`)
            .join();
    const reading = token.read(given, { connections, clock });
    if ('message' in reading) problems.push({ token: whole, message: reading.message, filter, value: given });
    else {
      const before = filters[filter];
      const collects = filter === 'ip' || filter === 'type';
      filters[filter] = collects && before ? `${before},${reading.value}` : reading.value;
      if (word === 'on') filters.to = reading.value;
    }
  }
  if (words.length > 0) filters.q = words.join(' ');
  return { filters, problems };
}

/** `before:` a day excludes that day, as on GitHub, while the address holds the last day that is included. */
const dayBefore = (value: string) => (DAY.test(value) ? daysAfter(value, -1) : value);
const dayAfter = (value: string) => (DAY.test(value) ? daysAfter(value, 1) : value);

const quote = (value: string) =>
  value === '' || /[\s"]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value;

/** Returns text as it is if it would be read as text, else in quotes. */
function quoteText(text: string): string {
  const { filters, problems } = parseQuery(text);
  return problems.length === 0 && filters.q === text && Object.keys(filters).length === 1
    ? text
    : quote(text).startsWith('"')
      ? quote(text)
      : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Writes filters as a line of the search field. {@link parseQuery} reads the same filters from it. */
export function formatQuery(filters: EventFilters, connections: readonly NamedConnection[] = []): string {
  const { type, actor, repository, ip, installation_id, result, from, to, q } = filters;
  const addresses = ip?.split(',') ?? [];
  const wanted = addresses.filter((each) => !each.startsWith('-'));
  const excluded = addresses.filter((each) => each.startsWith('-')).map((each) => each.slice(1));
  const parts: (readonly [string, string | undefined])[] = [
    ['type', type && typesInWords(type)],
    ['actor', actor],
    ['repo', repository],
    ['ip', wanted.join()],
    ['-ip', excluded.join()],
    ['connection', installation_id && connectionsInWords(installation_id, connections)],
    ['result', result],
    ...(from && from === to && DAY.test(from)
      ? ([['on', from]] as const)
      : ([
          ['after', from],
          ['before', to && dayAfter(to)],
        ] as const)),
  ];
  const tokens = parts.flatMap(([word, value]) => (value ? [`${word}:${quote(value)}`] : []));
  return [...tokens, ...(q ? [quoteText(q)] : [])].join(' ');
}

/** Names a group if the filter has all of its types, and the other types one by one. */
function typesInWords(list: string): string {
  const given = list.split(',');
  const whole = (Object.keys(EVENT_GROUPS) as EventGroup[]).filter((group) =>
    TYPES_OF_GROUP[group].every((type) => given.includes(type)),
  );
  const named = new Set<string>(whole.flatMap((group) => TYPES_OF_GROUP[group]));
  return [...whole, ...given.filter((type) => !named.has(type)).map(shortType)].join();
}

/** Drops what stands before a type's dot, unless another type ends the same way. */
function shortType(type: string): string {
  const short = type.slice(type.indexOf('.') + 1);
  return readType(short) === type ? short : type;
}

/** Names an account if the filter has all of its installations, else the installations. */
function connectionsInWords(ids: string, connections: readonly NamedConnection[]): string {
  const given = ids.split(',');
  const of = (login: string) =>
    connections
      .filter((each) => each.login.toLowerCase() === login.toLowerCase())
      .map(({ id }) => String(id));
  const words = given.map((id) => {
    const login = connections.find((each) => String(each.id) === id)?.login;
    return login !== undefined && of(login).every((each) => given.includes(each)) ? login : id;
  });
  return [...new Set(words)].join();
}
