/** Defines the environment variables and the format of their values. No error message ever contains a value. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { isCaBundle } from './ca-bundle';
import { evidenceRetiredKeys, evidenceSigningKey } from './evidence-keys';
import { workloadAudience, workloadIssuers } from './workload';

/**
 * A URL without credentials, query or fragment. Parsing lower-cases the scheme and host, so a check for `http:` also
 * catches `HTTP:`. Parsing also drops a default port and trailing slashes.
 */
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL', abort: true })
  .refine((url) => new URL(url).username === '' && new URL(url).password === '', {
    error: 'must not contain a user name or a password',
  })
  .refine((url) => !/[?#]/.test(url), { error: 'must have no query and no fragment' })
  .transform((url) => new URL(url).href.replace(/\/+$/, ''));

/** A URL with nothing after the host and port. */
const originUrl = httpUrl
  .refine((url) => new URL(url).pathname === '/', {
    error: 'must have no path: the app serves the whole origin',
  })
  .transform((url) => new URL(url).origin);

/** Removes the discovery path, which people often copy along with the issuer's URL. */
const issuerUrl = httpUrl.transform((url) => url.replace(/\/+\.well-known\/openid-configuration$/, ''));

/** Lower-cases the scheme. Clients compare it case-sensitively, and would connect to a `REDISS:` URL without TLS. */
const lowerScheme = (url: string) => url.replace(/^[a-z]+/i, (scheme) => scheme.toLowerCase());

/** The valid SSL modes. We reject any other value, because the client would treat a typo as no TLS. */
const SSL_MODES: ReadonlySet<string> = new Set([
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
  'no-verify',
]);

const parametersOf = (url: string, name: string) => new URL(url).searchParams.getAll(name);

function isReadable(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

export const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL', abort: true })
  // The parser would take a `#` in a password as the start of a fragment, and drop everything after it, including the
  // host.
  .refine((url) => !url.includes('#'), { error: 'must have no #; a password has it as %23' })
  .refine((url) => parametersOf(url, 'sslmode').every((mode) => SSL_MODES.has(mode)), {
    error: `has an unknown sslmode; it is one of ${[...SSL_MODES].join(', ')}`,
  })
  .refine(
    (url) =>
      ['sslrootcert', 'sslcert', 'sslkey'].flatMap((name) => parametersOf(url, name)).every(isReadable),
    { error: 'names a file of a certificate or key that cannot be read' },
  )
  .transform(lowerScheme);

const redisUrl = z
  .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL', abort: true })
  .transform(lowerScheme);

/** Undici's proxies: plain or over TLS, with credentials in the URL if the proxy requires them. */
const proxyUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL', abort: true })
  .refine((url) => new URL(url).pathname === '/' && !/[?#]/.test(url), {
    error: 'must have no path, query or fragment',
  });

/** The services that staging and prod may reach without verified TLS. */
export const unencryptedServices = z
  .string()
  .transform((value) => value.split(',').map((name) => name.trim()))
  .pipe(
    z.array(z.enum(['database', 'redis'], { error: 'must be database, redis or both with a comma between' })),
  );

const text = z.string();
const zeroOrOne = z.enum(['0', '1'], { error: 'must be 0 or 1' });
const flag = zeroOrOne.transform((value) => value === '1');

const encryptionSecret = z
  .string()
  .refine((value) => Buffer.byteLength(value) >= 32, { error: 'must be at least 32 bytes' });

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

/**
 * Rejects a client ID with a message of its own, because operators confuse it with the App ID: GitHub's settings page
 * shows the two side by side.
 */
const appId = z
  .string()
  .refine((value) => !/^iv/i.test(value), { error: 'is a client id; the App ID is a number' })
  .pipe(integer(1, Number.MAX_SAFE_INTEGER));

const clientId = z
  .string()
  .refine((value) => !/^\d+$/.test(value), { error: 'is an App ID; the client id begins with Iv' })
  .refine((value) => /^[\w.-]+$/.test(value), { error: 'must be the client id alone' });

/** True if the value is an IP address or a network in CIDR notation; false otherwise. */
function isAddress(value: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

const addresses = z
  .string()
  .transform((value) => value.split(',').map((address) => address.trim()))
  .refine((list) => list.every(isAddress), {
    error: 'must be IP addresses or CIDR networks with commas between',
  });

/** Checked before they are lower-cased, because the Kelvin sign would turn into a `k`, and so into another address. */
const emails = z
  .string()
  .transform((value) => value.split(',').map((email) => email.trim()))
  .pipe(z.array(z.email({ error: 'must be email addresses with commas between' }).toLowerCase()));

/**
 * A sentence that the Trust page shows. Longer texts belong on a page of the operator's own.
 */
const statement = text.max(300, { error: 'must be at most 300 characters' });

const httpsUrl = httpUrl.refine((url) => url.startsWith('https:'), { error: 'must be an https URL' });

/** An email address or an https URL, as an address that a link may have. */
const contact = z
  .string()
  .transform((value) => value.replace(/^mailto:/i, ''))
  .pipe(
    z.union([z.email().transform((email) => `mailto:${email}`), httpsUrl], {
      error: 'must be an email address or an https URL',
    }),
  );

/** Ten years. A greater number is likely a typo, and would exceed the range of PostgreSQL's dates. */
const MAX_RETENTION_DAYS = 3650;

/** One row per variable. An empty string counts as unset. */
export const variables = z.object({
  NODE_ENV: z.string().default('development'),
  PULSESTREAM_ENV: z
    .enum(['dev', 'demo', 'staging', 'prod'], { error: 'must be dev, demo, staging or prod' })
    .optional(),
  SECRETS_DIR: text.optional(),
  DATABASE_URL: postgresUrl,
  DATABASE_URL_PREVIOUS: postgresUrl.optional(),
  DATABASE_PREPARED_STATEMENTS: flag.default(false),
  UPSTASH_REDIS_REST_URL: httpUrl.optional(),
  UPSTASH_REDIS_REST_TOKEN: text.optional(),
  REDIS_URL: redisUrl.optional(),
  NEXTAUTH_URL: originUrl,
  NEXTAUTH_SECRET: encryptionSecret,
  NEXTAUTH_SECRET_PREVIOUS: encryptionSecret.optional(),
  SESSION_IDLE_MINUTES: integer(15, 720).optional(),
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
  OPERATOR_EMAILS: emails.default([]),
  TRUST_HOSTING: statement.optional(),
  TRUST_DELETION: statement.optional(),
  TRUST_CONTACT: contact.optional(),
  SECURITY_CONTACT: contact.optional(),
  SECURITY_POLICY_URL: httpsUrl.optional(),
  EVIDENCE_SIGNING_KEY: evidenceSigningKey.optional(),
  EVIDENCE_RETIRED_KEYS: evidenceRetiredKeys.default([]),
  WORKLOAD_ISSUERS: workloadIssuers.default([]),
  WORKLOAD_AUDIENCE: workloadAudience.optional(),
  TRUSTED_PROXY_HOPS: integer(0, 10).default(0),
  RATE_LIMIT_USER_PER_MINUTE: integer(1, 1_000_000).default(20),
  RATE_LIMIT_INTERNAL_PER_MINUTE: integer(1, 1_000_000).default(30),
  RECONCILE_INTERVAL_SECONDS: integer(0, 86_400).default(300),
  // Fewer days would forget a delivery that GitHub may still redeliver.
  RETENTION_DELIVERIES_DAYS: integer(7, MAX_RETENTION_DAYS).default(30),
  RETENTION_CONNECT_ATTEMPTS_DAYS: integer(1, MAX_RETENTION_DAYS).default(30),
  RETENTION_REPOSITORIES_DAYS: integer(1, MAX_RETENTION_DAYS).default(30),
  RETENTION_INVITATIONS_DAYS: integer(1, MAX_RETENTION_DAYS).default(30),
  RETENTION_API_KEYS_DAYS: integer(1, MAX_RETENTION_DAYS).default(90),
  // Fewer days would remove mints from the chart of the last 30 days.
  RETENTION_AUDIT_DAYS: integer(31, MAX_RETENTION_DAYS).optional(),
  CRON_SECRET: text.optional(),
  CRON_SECRET_PREVIOUS: text.optional(),
  METRICS_TOKEN: text.optional(),
  METRICS_TOKEN_PREVIOUS: text.optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { error: 'must be a log level' })
    .default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  UNENCRYPTED_ALLOWED: unencryptedServices.default([]),
  // Next, Node, undici and the AWS SDK read these variables themselves. These rows only reject values that can't be right.
  PORT: integer(0, 65_535).optional(),
  AWS_ENDPOINT_URL: httpUrl.optional(),
  AWS_ENDPOINT_URL_KMS: httpUrl.optional(),
  HTTPS_PROXY: proxyUrl.optional(),
  NO_PROXY: text.optional(),
  NODE_EXTRA_CA_CERTS: text
    .refine(isCaBundle, { error: 'must be a readable file of certificates in PEM' })
    .optional(),
  NODE_TLS_REJECT_UNAUTHORIZED: zeroOrOne.optional(),
});

export type Variables = z.output<typeof variables>;

/** The names of all variables in the table above. */
export const VARIABLES: readonly string[] = Object.keys(variables.shape);
