/**
 * The only file in `app`, `components` and `lib` that may read `process.env`. The configuration is parsed once. If a
 * variable is missing or contradictory, the process stops with a message that names the variable but never shows a
 * value.
 */
import { onePerProcess } from './async';
import { faultOf, trimValue } from './config/clean-value';
import { contradictions } from './config/contradictions';
import { proxyFor } from './config/outgoing-proxy';
import { KeyRefused, readPrivateKeys } from './config/private-key';
import { namesSecretFiles, readSecretFiles, type SecretFiles } from './config/secret-files';
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
function readSigner(v: Variables, { keyFile }: SecretFiles) {
  if (v.GITHUB_APP_KMS_KEY_ID !== undefined) {
    const keyIds = v.GITHUB_APP_KMS_KEY_ID.split(',').map((id) => id.trim());
    if (keyIds.includes('')) return { problem: 'GITHUB_APP_KMS_KEY_ID: holds an empty id' };
    return { signer: { kind: 'kms' as const, keyIds } };
  }
  const name =
    v.GITHUB_APP_PRIVATE_KEY === undefined ? 'GITHUB_APP_PRIVATE_KEY_FILE' : 'GITHUB_APP_PRIVATE_KEY';
  const value = v.GITHUB_APP_PRIVATE_KEY ?? keyFile;
  if (value === undefined)
    return v.GITHUB_APP_PRIVATE_KEY_FILE === undefined ? {} : { problem: `${name}: the file cannot be read` };
  try {
    return { signer: { kind: 'pem' as const, privateKeys: readPrivateKeys(value) } };
  } catch (error) {
    if (error instanceof KeyRefused) return { problem: `${name}: ${error.message}` };
    throw error;
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
    /** The URL to connect with, and during a rotation also the one with the previous password. */
    databaseUrls: given(v.DATABASE_URL, v.DATABASE_URL_PREVIOUS),
    preparesStatements: v.DATABASE_PREPARED_STATEMENTS,
    redis:
      v.UPSTASH_REDIS_REST_URL !== undefined && v.UPSTASH_REDIS_REST_TOKEN !== undefined
        ? ({ kind: 'upstash', url: v.UPSTASH_REDIS_REST_URL, token: v.UPSTASH_REDIS_REST_TOKEN } as const)
        : ({ kind: 'redis', url: v.REDIS_URL ?? '' } as const),
    publicUrl: v.NEXTAUTH_URL,
    auth: {
      secret: v.NEXTAUTH_SECRET,
      /** The secret above, and during a rotation also the previous one, which only decrypts. */
      secrets: given(v.NEXTAUTH_SECRET, v.NEXTAUTH_SECRET_PREVIOUS),
      /** After how many minutes without a request a session ends; null if only its lifetime ends it. */
      sessionIdleMinutes: v.SESSION_IDLE_MINUTES ?? null,
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
      webhookSecrets: given(v.GITHUB_WEBHOOK_SECRET, v.GITHUB_WEBHOOK_SECRET_PREVIOUS),
      apiUrl: v.GITHUB_API_URL,
      webUrl: v.GITHUB_WEB_URL,
      timeoutMs: v.GITHUB_TIMEOUT_MS,
    },
    egressAddresses: v.EGRESS_ADDRESSES,
    operatorEmails: v.OPERATOR_EMAILS,
    /** The operator's statements about this deployment, for the Trust page and security.txt. */
    statements: {
      hosting: v.TRUST_HOSTING,
      deletion: v.TRUST_DELETION,
      contact: v.TRUST_CONTACT,
      securityContact: v.SECURITY_CONTACT,
      securityPolicyUrl: v.SECURITY_POLICY_URL,
    },
    /** The key that signs evidence packs, and the public halves of earlier ones (`lib/evidence/keys.ts`). */
    evidence: { signingKey: v.EVIDENCE_SIGNING_KEY, retiredKeys: v.EVIDENCE_RETIRED_KEYS },
    workload: {
      /** The issuers whose identity tokens services may present, exactly as their tokens name them. */
      issuers: v.WORKLOAD_ISSUERS,
      /** The only audience that such a token may have. */
      audience: v.WORKLOAD_AUDIENCE ?? v.NEXTAUTH_URL,
    },
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
      trust_rules: v.RETENTION_API_KEYS_DAYS,
      evidence_links: v.RETENTION_API_KEYS_DAYS,
    },
    /** After how many days `audit:archive` archives audit events. If unset, they are kept in the database forever. */
    auditRetentionDays: v.RETENTION_AUDIT_DAYS,
    cronSecrets: given(v.CRON_SECRET, v.CRON_SECRET_PREVIOUS),
    metricsTokens: given(v.METRICS_TOKEN, v.METRICS_TOKEN_PREVIOUS),
    logLevel: v.LOG_LEVEL,
    otlpEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

/** Returns the secrets that are set, the current one first. */
function given(...secrets: (string | undefined)[]): readonly string[] {
  return secrets.filter((secret) => secret !== undefined);
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
 * @param files the secrets that are files; by default reads those that `env` names
 * @throws {ConfigError} naming every missing, malformed or contradictory variable
 */
export function parseConfig(env: Environment, files = readSecretFiles(env)): Config {
  const twice = Object.keys(files.values).filter((name) => (env[name] ?? '').trim() !== '');
  const fileProblems = [
    ...files.problems,
    ...twice.map((name) => `${name}: set as a variable and as a file; set only one of them`),
  ];
  if (fileProblems.length > 0) throw new ConfigError(fileProblems);
  const present = clean({ ...env, ...files.values });
  const parsed = variables.safeParse(present);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map((issue) => {
        const name = issue.path.join('.');
        return `${name}: ${Object.hasOwn(present, name) ? issue.message : 'missing'}`;
      }),
    );
  const { signer, problem } = readSigner(parsed.data, files);
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
let initialFiles: SecretFiles | undefined;

/** The configuration with rotated secrets. Shared, because Next loads this module several times. */
const rotated = onePerProcess<{ config?: Config }>('config', () => ({}));

/**
 * Returns this process's configuration. Call this function wherever a secret is used and keep no copy, because secrets
 * in files change while the process runs.
 *
 * @throws {ConfigError} on the first call, if the configuration is invalid
 */
export function getConfig(): Config {
  return rotated().config ?? readConfig();
}

/**
 * Makes all copies of this module use this copy's configuration. Otherwise, a copy that Next loads later would read
 * secret files that have changed since.
 */
export function shareConfig(): Config {
  const config = getConfig();
  replaceConfig(config);
  return config;
}

/** Replaces this process's configuration, for all copies of this module. */
export function replaceConfig(config: Config): void {
  rotated().config = config;
}

/** Returns the secret files as they were when this copy of the module read them. */
export function secretFilesInUse(): SecretFiles {
  getConfig();
  return initialFiles ?? readOwnSecretFiles();
}

/** True if some of this process's secrets are files. */
export function hasSecretFiles(): boolean {
  return namesSecretFiles(process.env);
}

/** Reads this process's secret files as they are now. */
export function readOwnSecretFiles(): SecretFiles {
  return readSecretFiles(process.env);
}

/**
 * Parses this process's variables together with the given secret files.
 *
 * @throws {ConfigError} naming every missing, malformed or contradictory variable
 */
export function configWith(files: SecretFiles): Config {
  return parseConfig(process.env, files);
}

function readConfig(): Config {
  if (cached !== undefined) return cached;
  initialFiles = readOwnSecretFiles();
  cached = parseConfig(process.env, initialFiles);
  // Store the trimmed values, because libraries read these variables themselves and do not trim them.
  for (const name of READ_BY_LIBRARIES) {
    const value = process.env[name];
    if (value !== undefined)
      process.env[name] = name === 'NEXTAUTH_URL' ? cached.publicUrl : trimValue(value);
  }
  return cached;
}

/**
 * Returns the proxy for an https connection, or `undefined`. Reads the environment as undici does, because commands that
 * run without a configuration call GitHub and KMS, too.
 */
export function outgoingProxy(hostname: string, port: number): URL | undefined {
  return proxyFor(process.env, hostname, port);
}

export function isProxyConfigured(): boolean {
  return Boolean(process.env.https_proxy ?? process.env.HTTPS_PROXY);
}

/**
 * True in a production build. Reads `NODE_ENV` directly instead of calling {@link getConfig}: when the configuration is
 * invalid, even that must be logged in the right format.
 */
export function isProductionBuild(): boolean {
  return process.env.NODE_ENV === 'production';
}
