/** A complete production environment, for testing the configuration. */
import { generateKeyPairSync } from 'node:crypto';
import { ConfigError, type Environment, parseConfig } from '../config';

export const COMPLETE: Environment = {
  NODE_ENV: 'production',
  PULSESTREAM_ENV: 'prod',
  DATABASE_URL: 'postgresql://app:database-password@db.internal/pulsestream?sslmode=verify-full',
  UPSTASH_REDIS_REST_URL: 'https://redis.internal',
  UPSTASH_REDIS_REST_TOKEN: 'redis-token',
  NEXTAUTH_URL: 'https://pulsestream.test/',
  NEXTAUTH_SECRET: 'a secret of thirty-two bytes or more',
  AUTH_GITHUB_ID: 'id',
  AUTH_GITHUB_SECRET: 'sign-in-secret',
  GITHUB_APP_ID: '123456',
  GITHUB_APP_SLUG: 'pulsestream',
  GITHUB_APP_CLIENT_ID: 'Iv23',
  GITHUB_APP_CLIENT_SECRET: 'client-secret',
  GITHUB_APP_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
};

/** Returns what is wrong with these variables, in the words of the start-up's error. */
export function problemsOf(env: Environment): readonly string[] {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
