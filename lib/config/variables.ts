import { z } from 'zod';
import {
  addresses,
  appId,
  clientId,
  encryptionSecret,
  flag,
  httpUrl,
  integer,
  issuerUrl,
  originUrl,
  postgresUrl,
  redisUrl,
  text,
} from './kinds';

/** One row a variable. An empty string counts as unset. */
export const variables = z.object({
  NODE_ENV: z.string().default('development'),
  PULSESTREAM_ENV: z
    .enum(['dev', 'demo', 'staging', 'prod'], { error: 'must be dev, demo, staging or prod' })
    .optional(),
  DATABASE_URL: postgresUrl,
  UPSTASH_REDIS_REST_URL: httpUrl.optional(),
  UPSTASH_REDIS_REST_TOKEN: text.optional(),
  REDIS_URL: redisUrl.optional(),
  NEXTAUTH_URL: originUrl,
  NEXTAUTH_SECRET: encryptionSecret,
  AUTH_GITHUB_ID: text.optional(),
  AUTH_GITHUB_SECRET: text.optional(),
  AUTH_GOOGLE_ID: text.optional(),
  AUTH_GOOGLE_SECRET: text.optional(),
  AUTH_OIDC_ISSUER: issuerUrl.optional(),
  AUTH_OIDC_ID: text.optional(),
  AUTH_OIDC_SECRET: text.optional(),
  AUTH_OIDC_NAME: text.optional(),
  AUTH_OIDC_TRUST_EMAIL: flag.default(false),
  AUTH_DEV_LOGIN: flag.default(false),
  GITHUB_APP_ID: appId,
  GITHUB_APP_SLUG: z.string().regex(/^[a-z0-9-]+$/i, { error: 'must be the slug in the App’s URL' }),
  GITHUB_APP_CLIENT_ID: clientId,
  GITHUB_APP_CLIENT_SECRET: text,
  GITHUB_APP_PRIVATE_KEY: text.optional(),
  GITHUB_APP_PRIVATE_KEY_FILE: text.optional(),
  GITHUB_APP_KMS_KEY_ID: text.optional(),
  GITHUB_WEBHOOK_SECRET: text.optional(),
  GITHUB_WEBHOOK_SECRET_PREVIOUS: text.optional(),
  GITHUB_API_URL: httpUrl.default('https://api.github.com'),
  GITHUB_WEB_URL: httpUrl.default('https://github.com'),
  GITHUB_TIMEOUT_MS: integer(100, 60_000).default(8000),
  EGRESS_ADDRESSES: addresses.default([]),
  TRUSTED_PROXY_HOPS: integer(0, 10).default(0),
  RATE_LIMIT_USER_PER_MINUTE: integer(1, 1_000_000).default(20),
  RATE_LIMIT_INTERNAL_PER_MINUTE: integer(1, 1_000_000).default(30),
  RECONCILE_INTERVAL_SECONDS: integer(0, 86_400).default(300),
  CRON_SECRET: text.optional(),
  METRICS_TOKEN: text.optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { error: 'must be a log level' })
    .default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  // Read by Next and by AWS's SDK. Refused here if they cannot be right.
  PORT: integer(0, 65_535).optional(),
  AWS_ENDPOINT_URL: httpUrl.optional(),
  AWS_ENDPOINT_URL_KMS: httpUrl.optional(),
});

export type Variables = z.output<typeof variables>;

/** The name of every variable that is read here. */
export const VARIABLES: readonly string[] = Object.keys(variables.shape);
