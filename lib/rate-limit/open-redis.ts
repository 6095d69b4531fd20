import { Redis } from 'ioredis';

/**
 * Opens a connection to Redis or Valkey. `store.ts` loads this file only for `REDIS_URL`, because a process whose store is
 * Upstash would start later by the 50 files of ioredis. The import of ioredis is static: in the bundles of the operator's
 * commands, a dynamic import of a CommonJS package has no named exports.
 */
export function openRedis(url: string, deadlineMs: number): Redis {
  return new Redis(url, {
    connectTimeout: deadlineMs,
    commandTimeout: deadlineMs,
    // The limiter doesn't need RESP3, which would cost an extra HELLO command per connection.
    protocol: 2,
    // If the connection breaks while a command is in flight, let the command fail. Resending it could count a request
    // twice.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  });
}
