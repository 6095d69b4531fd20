/**
 * The only file in `app`, `components` and `lib` that may read `process.env`. The configuration is parsed once. If a
 * variable is missing or contradictory, the process stops with a message that names the variable but never shows a
 * value.
 */
import { readFileSync } from 'node:fs';
import { faultOf, trimValue } from './config/clean-value';
import { contradictions } from './config/contradictions';
import { KeyRefused, readPrivateKeys } from './config/private-key';
import { type Variables, variables } from './config/variables';

export type Environment = Record<string, string | undefined>;

/** Thrown if the configuration is invalid. The message names the variables but never shows a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: string[]) {
    super(`Configuration refused:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Reads the signer of the App's JWTs: keys in AWS KMS, or PEM private keys.
 *
 * @returns the signer, or the problem with its variables; neither if no key is configured
 */
function readSigner(v: Variables) {
  if (v.GITHUB_APP_KMS_KEY_ID !== undefined) {
    const keyIds = v.GITHUB_APP_KMS_KEY_ID.split(',').map((id) => id.trim());
    if (keyIds.includes('')) return { problem: 'GITHUB_APP_KMS_KEY_ID: holds an empty id' };
    return { signer: { kind: 'kms' as const, keyIds } };
  }
  const name =
    v.GITHUB_APP_PRIVATE_KEY === undefined ? 'GITHUB_APP_PRIVATE_KEY_FILE' : 'GITHUB_APP_PRIVATE_KEY';
  try {
    const value =
      v.GITHUB_APP_PRIVATE_KEY ??
      (v.GITHUB_APP_PRIVATE_KEY_FILE && readFileSync(v.GITHUB_APP_PRIVATE_KEY_FILE));
    return value === undefined
      ? {}
      : { signer: { kind: 'pem' as const, privateKeys: readPrivateKeys(value) } };
  } catch (error) {
    if (error instanceof KeyRefused) return { problem: `${name}: ${error.message}` };
    return { problem: `${name}: the file cannot be read` };
  }
}

type Signer = NonNullable<ReturnType<typeof readSigner>['signer']>;

export type Config = ReturnType<typeof shape>;

function shape(v: Variables, signer: Signer) {
  const environment = v.PULSESTREAM_ENV ?? 'dev';
  return {
    environment,
    isDeployed: environment === 'staging' || environment === 'prod',
    /** True in Next's dev server, which is not the same as the environment `dev`. */
    isDevelopment: v.NODE_ENV === 'development',
    databaseUrl: v.DATABASE_URL,
    preparesStatements: v.DATABASE_PREPARED_STATEMENTS,
    redis:
      v.UPSTASH_REDIS_REST_URL !== undefined && v.UPSTASH_REDIS_REST_TOKEN !== undefined
        ? ({ kind: 'upstash', url: v.UPSTASH_REDIS_REST_URL, token: v.UPSTASH_REDIS_REST_TOKEN } as const)
        : ({ kind: 'redis', url: v.REDIS_URL ?? '' } as const),
    publicUrl: v.NEXTAUTH_URL,
    auth: {
      secret: v.NEXTAUTH_SECRET,
      devLogin: v.AUTH_DEV_LOGIN,
      github: pair(v.AUTH_GITHUB_ID, v.AUTH_GITHUB_SECRET),
      google: pair(v.AUTH_GOOGLE_ID, v.AUTH_GOOGLE_SECRET),
      oidc: oidc(v),
    },
    github: {
      appId: v.GITHUB_APP_ID,
      appSlug: v.GITHUB_APP_SLUG,
      clientId: v.GITHUB_APP_CLIENT_ID,
      clientSecret: v.GITHUB_APP_CLIENT_SECRET,
      signer,
      webhookSecrets: [v.GITHUB_WEBHOOK_SECRET, v.GITHUB_WEBHOOK_SECRET_PREVIOUS].filter(
        (s) => s !== undefined,
      ),
      apiUrl: v.GITHUB_API_URL,
      webUrl: v.GITHUB_WEB_URL,
      timeoutMs: v.GITHUB_TIMEOUT_MS,
    },
    egressAddresses: v.EGRESS_ADDRESSES,
    trustedProxyHops: v.TRUSTED_PROXY_HOPS,
    rateLimits: { mint_user: v.RATE_LIMIT_USER_PER_MINUTE, mint_internal: v.RATE_LIMIT_INTERNAL_PER_MINUTE },
    reconcileIntervalSeconds: v.RECONCILE_INTERVAL_SECONDS,
    /** By table: how many days old rows are kept (`lib/sync/prune.ts`). */
    retentionDays: {
      webhook_deliveries: v.RETENTION_DELIVERIES_DAYS,
      connect_attempts: v.RETENTION_CONNECT_ATTEMPTS_DAYS,
      repositories: v.RETENTION_REPOSITORIES_DAYS,
      invitations: v.RETENTION_INVITATIONS_DAYS,
      api_keys: v.RETENTION_API_KEYS_DAYS,
    },
    /** After how many days `audit:archive` archives audit events. If unset, they are kept in the database forever. */
    auditRetentionDays: v.RETENTION_AUDIT_DAYS,
    cronSecret: v.CRON_SECRET,
    metricsToken: v.METRICS_TOKEN,
    logLevel: v.LOG_LEVEL,
    otlpEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

function pair(clientId: string | undefined, clientSecret: string | undefined) {
  return clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret } : undefined;
}

function oidc(v: Variables) {
  const client = pair(v.AUTH_OIDC_ID, v.AUTH_OIDC_SECRET);
  return client && v.AUTH_OIDC_ISSUER !== undefined
    ? {
        ...client,
        issuer: v.AUTH_OIDC_ISSUER,
        name: v.AUTH_OIDC_NAME ?? 'Single sign-on',
        trustEmail: v.AUTH_OIDC_TRUST_EMAIL,
      }
    : undefined;
}

/** Variables that may contain line breaks. `readPrivateKeys` handles them. */
const MULTILINE: ReadonlySet<string> = new Set(['GITHUB_APP_PRIVATE_KEY']);

/**
 * Trims what hosting panels, editors and shells leave around a value. An empty value counts as unset.
 *
 * @throws {ConfigError} naming each variable whose value contains a character that can't be intentional
 */
function clean(env: Environment): Record<string, string> {
  const values = Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || !Object.hasOwn(variables.shape, name)) return [];
    const trimmed = MULTILINE.has(name) ? value.trim() : trimValue(value);
    return trimmed === '' ? [] : [[name, trimmed] as const];
  });
  const problems = values.flatMap(([name, value]) => {
    const fault = MULTILINE.has(name) ? undefined : faultOf(name, value);
    return fault === undefined ? [] : [`${name}: ${fault}`];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(values);
}

/**
 * Parses the configuration.
 *
 * @param env variables as in `process.env`
 * @throws {ConfigError} naming every missing, malformed or contradictory variable
 */
export function parseConfig(env: Environment): Config {
  const present = clean(env);
  const parsed = variables.safeParse(present);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map((issue) => {
        const name = issue.path.join('.');
        return `${name}: ${Object.hasOwn(present, name) ? issue.message : 'missing'}`;
      }),
    );
  const { signer, problem } = readSigner(parsed.data);
  const problems = [...contradictions(parsed.data), ...(problem === undefined ? [] : [problem])];
  if (problems.length > 0 || signer === undefined) throw new ConfigError(problems);
  return shape(parsed.data, signer);
}

const READ_BY_LIBRARIES = [
  'NEXTAUTH_URL',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_KMS',
  'HTTPS_PROXY',
  'NO_PROXY',
] as const;

let cached: Config | undefined;

/**
 * Returns this process's configuration.
 *
 * @throws {ConfigError} on the first call, if the configuration is invalid
 */
export function getConfig(): Config {
  if (cached !== undefined) return cached;
  cached = parseConfig(process.env);
  // Store the trimmed values, because libraries read these variables themselves and do not trim them.
  for (const name of READ_BY_LIBRARIES) {
    const value = process.env[name];
    if (value !== undefined)
      process.env[name] = name === 'NEXTAUTH_URL' ? cached.publicUrl : trimValue(value);
  }
  return cached;
}

/**
 * True in a production build. Reads `NODE_ENV` directly instead of calling {@link getConfig}: when the configuration is
 * invalid, even that must be logged in the right format.
 */
export function isProductionBuild(): boolean {
  return process.env.NODE_ENV === 'production';
}
