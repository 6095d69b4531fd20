import { Ratelimit } from '@upstash/ratelimit';
import type { Redis } from '@upstash/redis';
import { Circuit, onePerProcess, withDeadline } from '../async';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import {
  type AddressPolicyName,
  type Policy,
  type PolicyName,
  policiesWith,
  type UserPolicyName,
  type WorkspacePolicyName,
} from './policies';
import { getRedis, type LimiterRedis, STORE_DEADLINE_MS } from './store';
import { InProcessLog, type Reservation, slidingWindowLog } from './window';

/** After a failure no request waits for the store for this long; then one a second asks the store in passing. */
const COOLDOWN_MS = 1_000;

export interface LimitDecision {
  allowed: boolean;
  limit: number;
  /** How many more would be allowed right now. */
  remaining: number;
  windowSeconds: number;
  /** Milliseconds until the next slot becomes free. */
  resetMs: number;
  /** Whole seconds for a refused request to wait, rounded up, and at least 1. */
  retryAfterSeconds: number;
  /** Decided without the store, which was dead, hanging or slow. */
  degraded: boolean;
}

interface LimiterOptions<Name extends string> {
  redis: LimiterRedis;
  policies: Record<Name, Policy>;
  /** Called once when the store stops answering and once when it is back, for a log line and a metric. */
  onDegraded?: (change: { degraded: boolean; error?: unknown }) => void;
  /**
   * Milliseconds; given by tests. Without it the store's own clock decides in the store, and a clock that only runs
   * forward in this process: setting the system's clock neither ends nor prolongs a window.
   */
  now?: () => number;
  /** The longest wait for the store, in milliseconds; {@link STORE_DEADLINE_MS} unless a test is after something else. */
  deadlineMs?: number;
  /** Prefix of the keys in the store. */
  prefix?: string;
}

export interface Limiter<Name extends string> {
  /** Counts one request of the client `key` and says whether it may pass. Never throws, never waits for more than {@link STORE_DEADLINE_MS}. */
  limit(policy: Name, key: string): Promise<LimitDecision>;
}

/**
 * Every request is counted twice: in the store, for all replicas together, and in this process. It passes only
 * when both have room. So an outage of the store gives nobody a second allowance, neither when it begins (this
 * process knows what it has let through) nor when it ends (what was let through meanwhile still counts here),
 * and a flood from one client costs the store nothing once the client is over its limit.
 */
export function createLimiter<Name extends string>(options: LimiterOptions<Name>): Limiter<Name> {
  const local = new InProcessLog(options.now ?? (() => Math.floor(performance.now())));
  // The store's answer tells a time of day.
  const timeOfDay = options.now ?? Date.now;
  const circuit = new Circuit(
    { failures: 1, pauseMs: COOLDOWN_MS },
    () => performance.now(),
    (degraded, error) => options.onDegraded?.({ degraded, ...(error === undefined ? {} : { error }) }),
  );
  const stores = new Map<Name, Ratelimit>();
  const storeOf = (name: Name): Ratelimit => {
    const known = stores.get(name);
    if (known) return known;
    const store = new Ratelimit({
      // Its type asks for Upstash's whole client; the algorithm below calls just these two methods.
      redis: options.redis as unknown as Redis,
      limiter: slidingWindowLog(options.policies[name], options.now),
      prefix: `${options.prefix ?? 'pulsestream:limit'}:${name}`,
      ephemeralCache: false,
      // Off, because when it strikes the library lets the request pass. The deadline here does the opposite.
      timeout: 0,
      enableTelemetry: false,
    });
    stores.set(name, store);
    return store;
  };

  return {
    limit: async (name, key) => {
      const policy = options.policies[name];
      const reserved = local.reserve(policy, `${name}:${key}`);
      if (!reserved.allowed) return decision(policy, reserved, false);
      const ask = () =>
        withDeadline(
          storeOf(name).limit(key),
          options.deadlineMs ?? STORE_DEADLINE_MS,
          'the rate-limit store',
        );
      if (circuit.waitMs() > 0) return decision(policy, reserved, true);
      const isProbe = circuit.isOpen();
      circuit.enter();
      // A probe learns whether the store is back; no request waits for a store that has just failed.
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

type Answer = Awaited<ReturnType<Ratelimit['limit']>>;

/** The store's answer, or nothing when it failed; the circuit learns of either. */
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

/** Returns the process's limiter: the requests that it counts by itself during an outage have to be counted once. */
const getLimiter = onePerProcess('limiter', () =>
  createLimiter({
    redis: getRedis(),
    policies: policiesWith(getConfig().rateLimits),
    onDegraded: ({ degraded, error }) => {
      metrics.rateLimitDegraded.set(degraded ? 1 : 0);
      if (degraded)
        log.error({ err: error }, 'rate limits are counted in this process: Redis does not answer');
      else log.info('rate limits are counted in Redis again');
    },
  }),
);

/** A `rate_limited` problem with the headers that every limited answer carries. */
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
 * Counts this request against its client's limit.
 *
 * @param context.network the client's address, or the network of one customer (`lib/http/request.ts`)
 * @returns `RateLimit-Policy` and `RateLimit` for the answer
 * @throws {RateLimited}
 */
export function enforceRateLimit(
  policy: AddressPolicyName,
  { network }: { network: string },
): Promise<Record<string, string>> {
  return enforce(policy, network);
}

/**
 * Counts work that costs much against the workspace or user for whom it is done, from one address or many. For pages
 * and actions; a route states it in its spec, from which it is published.
 *
 * @param id of a workspace or a user
 * @returns headers as {@link enforceRateLimit}
 * @throws {RateLimited}
 */
export function limitWork(
  policy: WorkspacePolicyName | UserPolicyName,
  id: string,
): Promise<Record<string, string>> {
  return enforce(policy, id, 'That was asked for too often in a short time.');
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
 * Returns `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers (structured fields: `q` quota,
 * `w` window in seconds, `r` remaining, `t` seconds until a slot becomes free), and for a refused request
 * `Retry-After` in whole seconds, rounded up (RFC 9110 §10.2.3).
 */
export function rateLimitHeaders(policy: string, decision: LimitDecision): Record<string, string> {
  const { limit, windowSeconds, remaining, resetMs, retryAfterSeconds, allowed } = decision;
  return {
    'RateLimit-Policy': `"${policy}";q=${limit};w=${windowSeconds}`,
    RateLimit: `"${policy}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
    ...(allowed ? {} : { 'Retry-After': String(retryAfterSeconds) }),
  };
}
