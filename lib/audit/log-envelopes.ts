/**
 * What others wrap GitHub's entries in. Splunk: `event` of its HTTP Event Collector, `result` with `_raw` of a search.
 * Datadog: `attributes`, twice in its API, or `content` and `message`. Azure: `records`. Elastic: `_source`, `github`.
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

/** Their own words for when it was; of use if the entry has none. HEC's is in seconds. */
const TIMES = ['@timestamp', 'created_at', 'timestamp', 'date', 'time', '_time'] as const;

/** Any of these: it is an entry itself. */
const OF_AN_ENTRY = ['action', 'actor', 'hashed_token', 'programmatic_access_type'] as const;

const DEEPEST = 5;

/** They are made at once, and hold everybody up meanwhile. */
const MOST_IN_ONE = 20_000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The entries in an object of a log, whatever it is wrapped in; itself when it is none that is known. */
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
  const when = TIMES.map((name) => value[name]).find(isTime) ?? time;
  const isEntry = OF_AN_ENTRY.some((name) => typeof value[name] === 'string');
  if (!isEntry && depth < DEEPEST)
    for (const name of WRAPPERS) {
      const inner: unknown[] = [];
      for (const each of unwrap(value[name], when, depth + 1)) {
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

const isTime = (value: unknown): boolean =>
  (typeof value === 'number' || typeof value === 'string') && value !== '';

function looksLikeEntry(value: unknown): boolean {
  return isRecord(value) && OF_AN_ENTRY.some((name) => typeof value[name] === 'string');
}

function parseObject(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, as HEC writes them, with a point or without. */
function milliseconds(when: unknown): unknown {
  const seconds = Number(when);
  return Number.isFinite(seconds) && seconds > 0 && seconds < 100_000_000_000 ? seconds * 1000 : when;
}
