import { Circuit, onePerProcess, withDeadline } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import {
  type AddressPolicyName,
  type KeyPolicyName,
  type Policy,
  type PolicyName,
  policiesWith,
  type UserPolicyName,
  type WorkspacePolicyName,
} from './policies';
import { createStoreWindow, getRedis, type LimiterRedis, STORE_DEADLINE_MS, stepMs } from './store';

type StoreWindow = ReturnType<typeof createStoreWindow>;

/**
 * How long the limiter ignores the store after a failure. After that, one request per second probes the store in the
 * background.
 */
const COOLDOWN_MS = 1_000;

export interface LimitDecision {
  allowed: boolean;
  limit: number;
  /** The number of further requests that would be allowed right now. */
  remaining: number;
  windowSeconds: number;
  /** Milliseconds until the next slot becomes free. */
  resetMs: number;
  /** How long a rejected client should wait, in whole seconds: rounded up, at least 1. */
  retryAfterSeconds: number;
  /** True if this process decided on its own, because the store was down, hanging or slow. */
  degraded: boolean;
}

interface LimiterOptions<Name extends string> {
  redis: LimiterRedis;
  policies: Record<Name, Policy>;
  /** Called when the store stops responding and again once it's back, to write a log line and set a metric. */
  onDegraded?: (change: { degraded: boolean; error?: unknown }) => void;
  /**
   * Replaces both clocks in tests; returns the time in milliseconds. Normally, the store uses its own clock and this
   * process a monotonic one, so changing the system clock can't end or prolong a window.
   */
  now?: () => number;
  /** How long to wait for the store; {@link STORE_DEADLINE_MS} by default. */
  deadlineMs?: number;
  /** The prefix of keys in the store. */
  prefix?: string;
}

export interface Limiter<Name extends string> {
  /**
   * Counts one request under the client's `key`. Never throws, and never waits longer than {@link STORE_DEADLINE_MS}.
   */
  limit(policy: Name, key: string): Promise<LimitDecision>;
}

/**
 * Creates a limiter that counts every request twice: in the store, for all replicas together, and in this process. A
 * request is allowed only if neither count has reached the limit.
 *
 * This way, an outage of the store doesn't give anybody a second allowance. When the outage begins, this process
 * already has its own count. When it ends, requests allowed in the meantime still count in this process. A client over
 * its limit in this process causes no calls to the store.
 */
export function createLimiter<Name extends string>(options: LimiterOptions<Name>): Limiter<Name> {
  const local = new InProcessLog(options.now ?? (() => Math.floor(performance.now())));
  // The store replies with a time of day, so don't compare it with the monotonic clock.
  const timeOfDay = options.now ?? Date.now;
  const circuit = new Circuit(
    { failures: 1, pauseMs: COOLDOWN_MS },
    () => performance.now(),
    (degraded, error) => options.onDegraded?.({ degraded, ...(error === undefined ? {} : { error }) }),
  );
  const windows = new Map<Name, StoreWindow>();
  const windowOf = (name: Name): StoreWindow => {
    const known = windows.get(name);
    if (known) return known;
    const prefix = `${options.prefix ?? 'pulsestream:limit'}:${name}`;
    const created = createStoreWindow(options.redis, options.policies[name], prefix, options.now);
    windows.set(name, created);
    return created;
  };

  return {
    limit: async (name, key) => {
      const policy = options.policies[name];
      const reserved = local.reserve(policy, `${name}:${key}`);
      if (!reserved.allowed) return decision(policy, reserved, false);
      const ask = () =>
        withDeadline(
          windowOf(name).limit(key),
          options.deadlineMs ?? STORE_DEADLINE_MS,
          'the rate-limit store',
        );
      if (circuit.waitMs() > 0) return decision(policy, reserved, true);
      const isProbe = circuit.isOpen();
      circuit.enter();
      // Probe in the background: no request should have to wait for a store that has only just failed.
      if (isProbe) {
        void settle(circuit, ask());
        return decision(policy, reserved, true);
      }
      const answer = await settle(circuit, ask());
      if (answer === undefined) return decision(policy, reserved, true);
      if (!answer.success) reserved.release();
      return decision(
        policy,
        {
          allowed: answer.success,
          remaining: Math.min(answer.remaining, reserved.remaining),
          waitMs: answer.reset - timeOfDay(),
        },
        false,
      );
    },
  };
}

type Answer = Awaited<ReturnType<StoreWindow['limit']>>;

/** Returns the store's answer, or `undefined` if the store failed. Reports either outcome to the circuit breaker. */
async function settle(circuit: Circuit, answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    const settled = await answer;
    circuit.succeeded();
    return settled;
  } catch (error) {
    circuit.failed(error);
    return undefined;
  }
}

function decision(
  policy: Policy,
  { allowed, remaining, waitMs }: Pick<Reservation, 'allowed' | 'remaining' | 'waitMs'>,
  degraded: boolean,
): LimitDecision {
  const resetMs = Math.max(0, Math.min(waitMs, policy.windowSeconds * 1000 * 2));
  return {
    allowed,
    limit: policy.limit,
    remaining,
    windowSeconds: policy.windowSeconds,
    resetMs,
    retryAfterSeconds: Math.max(1, Math.ceil(resetMs / 1000)),
    degraded,
  };
}

export interface Reservation {
  allowed: boolean;
  remaining: number;
  /** Milliseconds until the next slot becomes free. */
  waitMs: number;
  /** Releases the reserved slot, as if it had never been taken. */
  release(): void;
}

interface Entry {
  at: number;
  count: number;
}

/**
 * Counts the requests that this process has allowed.
 *
 * Memory is bounded: beyond `maxKeys` clients, the log forgets the client not seen for the longest time. To exploit
 * this and get its count reset, a client would need that many addresses, and an outage of the store.
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

/** Returns this process's only limiter. With two of them, clients could get twice the limit during a store outage. */
const getLimiter = onePerProcess('limiter', () =>
  createLimiter({
    // Look up the connection for each command, because a rotation of the password replaces it.
    redis: {
      evalsha: (sha1, keys, args) => getRedis().evalsha(sha1, keys, args),
      eval: (script, keys, args) => getRedis().eval(script, keys, args),
    },
    policies: policiesWith(getConfig().rateLimits),
    onDegraded: ({ degraded, error }) => {
      metrics.rateLimitDegraded.set(degraded ? 1 : 0);
      if (degraded)
        log.error({ err: error }, 'rate limits are counted in this process: Redis does not answer');
      else log.info('rate limits are counted in Redis again');
    },
  }),
);

/** A `rate_limited` problem with the same headers as every other response that counts against a limit. */
export class RateLimited extends Problem {
  constructor(
    readonly headers: Record<string, string>,
    retryAfterSeconds: number,
    what = 'Too many requests from this address.',
  ) {
    super('rate_limited', `${what} Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
  }
}

/**
 * Counts a request against its client's limit.
 *
 * @param context.network the client's IPv4 address or IPv6 network (`lib/http/request.ts`)
 * @returns the `RateLimit-Policy` and `RateLimit` headers for the response
 * @throws {RateLimited} if the client is over its limit
 */
export function enforceRateLimit(
  policy: AddressPolicyName,
  { network }: { network: string },
): Promise<Record<string, string>> {
  return enforce(policy, network);
}

/**
 * Counts expensive work against a workspace's or user's limit, no matter how many addresses the requests come from.
 * Pages and actions call this function themselves. A route names the limit in its spec instead, so the limit appears in
 * the OpenAPI document.
 *
 * @param id the id of the workspace or user
 * @returns the same headers as {@link enforceRateLimit}
 * @throws {RateLimited} if the workspace or user is over its limit
 */
export function limitWork(
  policy: WorkspacePolicyName | UserPolicyName,
  id: string,
): Promise<Record<string, string>> {
  return enforce(policy, id, 'Too many requests.');
}

/**
 * Counts something that a limit may leave out without a problem for the caller.
 *
 * @param key the API key's id, and whatever else the policy counts by
 * @returns false if the limit is reached
 */
export async function takeSlot(policy: KeyPolicyName, key: string): Promise<boolean> {
  return (await getLimiter().limit(policy, key)).allowed;
}

async function enforce(policy: PolicyName, key: string, what?: string): Promise<Record<string, string>> {
  const result = await getLimiter().limit(policy, key);
  const headers = rateLimitHeaders(policy, result);
  if (!result.allowed) {
    metrics.rateLimited.inc({ policy });
    throw new RateLimited(headers, result.retryAfterSeconds, what);
  }
  return headers;
}

/**
 * Returns `RateLimit-Policy` and `RateLimit` as defined in draft-ietf-httpapi-ratelimit-headers. For a rejected
 * request, adds `Retry-After` (RFC 9110, 10.2.3). The fields are `q` for the quota, `w` for the window in seconds, `r`
 * for the remaining requests, and `t` for the seconds until a slot becomes free.
 */
export function rateLimitHeaders(policy: string, decision: LimitDecision): Record<string, string> {
  const { limit, windowSeconds, remaining, resetMs, retryAfterSeconds, allowed } = decision;
  return {
    'RateLimit-Policy': `"${policy}";q=${limit};w=${windowSeconds}`,
    RateLimit: `"${policy}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
    ...(allowed ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  };
}
