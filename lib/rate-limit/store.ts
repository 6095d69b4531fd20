/** The two ways to reach the store: Upstash over REST, or any Redis ≥ 6.2 or Valkey over TCP or TLS. */
import { Redis as Upstash } from '@upstash/redis';
import { Redis } from 'ioredis';
import { onePerProcess } from '../async';
import { getConfig } from '../config';

/** The longest that a request waits for the store, connection set-up included. */
export const STORE_DEADLINE_MS = 250;

/** The two commands of a Redis client that the limiter uses. */
export interface LimiterRedis {
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
  eval(script: string, keys: string[], args: string[]): Promise<unknown>;
}

export interface RedisConnection extends LimiterRedis {
  /**
   * Writes by a script, as the limiter does. A user that may only read answers `PING` all the same.
   *
   * @throws {StoreRefused} the credentials may not do that; or the store does not answer in time
   */
  ping(): Promise<void>;
  close(): void;
}

/** @param deadlineMs the time after which a command fails; only tests set another one than the limiter's */
export function connectUpstash(
  { url, token }: { url: string; token: string },
  deadlineMs: number = STORE_DEADLINE_MS,
): RedisConnection {
  const client = new Upstash({
    url,
    token,
    retry: false,
    enableTelemetry: false,
    // A request that nobody waits for must not keep its socket.
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

/** The message names the variable and may be shown to anybody. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}

const PROBE_KEY = 'pulsestream:limit:probe';
const PROBE = "return redis.call('SET', KEYS[1], '1', 'PX', 1000)";

/** Replies of Redis and Upstash to credentials that are wrong, missing or not enough. */
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
    // The limiter's replies need no RESP3, which would cost a HELLO at each connection.
    protocol: 2,
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
    // Not by `send`: a probe of a busy process must not break the connection on which limits are counted.
    ping: () => refusedBy('the user of REDIS_URL may not write by scripts', probe),
    close: () => client.disconnect(),
  };
}

/** `#!lua flags=allow-key-locking`, with which Upstash's own scripts begin, is unknown to Redis and Valkey. */
function withoutShebang(script: string): string {
  return script.replace(/^#!lua[^\n]*\n/, '');
}

/** Node's codes for a TLS certificate that it does not accept, and the fault of that certificate. */
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

/** Returns the fault of a certificate, to follow "the certificate …"; `undefined` if the error is another one. */
function untrustedCertificate(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
}

/** Returns the process's connection to Redis, in the configured way. */
export const getRedis = onePerProcess('redis', (): RedisConnection => {
  const { redis } = getConfig();
  return redis.kind === 'upstash' ? connectUpstash(redis) : connectRedis(redis.url);
});
