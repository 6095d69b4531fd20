/**
 * The exact sliding window, twice: as a script in the store, for all replicas together, and in this process
 * (docs/decisions/0001-exact-sliding-window-log.md).
 */
import { createHash } from 'node:crypto';
import type { Ratelimit } from '@upstash/ratelimit';
import type { Policy } from './policies';
import type { LimiterRedis } from './store';

/** The most entries of a log. A higher limit counts requests in this many steps per window. */
const MOST_ENTRIES = 200;

/**
 * Returns the step, in milliseconds, to which the times in a log are rounded *up*. It keeps the log of a high limit
 * short. Rounding up frees a slot later than due (by 0.5 % of the window), never earlier.
 */
function stepMs({ limit, windowSeconds }: Policy): number {
  return limit <= MOST_ENTRIES ? 1 : Math.ceil((windowSeconds * 1000) / MOST_ENTRIES);
}

/**
 * The log of one key is the string `<ms>:<count> <ms>:<count> …`, oldest first, of the requests allowed within the
 * window. A refused request is not written, so it prolongs nobody's wait.
 *
 * `1000.0` and `%.0f`, because some interpreters have 32-bit integers. Only GET, SET and TIME, so that the script runs
 * on Upstash, Redis ≥ 6.2, Valkey and an in-memory stand-in alike.
 */
const SCRIPT = `
local limit, window, step = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[4])
if now == nil then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000.0 + math.floor(tonumber(time[2]) / 1000)
end
local kept, used, oldest, newest, newest_count = {}, 0, nil, 0, 0
local log = redis.call('GET', KEYS[1])
if log then
  for at, count in string.gmatch(log, '(%d+):(%d+)') do
    local time = tonumber(at)
    if time > now - window then
      kept[#kept + 1] = at .. ':' .. count
      used = used + tonumber(count)
      oldest = oldest or time
      newest, newest_count = time, tonumber(count)
    end
  end
end
if used >= limit then
  return {0, 0, math.floor(oldest + window - now)}
end
local entry = math.max(math.ceil(now / step) * step, newest)
if entry == newest then
  kept[#kept] = string.format('%.0f:%d', entry, newest_count + 1)
else
  kept[#kept + 1] = string.format('%.0f:1', entry)
end
oldest = oldest or entry
redis.call('SET', KEYS[1], table.concat(kept, ' '), 'PX', string.format('%.0f', entry + window - now))
return {1, math.floor(limit - used - 1), math.floor(oldest + window - now)}
`.trim();

const SCRIPT_SHA1 = createHash('sha1').update(SCRIPT).digest('hex');

/** The type of `Ratelimit`'s `limiter`, which the package does not export. */
type Algorithm = ReturnType<typeof Ratelimit.slidingWindow>;

/**
 * Returns the window as a `limiter` of the library. It sends its script by `redis` and not by the library's client,
 * whose type is Upstash's.
 *
 * @param clock epoch milliseconds, for tests; by default the store's own clock decides, so that replicas whose
 *   clocks differ still share one window
 */
export function slidingWindowLog(redis: LimiterRedis, policy: Policy, clock?: () => number): Algorithm {
  const windowMs = policy.windowSeconds * 1000;
  const unsupported = () => Promise.reject(new Error('not supported by the sliding window log'));
  return () => ({
    limit: async (_, key) => {
      const args = [policy.limit, windowMs, stepMs(policy), clock?.() ?? ''].map(String);
      const [allowed, remaining, waitMs] = parseReply(await evaluate(redis, key, args));
      return {
        success: allowed === 1,
        limit: policy.limit,
        remaining,
        reset: (clock?.() ?? Date.now()) + waitMs,
        pending: Promise.resolve(),
      };
    },
    getRemaining: unsupported,
    resetTokens: unsupported,
  });
}

async function evaluate(redis: LimiterRedis, key: string, args: string[]): Promise<unknown> {
  try {
    return await redis.evalsha(SCRIPT_SHA1, [key], args);
  } catch (error) {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return redis.eval(SCRIPT, [key], args);
  }
}

/** Reads the script's reply. Any other reply is a fault, not a permission. */
function parseReply(reply: unknown): [allowed: number, remaining: number, waitMs: number] {
  const [allowed, remaining, waitMs] = Array.isArray(reply) ? reply.map(Number) : [];
  if ((allowed === 0 || allowed === 1) && Number.isFinite(remaining) && Number.isFinite(waitMs)) {
    return [allowed, Number(remaining), Number(waitMs)];
  }
  throw new TypeError('the rate-limit store sent a reply that the script cannot send');
}

export interface Reservation {
  allowed: boolean;
  remaining: number;
  /** Milliseconds until the next slot becomes free. */
  waitMs: number;
  /** Releases an allowed slot, as if it had never been taken. */
  release(): void;
}

interface Entry {
  at: number;
  count: number;
}

/**
 * Counts the requests that this process has let through.
 *
 * Memory is bounded: beyond `maxKeys` clients the log forgets the client that was seen longest ago. Only a client with
 * that many addresses gains by it, and only during an outage of the store.
 */
export class InProcessLog {
  readonly #logs = new Map<string, Entry[]>();

  constructor(
    private readonly now: () => number,
    private readonly maxKeys = 20_000,
  ) {}

  reserve(policy: Policy, key: string): Reservation {
    const now = this.now();
    const windowMs = policy.windowSeconds * 1000;
    const log = (this.#logs.get(key) ?? []).filter(({ at }) => at > now - windowMs);
    const used = log.reduce((sum, { count }) => sum + count, 0);
    if (used >= policy.limit) {
      this.#touch(key, log);
      return { allowed: false, remaining: 0, waitMs: waitFor(log, windowMs, now), release: () => {} };
    }
    const step = stepMs(policy);
    const newest = log.at(-1);
    const at = Math.max(Math.ceil(now / step) * step, newest?.at ?? 0);
    const entry = newest?.at === at ? newest : { at, count: 0 };
    entry.count += 1;
    if (entry !== newest) log.push(entry);
    this.#touch(key, log);
    return {
      allowed: true,
      remaining: policy.limit - used - 1,
      waitMs: waitFor(log, windowMs, now),
      release: () => {
        entry.count -= 1;
      },
    };
  }

  get size(): number {
    return this.#logs.size;
  }

  #touch(key: string, log: Entry[]): void {
    this.#logs.delete(key);
    this.#logs.set(
      key,
      log.filter(({ count }) => count > 0),
    );
    if (this.#logs.size <= this.maxKeys) return;
    const [oldestKey] = this.#logs.keys();
    if (oldestKey !== undefined) this.#logs.delete(oldestKey);
  }
}

function waitFor(log: Entry[], windowMs: number, now: number): number {
  const oldest = log.find(({ count }) => count > 0);
  return oldest === undefined ? 0 : oldest.at + windowMs - now;
}
