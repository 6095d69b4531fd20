/**
 * Counts requests in the store, for all replicas together, with a sliding window written in Lua. The store is Upstash
 * over REST, or any Redis ≥ 6.2 or Valkey over TCP or TLS.
 */
import { createHash } from 'node:crypto';
import { Ratelimit } from '@upstash/ratelimit';
import { Redis as Upstash } from '@upstash/redis';
import type { Redis } from 'ioredis';
import { onePerProcess } from '../async';
import { type Config, getConfig } from '../config';
import { proxyGlobalFetch } from '../github/connections';
import { inClientSpan, serverOf } from '../observability/tracing';
import type { Policy } from './policies';

/**
 * The longest a request waits for the store, including the time to connect. An outage may add 250 ms to a request, and a
 * timer fires some milliseconds late, so the deadline leaves room.
 */
export const STORE_DEADLINE_MS = 200;

/** The two Redis commands used by the limiter. */
export interface LimiterRedis {
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
  eval(script: string, keys: string[], args: string[]): Promise<unknown>;
}

/**
 * The most entries in a client's log. If a policy's limit is higher, the window is divided into this many steps, and
 * each entry counts the requests in one step.
 */
const MOST_ENTRIES = 200;

/**
 * Returns the step size that times in a log are rounded up to, in milliseconds. If the limit is high, rounding keeps
 * the log short. It may free a slot late, by at most 0.5 % of the window, but never early.
 */
export function stepMs({ limit, windowSeconds }: Policy): number {
  return limit <= MOST_ENTRIES ? 1 : Math.ceil((windowSeconds * 1000) / MOST_ENTRIES);
}

/**
 * Decides whether to allow one request. A client's log is a string, `<ms>:<count> <ms>:<count> …`, oldest first, and
 * contains the requests allowed within the window. Rejected requests aren't logged, so retrying doesn't prolong the
 * wait.
 *
 * The script uses `1000.0` and `%.0f`, because some interpreters have 32-bit integers. It uses only GET, SET and TIME,
 * so it also runs on Upstash, Valkey and in-memory stand-ins.
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

const unused = () => Promise.reject(new Error('the sliding window log sends its script by itself'));

/**
 * A Redis client, which the library requires for its own algorithms. Ours never calls it, because it sends its script
 * through {@link LimiterRedis}.
 */
const NO_CLIENT = { evalsha: unused, get: unused, set: unused };

/**
 * Creates the sliding window for a policy, as a custom algorithm for the library
 * (docs/decisions/0001-exact-sliding-window-log.md).
 *
 * @param prefix the prefix of keys in the store
 * @param clock returns Unix milliseconds, for tests; by default the store's own clock decides, so replicas share one
 *   window despite clock skew
 */
export function createStoreWindow(
  redis: LimiterRedis,
  policy: Policy,
  prefix: string,
  clock?: () => number,
): Ratelimit {
  const windowMs = policy.windowSeconds * 1000;
  return new Ratelimit({
    redis: NO_CLIENT,
    limiter: () => ({
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
      getRemaining: unused,
      resetTokens: unused,
    }),
    prefix,
    ephemeralCache: false,
    // Disable the library's timeout, because it would allow the request. The limiter has a deadline of its own.
    timeout: 0,
    enableTelemetry: false,
  });
}

async function evaluate(redis: LimiterRedis, key: string, args: string[]): Promise<unknown> {
  try {
    return await inClientSpan(describeCommand, () => redis.evalsha(SCRIPT_SHA1, [key], args));
  } catch (error) {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return redis.eval(SCRIPT, [key], args);
  }
}

/** Describes a command for its span. Its key names a client, so it is left out. */
function describeCommand() {
  const { redis } = getConfig();
  return {
    name: 'EVALSHA',
    attributes: { 'db.system.name': 'redis', 'db.operation.name': 'EVALSHA', ...serverOf(redis.url) },
  };
}

/**
 * Parses the script's reply.
 *
 * @throws on an unexpected reply, so that it can't be mistaken for permission
 */
function parseReply(reply: unknown): [allowed: number, remaining: number, waitMs: number] {
  const [allowed, remaining, waitMs] = Array.isArray(reply) ? reply.map(Number) : [];
  if ((allowed === 0 || allowed === 1) && Number.isFinite(remaining) && Number.isFinite(waitMs)) {
    return [allowed, Number(remaining), Number(waitMs)];
  }
  throw new TypeError('the rate-limit store sent a reply that the script cannot send');
}

export interface RedisConnection extends LimiterRedis {
  /**
   * Checks that the limiter can work, by writing through a script as the limiter does. A `PING` wouldn't prove this,
   * because it succeeds even for a read-only user.
   *
   * @throws {StoreRefused} if the credentials don't allow the write or the TLS certificate isn't trusted; another error
   *   if the store doesn't respond in time
   */
  ping(): Promise<void>;
  close(): void;
}

/** Longer than a command may take: the first tunnel then serves later commands instead of being opened again and again. */
const PROXY_DEADLINE_MS = 5000;

/**
 * Connects to Upstash over REST.
 *
 * @param deadlineMs how long a command may take; only tests change it
 */
export function connectUpstash(
  { url, token }: { url: string; token: string },
  deadlineMs: number = STORE_DEADLINE_MS,
): RedisConnection {
  proxyGlobalFetch(PROXY_DEADLINE_MS);
  const client = new Upstash({
    url,
    token,
    retry: false,
    enableTelemetry: false,
    // Abort the request when the limiter stops waiting for it, so it doesn't keep a socket busy.
    signal: () => AbortSignal.timeout(deadlineMs),
  });
  return {
    evalsha: (sha1, keys, args) => client.evalsha(sha1, keys, args),
    eval: (script, keys, args) => client.eval(script, keys, args),
    ping: () =>
      refusedBy('UPSTASH_REDIS_REST_TOKEN may not write: is it the read-only token?', () =>
        client.eval(PROBE, [PROBE_KEY], []),
      ),
    close: () => {},
  };
}

/**
 * Thrown if the store rejects our credentials, or if its TLS certificate isn't trusted. The message contains only the
 * variable's name, so it's safe to show to anybody.
 */
export class StoreRefused extends Error {
  /** Makes `instanceof` compare names, because Next loads this module several times, and one copy connects for all. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'StoreRefused';
  }

  override readonly name = 'StoreRefused';
}

const PROBE_KEY = 'pulsestream:limit:probe';
const PROBE = "return redis.call('SET', KEYS[1], '1', 'PX', 1000)";

/** Matches the errors that Redis and Upstash return for wrong, missing or insufficient credentials. */
const REFUSED = /NOPERM|no permissions|can't run this|NOAUTH|WRONGPASS|Unauthorized|read.?only/i;

async function refusedBy(message: string, probe: () => Promise<unknown>): Promise<void> {
  try {
    await probe();
  } catch (error) {
    if (REFUSED.test(String(error))) throw new StoreRefused(message, { cause: error });
    throw error;
  }
}

/**
 * After this many consecutive timeouts, we reconnect, because the other end may be gone without having closed the
 * connection.
 */
const TIMEOUTS_BEFORE_RECONNECT = 3;

/**
 * Connects to Redis or Valkey over TCP or TLS.
 *
 * @param url `redis://` or `rediss://`
 */
export function connectRedis(url: string, deadlineMs: number = STORE_DEADLINE_MS): RedisConnection {
  // Without a listener, ioredis would print every failed attempt. Remember the error, because a failed command's own
  // error doesn't include the cause.
  let connectionError: unknown;
  const connecting = import('./open-redis').then(({ openRedis }) => {
    const client = openRedis(url, deadlineMs);
    client.on('error', (error) => {
      connectionError = error;
    });
    client.on('ready', () => {
      connectionError = undefined;
    });
    return client;
  });
  // Each command reports that the client could not be loaded.
  connecting.catch(() => {});
  const probe = async () => {
    try {
      await (await connecting).eval(PROBE, 1, PROBE_KEY);
    } catch (error) {
      const reason = untrustedCertificate(connectionError);
      if (reason === undefined) throw error;
      throw new StoreRefused(`the certificate of REDIS_URL ${reason}`, { cause: connectionError });
    }
  };
  let timeouts = 0;
  const send = async (command: (client: Redis) => Promise<unknown>): Promise<unknown> => {
    const client = await connecting;
    try {
      const reply = await command(client);
      timeouts = 0;
      return reply;
    } catch (error) {
      timeouts = String(error).includes('timed out') ? timeouts + 1 : 0;
      if (timeouts >= TIMEOUTS_BEFORE_RECONNECT) {
        timeouts = 0;
        client.disconnect(true);
      }
      throw error;
    }
  };
  return {
    evalsha: (sha1, keys, args) => send((client) => client.evalsha(sha1, keys.length, ...keys, ...args)),
    eval: (script, keys, args) =>
      send((client) => client.eval(withoutShebang(script), keys.length, ...keys, ...args)),
    // Call `probe` without `send`: a probe that times out must not close the connection that limits are counted on.
    ping: () => refusedBy('the user of REDIS_URL may not write by scripts', probe),
    close: () =>
      void connecting.then(
        (client) => client.disconnect(),
        () => {},
      ),
  };
}

/** Removes `#!lua flags=allow-key-locking` from the start of the library's own scripts. Only Upstash supports it. */
function withoutShebang(script: string): string {
  return script.replace(/^#!lua[^\n]*\n/, '');
}

/** Node's error codes for a rejected TLS certificate, each with what to tell the operator. */
const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with it',
  SELF_SIGNED_CERT_IN_CHAIN: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with its CA',
  UNABLE_TO_GET_ISSUER_CERT: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with its CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with its CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is not trusted: NODE_EXTRA_CA_CERTS has to name a file with its CA',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet: is the clock right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name than the one in the URL',
};

/**
 * Returns the rest of the sentence "the certificate of REDIS_URL …", or `undefined` if the error isn't about a
 * certificate.
 */
function untrustedCertificate(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
}

/** Returns the process's connection to the configured store. */
export const getRedis = onePerProcess('redis', () => connectStore(getConfig().redis));

/** @param deadlineMs for each command; by default as long as a request may wait */
export function connectStore(redis: Config['redis'], deadlineMs?: number): RedisConnection {
  return redis.kind === 'upstash' ? connectUpstash(redis, deadlineMs) : connectRedis(redis.url, deadlineMs);
}
