import { Ratelimit } from '@upstash/ratelimit';
import type { Redis } from '@upstash/redis';
import { withDeadline } from '../deadline';
import { Circuit } from './circuit';
import { InProcessLog, type Reservation } from './in-process-log';
import type { Policy } from './policies';
import { slidingWindowLog } from './sliding-window-log';

/** The longest that a request waits for the store, connection set-up included. */
export const STORE_DEADLINE_MS = 250;

/** After a failure nobody waits for the store for this long; then one request a second asks it in passing. */
const COOLDOWN_MS = 1_000;

/** What the limiter needs of a Redis client; `lib/rate-limit/redis.ts` makes both kinds. */
export interface LimiterRedis {
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
  eval(script: string, keys: string[], args: string[]): Promise<unknown>;
}

export interface LimitDecision {
  allowed: boolean;
  limit: number;
  /** How many more would be allowed right now. */
  remaining: number;
  windowSeconds: number;
  /** Milliseconds until the next place becomes free. */
  resetMs: number;
  /** Whole seconds, rounded up, and at least 1; what to wait when refused. */
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
    COOLDOWN_MS,
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
      const how = circuit.next();
      if (how === 'probe') void settle(circuit, ask());
      if (how !== 'ask') return decision(policy, reserved, true);
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
