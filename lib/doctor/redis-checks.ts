import { getConfig } from '../config';
import { getRedis, StoreRefused } from '../rate-limit/store';
import { type Check, fail, ok } from './check';

/** Checks the store of the rate limits, by a script that writes. */
export const REDIS_CHECKS: readonly Check[] = [{ id: 'redis', find: findRedis }];

/** The first attempt also opens the connection, which may take longer than the deadline of one command. */
const ATTEMPTS = 3;

async function findRedis() {
  const { redis } = getConfig();
  const name = redis.kind === 'upstash' ? 'UPSTASH_REDIS_REST_URL' : 'REDIS_URL';
  for (let attempt = 1; ; attempt++) {
    try {
      await getRedis().ping();
      return ok(`The store of ${name} runs the limiter’s script and lets it write.`);
    } catch (error) {
      if (error instanceof StoreRefused)
        return fail(
          `${error.message}.`.replace(/\?\.$/, '?'),
          'Use credentials that may run EVAL, EVALSHA, GET and SET, and a certificate that this machine trusts.',
        );
      if (attempt < ATTEMPTS) continue;
      return fail(
        `The store of ${name} does not answer, so each process counts its limits by itself.`,
        `Check ${name}, its password and the network policy.`,
      );
    }
  }
}
