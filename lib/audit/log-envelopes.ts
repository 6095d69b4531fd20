import { ecsEntry, plainNames } from './log-field-names';

/**
 * What is known to wrap GitHub's entries, best first: Splunk's `event`, `result` and `_raw`, Datadog's `attributes`,
 * `content` and `message`, Azure's `records`, Elastic's `_source`. Any other field is looked into after them: Google's
 * `jsonPayload`, CloudWatch's `logEvents`, CloudTrail's `eventData`, Loki's `streams`.
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

/** Any of these: it is an entry itself. */
const OF_AN_ENTRY = ['action', 'actor', 'hashed_token', 'programmatic_access_type'] as const;

const DEEPEST = 8;

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
  yield* unwrapRecord(looksLikeEntry(value) ? value : plainNames(value), time, depth);
}

function* unwrapRecord(value: Record<string, unknown>, time: unknown, depth: number): Generator<unknown> {
  const when = TIMES.map((name) => value[name]).find(isTime) ?? time;
  const ecs = ecsEntry(value);
  if (ecs !== undefined) {
    yield* unwrap(ecs, when, depth + 1);
    return;
  }
  if (!looksLikeEntry(value) && depth < DEEPEST)
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

/** Each field once, those that are known to wrap first. */
function wrappedIn(value: Record<string, unknown>): unknown[] {
  const others = Object.keys(value).filter((name) => !(WRAPPERS as readonly string[]).includes(name));
  return [...WRAPPERS, ...others].map((name) => value[name]);
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
