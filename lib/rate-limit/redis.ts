/** The two ways to reach the store: Upstash over REST, or any Redis ≥ 6.2 or Valkey over TCP or TLS. */
import { Redis as Upstash } from '@upstash/redis';
import { Redis } from 'ioredis';
import { type LimiterRedis, STORE_DEADLINE_MS } from './limiter';
import { untrustedCertificate } from './untrusted-certificate';

export interface RedisConnection extends LimiterRedis {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  /**
   * Does what the limiter does: writes by a script. A user that may only read answers `PING` all the same.
   *
   * @throws {StoreRefused} the credentials may not do that; or the store does not answer in time
   */
  ping(): Promise<void>;
  close(): void;
}

/** @param deadlineMs after which a command fails; beyond what the limiter waits it has no use but in tests */
export function connectUpstash(
  { url, token }: { url: string; token: string },
  deadlineMs: number = STORE_DEADLINE_MS,
): RedisConnection {
  const client = new Upstash({
    url,
    token,
    retry: false,
    enableTelemetry: false,
    // A request that nobody waits for any more must not keep its socket.
    signal: () => AbortSignal.timeout(deadlineMs),
  });
  return {
    evalsha: (sha1, keys, args) => client.evalsha(sha1, keys, args),
    eval: (script, keys, args) => client.eval(script, keys, args),
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    ping: () =>
      refusedBy('UPSTASH_REDIS_REST_TOKEN may not write: is it the read-only token?', () =>
        client.eval(PROBE, [PROBE_KEY], []),
      ),
    close: () => {},
  };
}

/** The message names the variable and may be shown to anybody. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}

const PROBE_KEY = 'pulsestream:limit:probe';
const PROBE = "return redis.call('SET', KEYS[1], '1', 'PX', 1000)";

/** What Redis and Upstash answer to credentials that are wrong, missing or not enough. */
const REFUSED = /NOPERM|no permissions|can't run this|NOAUTH|WRONGPASS|Unauthorized|read.?only/i;

async function refusedBy(message: string, probe: () => Promise<unknown>): Promise<void> {
  try {
    await probe();
  } catch (error) {
    if (REFUSED.test(String(error))) throw new StoreRefused(message, { cause: error });
    throw error;
  }
}

/** A connection on which this many commands in a row timed out is replaced: its other end may be gone. */
const TIMEOUTS_BEFORE_RECONNECT = 3;

/** @param url `redis://` or `rediss://` */
export function connectRedis(url: string, deadlineMs: number = STORE_DEADLINE_MS): RedisConnection {
  const client = new Redis(url, {
    connectTimeout: deadlineMs,
    commandTimeout: deadlineMs,
    // A command that was in flight when the connection broke fails instead of being counted twice.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  });
  // Without a listener ioredis prints every failed attempt. A command's own error does not name the cause.
  let connectionError: unknown;
  client.on('error', (error) => {
    connectionError = error;
  });
  client.on('ready', () => {
    connectionError = undefined;
  });
  const probe = async () => {
    try {
      await client.eval(PROBE, 1, PROBE_KEY);
    } catch (error) {
      const reason = untrustedCertificate(connectionError);
      if (reason === undefined) throw error;
      throw new StoreRefused(`the certificate of REDIS_URL ${reason}`, { cause: connectionError });
    }
  };
  let timeouts = 0;
  const send = async <T>(command: Promise<T>): Promise<T> => {
    try {
      const reply = await command;
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
    evalsha: (sha1, keys, args) => send(client.evalsha(sha1, keys.length, ...keys, ...args)),
    eval: (script, keys, args) => send(client.eval(withoutShebang(script), keys.length, ...keys, ...args)),
    get: (key) => send(client.get(key)),
    set: (key, value) => send(client.set(key, value)),
    // Not by `send`: a probe of a busy process must not break the connection on which limits are counted.
    ping: () => refusedBy('the user of REDIS_URL may not write by scripts', probe),
    close: () => client.disconnect(),
  };
}

/** `#!lua flags=allow-key-locking`, with which Upstash's own scripts begin, is unknown to Redis and Valkey. */
function withoutShebang(script: string): string {
  return script.replace(/^#!lua[^\n]*\n/, '');
}
