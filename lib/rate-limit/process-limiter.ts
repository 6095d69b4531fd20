import { getConfig } from '../config';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { createLimiter, type Limiter } from './limiter';
import { type PolicyName, policiesWith } from './policies';
import { connectRedis, connectUpstash, type RedisConnection } from './redis';

const shared = globalThis as typeof globalThis & {
  pulsestreamRedis?: RedisConnection;
  pulsestreamLimiter?: Limiter<PolicyName>;
};

/** The process's connection to Redis, by whichever of the two ways is configured. */
export function getRedis(): RedisConnection {
  if (shared.pulsestreamRedis === undefined) {
    const { redis } = getConfig();
    shared.pulsestreamRedis = redis.kind === 'upstash' ? connectUpstash(redis) : connectRedis(redis.url);
  }
  return shared.pulsestreamRedis;
}

/** The process's limiter: what it counts by itself during an outage has to be counted once. */
export function getLimiter(): Limiter<PolicyName> {
  if (shared.pulsestreamLimiter === undefined) {
    shared.pulsestreamLimiter = createLimiter({
      redis: getRedis(),
      policies: policiesWith(getConfig().rateLimits),
      onDegraded: ({ degraded, error }) => {
        metrics.rateLimitDegraded.set(degraded ? 1 : 0);
        if (degraded)
          log.error({ err: error }, 'rate limits are counted in this process: Redis does not answer');
        else log.info('rate limits are counted in Redis again');
      },
    });
  }
  return shared.pulsestreamLimiter;
}
