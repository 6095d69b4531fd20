/**
 * The only reader of `process.env` in `app`, `components` and `lib`. Parsed once; a missing or contradictory variable
 * stops the process with a message that names it and never prints a value.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export type Environment = Record<string, string | undefined>;

/** Thrown by `parseConfig`. The message names variables only. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: string[]) {
    super(`Configuration refused:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' });
const redisUrl = z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' });
const text = z.string();
const secret = z
  .string()
  .refine((value) => Buffer.byteLength(value) >= 32, { error: 'must be at least 32 bytes' });
const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).transform((value) => value === '1');
const integer = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(
      z
        .number()
        .min(least, { error: `must be at least ${least}` })
        .max(most, { error: `must be at most ${most}` }),
    );

/** One row a variable. An empty string counts as unset. */
const variables = z.object({
  NODE_ENV: z.string().default('development'),
  PULSESTREAM_ENV: z
    .enum(['dev', 'demo', 'staging', 'prod'], { error: 'must be dev, demo, staging or prod' })
    .optional(),
  DATABASE_URL: postgresUrl,
  UPSTASH_REDIS_REST_URL: httpUrl.optional(),
  UPSTASH_REDIS_REST_TOKEN: text.optional(),
  REDIS_URL: redisUrl.optional(),
  NEXTAUTH_URL: httpUrl,
  NEXTAUTH_SECRET: secret,
  AUTH_GITHUB_ID: text.optional(),
  AUTH_GITHUB_SECRET: text.optional(),
  AUTH_GOOGLE_ID: text.optional(),
  AUTH_GOOGLE_SECRET: text.optional(),
  AUTH_OIDC_ISSUER: httpUrl.optional(),
  AUTH_OIDC_ID: text.optional(),
  AUTH_OIDC_SECRET: text.optional(),
  AUTH_OIDC_NAME: text.optional(),
  AUTH_DEV_LOGIN: flag.default(false),
  GITHUB_APP_ID: integer(1, Number.MAX_SAFE_INTEGER),
  GITHUB_APP_SLUG: z.string().regex(/^[a-z0-9-]+$/i, { error: 'must be the slug in the App’s URL' }),
  GITHUB_APP_CLIENT_ID: text,
  GITHUB_APP_CLIENT_SECRET: text,
  GITHUB_APP_PRIVATE_KEY: text.optional(),
  GITHUB_APP_PRIVATE_KEY_FILE: text.optional(),
  GITHUB_APP_KMS_KEY_ID: text.optional(),
  GITHUB_WEBHOOK_SECRET: text.optional(),
  GITHUB_WEBHOOK_SECRET_PREVIOUS: text.optional(),
  GITHUB_API_URL: httpUrl.default('https://api.github.com'),
  GITHUB_WEB_URL: httpUrl.default('https://github.com'),
  GITHUB_TIMEOUT_MS: integer(100, 60_000).default(8000),
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
});

type Variables = z.output<typeof variables>;

/** Variables that make sense together only: all of a row, or none. */
const GROUPS = [
  ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'],
  ['AUTH_GITHUB_ID', 'AUTH_GITHUB_SECRET'],
  ['AUTH_GOOGLE_ID', 'AUTH_GOOGLE_SECRET'],
  ['AUTH_OIDC_ISSUER', 'AUTH_OIDC_ID', 'AUTH_OIDC_SECRET'],
] as const satisfies (keyof Variables)[][];

/** Of each row exactly one has to be set. */
const ALTERNATIVES = [
  ['UPSTASH_REDIS_REST_URL', 'REDIS_URL'],
  ['GITHUB_APP_PRIVATE_KEY', 'GITHUB_APP_PRIVATE_KEY_FILE', 'GITHUB_APP_KMS_KEY_ID'],
] as const satisfies (keyof Variables)[][];

function contradictions(v: Variables): string[] {
  const problems: string[] = [];
  const set = (names: readonly (keyof Variables)[]) => names.filter((name) => v[name] !== undefined);

  for (const group of GROUPS) {
    const present = set(group);
    const missing = group.filter((name) => !(present as string[]).includes(name));
    if (present.length > 0 && missing.length > 0)
      problems.push(`${missing.join(', ')}: missing, but ${present.join(', ')} is set`);
  }
  for (const row of ALTERNATIVES) {
    const present = set(row);
    if (present.length === 0) problems.push(`${row.join(' or ')}: missing`);
    if (present.length > 1) problems.push(`${present.join(' and ')}: set only one of them`);
  }
  if (v.PULSESTREAM_ENV === undefined && v.NODE_ENV === 'production')
    problems.push('PULSESTREAM_ENV: required in a production build');
  if (v.AUTH_DEV_LOGIN && v.PULSESTREAM_ENV !== 'dev' && v.PULSESTREAM_ENV !== 'demo')
    problems.push('AUTH_DEV_LOGIN: refused unless PULSESTREAM_ENV is dev or demo');
  if (!v.AUTH_DEV_LOGIN && set(['AUTH_GITHUB_ID', 'AUTH_GOOGLE_ID', 'AUTH_OIDC_ISSUER']).length === 0)
    problems.push(
      'AUTH_GITHUB_ID, AUTH_GOOGLE_ID or AUTH_OIDC_ISSUER: at least one sign-in provider is needed',
    );
  if (v.GITHUB_WEBHOOK_SECRET_PREVIOUS !== undefined && v.GITHUB_WEBHOOK_SECRET === undefined)
    problems.push('GITHUB_WEBHOOK_SECRET: missing, but GITHUB_WEBHOOK_SECRET_PREVIOUS is set');
  if (v.PULSESTREAM_ENV === 'prod' && !isSecureOrigin(v.NEXTAUTH_URL))
    problems.push('NEXTAUTH_URL: must be https in prod');
  return problems;
}

/** A `BEGIN … END` block. Two of them are the old and the new key while the App's key is rotated. */
const PEM_BLOCK = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^-]*-----END \1-----/g;

/**
 * Accepts PKCS#1 or PKCS#8, with real or `\n`-escaped newlines, or base64 of it; more than one key while they are
 * rotated, tried in this order.
 *
 * @returns the keys as PKCS#8 PEM
 * @throws an error without the value
 */
function normalisePrivateKeys(value: string): string[] {
  const unescaped = value.replaceAll('\\n', '\n').trim();
  const text = unescaped.includes('-----BEGIN')
    ? unescaped
    : Buffer.from(unescaped, 'base64').toString('utf8');
  const blocks = text.match(PEM_BLOCK) ?? [];
  // A block that was cut in half must not go unnoticed beside a whole one.
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN').length - 1)
    throw new Error('not whole PEM blocks');
  return blocks.map((pem) => {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'rsa') throw new Error('not an RSA key');
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  });
}

/** How the App JWT is signed. @returns the signer, or what is wrong with it */
function readSigner(v: Variables) {
  if (v.GITHUB_APP_KMS_KEY_ID !== undefined) {
    const keyIds = v.GITHUB_APP_KMS_KEY_ID.split(',').map((id) => id.trim());
    if (keyIds.includes('')) return { problem: 'GITHUB_APP_KMS_KEY_ID: holds an empty id' };
    return { signer: { kind: 'kms' as const, keyIds } };
  }
  const name =
    v.GITHUB_APP_PRIVATE_KEY_FILE === undefined ? 'GITHUB_APP_PRIVATE_KEY' : 'GITHUB_APP_PRIVATE_KEY_FILE';
  try {
    const value =
      v.GITHUB_APP_PRIVATE_KEY ??
      (v.GITHUB_APP_PRIVATE_KEY_FILE && readFileSync(v.GITHUB_APP_PRIVATE_KEY_FILE, 'utf8'));
    return value === undefined
      ? {}
      : { signer: { kind: 'pem' as const, privateKeys: normalisePrivateKeys(value) } };
  } catch {
    return { problem: `${name}: not a readable RSA private key in PEM` };
  }
}

type Signer = NonNullable<ReturnType<typeof readSigner>['signer']>;

export type Config = ReturnType<typeof shape>;

function shape(v: Variables, signer: Signer) {
  const environment = v.PULSESTREAM_ENV ?? 'dev';
  return {
    environment,
    isDeployed: environment === 'staging' || environment === 'prod',
    /** Next's dev server, not the environment of that name. */
    isDevelopment: v.NODE_ENV === 'development',
    databaseUrl: v.DATABASE_URL,
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
    trustedProxyHops: v.TRUSTED_PROXY_HOPS,
    rateLimits: { mint_user: v.RATE_LIMIT_USER_PER_MINUTE, mint_internal: v.RATE_LIMIT_INTERNAL_PER_MINUTE },
    reconcileIntervalSeconds: v.RECONCILE_INTERVAL_SECONDS,
    cronSecret: v.CRON_SECRET,
    metricsToken: v.METRICS_TOKEN,
    logLevel: v.LOG_LEVEL,
    otlpEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

/** `localhost` counts, as it does for browsers: a production build can be tried on one machine. */
function isSecureOrigin(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function pair(clientId: string | undefined, clientSecret: string | undefined) {
  return clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret } : undefined;
}

function oidc(v: Variables) {
  const client = pair(v.AUTH_OIDC_ID, v.AUTH_OIDC_SECRET);
  return client && v.AUTH_OIDC_ISSUER !== undefined
    ? { ...client, issuer: v.AUTH_OIDC_ISSUER, name: v.AUTH_OIDC_NAME ?? 'Single sign-on' }
    : undefined;
}

/**
 * @param env variables as in `process.env`
 * @throws {ConfigError} naming every variable that is missing, malformed or contradictory
 */
export function parseConfig(env: Environment): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = variables.safeParse(present);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map((issue) => {
        const name = issue.path.join('.');
        return `${name}: ${name in present ? issue.message : 'missing'}`;
      }),
    );
  const { signer, problem } = readSigner(parsed.data);
  const problems = [...contradictions(parsed.data), ...(problem === undefined ? [] : [problem])];
  if (problems.length > 0 || signer === undefined) throw new ConfigError(problems);
  return shape(parsed.data, signer);
}

let cached: Config | undefined;

/** The configuration of this process. @throws {ConfigError} at the first call, if it is refused */
export function getConfig(): Config {
  cached ??= parseConfig(process.env);
  return cached;
}
