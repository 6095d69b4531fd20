import type { components } from '@octokit/openapi-types';
import type { MiddlewareHandler } from 'hono';
import type { HttpEnv } from '../http-env';
import { hashToken } from '../tokens';
import type { World } from '../world';
import { ApiError } from './errors';

type RateLimit = components['schemas']['rate-limit'];

const WINDOW_SECONDS = 3_600;

/**
 * Counts requests per credential and hour.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
class Counter {
  readonly #windows = new Map<string, { used: number; reset: number }>();

  window(key: string, now: number): { used: number; reset: number } {
    const known = this.#windows.get(key);
    if (known && known.reset > now) return known;
    const fresh = { used: 0, reset: now + WINDOW_SECONDS };
    this.#windows.set(key, fresh);
    if (this.#windows.size > 10_000) this.#windows.delete([...this.#windows.keys()][0] ?? '');
    return fresh;
  }
}

/** Adds the rate-limit headers. Rejects requests beyond the limit only if a knob enforces it or sets `remaining`. */
export function rateLimit(world: World): {
  middleware: MiddlewareHandler<HttpEnv>;
  current: (authorization: string) => RateLimit;
} {
  const counter = new Counter();

  function current(authorization: string): RateLimit {
    const { limit, remaining } = world.knobs.current.rateLimit;
    const { used, reset } = counter.window(hashToken(authorization), world.clock.seconds());
    const left = remaining ?? Math.max(0, limit - used);
    return { limit, remaining: left, used: limit - left, reset };
  }

  const middleware: MiddlewareHandler<HttpEnv> = async (c, next) => {
    const authorization = c.req.header('authorization') ?? '';
    const { enforce, remaining } = world.knobs.current.rateLimit;
    const before = current(authorization);
    const free = c.req.path.endsWith('/rate_limit');
    if (!free && before.remaining <= 0 && (enforce || remaining !== null)) {
      c.res = new ApiError(403, 'API rate limit exceeded for installation.').toResponse();
    } else {
      if (!free) counter.window(hashToken(authorization), world.clock.seconds()).used += 1;
      if (!free && remaining !== null) world.knobs.set({ rateLimit: { remaining: remaining - 1 } });
      await next();
    }
    const after = current(authorization);
    c.header('X-RateLimit-Limit', String(after.limit));
    c.header('X-RateLimit-Remaining', String(after.remaining));
    c.header('X-RateLimit-Used', String(after.used));
    c.header('X-RateLimit-Reset', String(after.reset));
    c.header('X-RateLimit-Resource', 'core');
  };
  return { middleware, current };
}
