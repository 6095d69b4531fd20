/**
 * An exact sliding window for `@upstash/ratelimit`: see docs/decisions/0001-exact-sliding-window-log.md.
 *
 * The log of one key is the string `<ms>:<count> <ms>:<count> …`, oldest first, of what was allowed within the
 * window; a refused request is not written, so it does not prolong anybody's wait.
 */
import { createHash } from 'node:crypto';
import type { Ratelimit } from '@upstash/ratelimit';
import { grainMs } from './grain';
import type { Policy } from './policies';

/**
 * `1000.0` and `%.0f`, because some interpreters have 32-bit integers.
 *
 * Only GET, SET and TIME, so that it runs on Upstash, Redis ≥ 6.2, Valkey and an in-memory stand-in alike.
 */
const SCRIPT = `
local limit, window, grain = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
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
local entry = math.max(math.ceil(now / grain) * grain, newest)
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

/** What `Ratelimit` accepts as `limiter`; the package does not export the type. */
type Algorithm = ReturnType<typeof Ratelimit.slidingWindow>;

/**
 * @param clock epoch milliseconds, for tests; by default the store's own clock decides, so that replicas whose
 *   clocks differ still share one window.
 */
export function slidingWindowLog(policy: Policy, clock?: () => number): Algorithm {
  const windowMs = policy.windowSeconds * 1000;
  return () => ({
    limit: async (ctx, key) => {
      const args = [policy.limit, windowMs, grainMs(policy), clock?.() ?? ''].map(String);
      const [allowed, remaining, waitMs] = parseReply(await evaluate(ctx.redis, key, args));
      return {
        success: allowed === 1,
        limit: policy.limit,
        remaining,
        reset: (clock?.() ?? Date.now()) + waitMs,
        pending: Promise.resolve(),
      };
    },
    getRemaining: () => Promise.reject(new Error('not supported by the sliding window log')),
    resetTokens: async (ctx, key) => {
      await ctx.redis.del(key);
    },
  });
}

type Redis = Parameters<ReturnType<Algorithm>['limit']>[0]['redis'];

async function evaluate(redis: Redis, key: string, args: string[]): Promise<unknown> {
  try {
    return await redis.evalsha(SCRIPT_SHA1, [key], args);
  } catch (error) {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return redis.eval(SCRIPT, [key], args);
  }
}

/** A store that answers anything else is treated as broken, not as permission. */
function parseReply(reply: unknown): [allowed: number, remaining: number, waitMs: number] {
  const [allowed, remaining, waitMs] = Array.isArray(reply) ? reply.map(Number) : [];
  if ((allowed === 0 || allowed === 1) && Number.isFinite(remaining) && Number.isFinite(waitMs)) {
    return [allowed, Number(remaining), Number(waitMs)];
  }
  throw new TypeError('the rate-limit store gave an answer that the script cannot give');
}
