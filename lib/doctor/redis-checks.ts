import { getConfig } from '../config';
import {
  connectRedis,
  connectUpstash,
  type RedisConnection,
  STORE_DEADLINE_MS,
  StoreRefused,
} from '../rate-limit/store';
import { type Check, fail, type Outcome, ok } from './check';

/** Checks the store of the rate limits, by a script that writes. */
export const REDIS_CHECKS: readonly Check[] = [{ id: 'redis', isCheap: true, find: findRedis }];

/** Far longer than a request waits. A slow store is reported with its time, and only a dead one as dead. */
const DEADLINE_MS = 10_000;

async function findRedis(): Promise<Outcome> {
  const { redis } = getConfig();
  const isUpstash = redis.kind === 'upstash';
  const connection = isUpstash ? connectUpstash(redis, DEADLINE_MS) : connectRedis(redis.url, DEADLINE_MS);
  try {
    return await findStore(connection, isUpstash ? 'UPSTASH_REDIS_REST_URL' : 'REDIS_URL');
  } finally {
    connection.close();
  }
}

/** @param name the variable that holds the store's URL */
export async function findStore(store: RedisConnection, name: string): Promise<Outcome> {
  try {
    // The first command also waits for the connection, so measure the second.
    await store.ping();
    const began = performance.now();
    await store.ping();
    const ms = Math.round(performance.now() - began);
    return ok(
      `The store of ${name} runs a script that writes, in ${ms} ms. Requests wait ${STORE_DEADLINE_MS} ms at most.`,
    );
  } catch (error) {
    if (error instanceof StoreRefused)
      return fail(
        error.message.endsWith('?') ? error.message : `${error.message}.`,
        'Use credentials that may run EVAL, EVALSHA, GET and SET, and a certificate that this machine trusts.',
      );
    return fail(
      `The store of ${name} does not answer, so each process counts its limits by itself.`,
      `Check ${name}, its password and the network policy.`,
    );
  }
}
