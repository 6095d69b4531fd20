/**
 * Fields in which log systems wrap GitHub's entries, in the order in which they are tried. Splunk uses `event`,
 * `result` and `_raw`; Datadog `attributes`, `content` and `message`; Azure `records`; Elastic `_source`. All other
 * fields are tried afterwards, such as Google's `jsonPayload`, CloudWatch's `logEvents`, CloudTrail's `eventData` and
 * Loki's `streams`.
 */
const WRAPPERS = [
  'event',
  'result',
  '_raw',
  'attributes',
  'content',
  'message',
  'records',
  'data',
  '_source',
  'hits',
] as const;

/**
 * Wrapper fields that contain a time. We use it for entries without a time of their own. Splunk's HTTP Event Collector
 * writes seconds.
 */
const TIMES = [
  '@timestamp',
  'created_at',
  'timestamp',
  'date',
  'time',
  '_time',
  'TimeGenerated',
  'eventTime',
] as const;

/** An object with any of these fields counts as an entry. */
const ENTRY_FIELDS = ['action', 'actor', 'hashed_token', 'programmatic_access_type'] as const;

const MAX_DEPTH = 8;

/**
 * The maximum number of entries that one object may wrap. We unwrap all of them in one go, which blocks other requests.
 */
const MOST_IN_ONE = 20_000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Yields the entries inside a log object, without their wrappers. If there are none, yields the object itself. */
export function* unwrap(value: unknown, time?: unknown, depth = 0): Generator<unknown> {
  if (typeof value === 'string') {
    const parsed = parseObject(value);
    if (parsed !== undefined) yield* unwrap(parsed, time, depth);
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) yield* unwrap(item, time, depth + 1);
    return;
  }
  if (!isRecord(value)) return;
  yield* unwrapRecord(looksLikeEntry(value) ? value : plainNames(value), time, depth);
}

function* unwrapRecord(value: Record<string, unknown>, time: unknown, depth: number): Generator<unknown> {
  const when = TIMES.map((name) => value[name]).find(isTime) ?? time;
  const ecs = ecsEntry(value);
  if (ecs !== undefined) {
    yield* unwrap(ecs, when, depth + 1);
    return;
  }
  if (!looksLikeEntry(value) && depth < MAX_DEPTH)
    for (const wrapped of wrappedIn(value)) {
      const inner: unknown[] = [];
      for (const each of unwrap(wrapped, when, depth + 1)) {
        if (looksLikeEntry(each)) inner.push(each);
        if (inner.length > MOST_IN_ONE)
          throw new Error('one object wraps more entries than any system writes');
      }
      if (inner.length === 0) continue;
      yield* inner;
      return;
    }
  yield when === undefined || isTime(value['@timestamp']) || isTime(value.created_at)
    ? value
    : { ...value, '@timestamp': milliseconds(when) };
}

/** Returns the values of all fields, with the values of known wrappers first. */
function wrappedIn(value: Record<string, unknown>): unknown[] {
  const others = Object.keys(value).filter((name) => !(WRAPPERS as readonly string[]).includes(name));
  return [...WRAPPERS, ...others].map((name) => value[name]);
}

const isTime = (value: unknown): boolean =>
  (typeof value === 'number' || typeof value === 'string') && value !== '';

function looksLikeEntry(value: unknown): boolean {
  return isRecord(value) && ENTRY_FIELDS.some((name) => typeof value[name] === 'string');
}

function parseObject(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Converts seconds, possibly with a fraction, to milliseconds. Leaves other values unchanged. */
function milliseconds(when: unknown): unknown {
  const seconds = Number(when);
  return Number.isFinite(seconds) && seconds > 0 && seconds < 100_000_000_000 ? seconds * 1000 : when;
}

/** Maps field names of the Elastic Common Schema to GitHub's names. */
const ECS_NAMES: Readonly<Record<string, string>> = {
  'user.name': 'actor',
  'event.action': 'action',
  'event.id': '_document_id',
  'event.original': '_raw',
};

/** Matches the suffix that Log Analytics adds to show a column's type: string, double, GUID, boolean or time. */
const TYPED = /_[sdgbt]$/;

/**
 * Returns GitHub's name for a column: `hashed_token` for `github.hashed_token` (Elastic) and for `hashed_token_s` (Log
 * Analytics).
 */
export function plainName(name: string): string {
  return (
    (Object.hasOwn(ECS_NAMES, name) && ECS_NAMES[name]) || name.replace(/^github\./, '').replace(TYPED, '')
  );
}

type Fields = Record<string, unknown>;

/** Renames the fields of one record to GitHub's names. Fields of nested records keep their names. */
function plainNames(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [plainName(name), field]));
}

/**
 * Reads a document written by Elastic's GitHub integration. Its `event` has an `action` but is not GitHub's entry,
 * because the token's hash is under `github`. Some documents keep GitHub's own entry in `event.original`.
 *
 * @returns the entry as an object or as text; `undefined` if the value is not such a document
 */
function ecsEntry(value: Fields): unknown {
  const { event, github, user } = value;
  if (!isRecord(event) || !isRecord(github)) return undefined;
  if (typeof event.original === 'string') return event.original;
  return {
    '@timestamp': value['@timestamp'],
    _document_id: event.id,
    action: event.action,
    ...(isRecord(user) && { actor: user.name }),
    ...github,
  };
}
