import { unencrypted } from './encryption';
import { githubUrlsFault, isLoopback } from './github-urls';
import { publicSecretFault } from './public-secret';
import { SECRET_NAMES } from './secret-files';
import type { Variables } from './variables';
import { audienceFault } from './workload';

/** Variables that belong together: in each row, set all of them or none. */
const GROUPS = [
  ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'],
  ['AUTH_GITHUB_ID', 'AUTH_GITHUB_SECRET'],
  ['AUTH_GOOGLE_ID', 'AUTH_GOOGLE_SECRET'],
  ['AUTH_OIDC_ISSUER', 'AUTH_OIDC_ID', 'AUTH_OIDC_SECRET'],
] as const satisfies (keyof Variables)[][];

/** Alternatives: in each row, set exactly one variable. */
const ALTERNATIVES = [
  ['UPSTASH_REDIS_REST_URL', 'REDIS_URL'],
  ['GITHUB_APP_PRIVATE_KEY', 'GITHUB_APP_PRIVATE_KEY_FILE', 'GITHUB_APP_KMS_KEY_ID'],
] as const satisfies (keyof Variables)[][];

/** Optional secrets whose previous value is still accepted during a rotation. */
const WITH_PREVIOUS = ['GITHUB_WEBHOOK_SECRET', 'CRON_SECRET', 'METRICS_TOKEN'] as const;

/** True if two database URLs are the same except for the password. Then both sign in the same role. */
function differsInPassword(one: string, other: string): boolean {
  const withoutPassword = (url: string) => Object.assign(new URL(url), { password: '' }).href;
  return withoutPassword(one) === withoutPassword(other);
}

/**
 * Minimum length of each secret in staging and prod, in bytes. The secrets with a minimum of 16 are chosen by the
 * operator and protect public endpoints, so they must be hard to guess. The others are issued by providers, so a
 * shorter value can't be the one the provider issued.
 */
export const LEAST_SECRET_BYTES = {
  GITHUB_WEBHOOK_SECRET: 16,
  GITHUB_WEBHOOK_SECRET_PREVIOUS: 16,
  CRON_SECRET: 16,
  CRON_SECRET_PREVIOUS: 16,
  METRICS_TOKEN: 16,
  METRICS_TOKEN_PREVIOUS: 16,
  GITHUB_APP_CLIENT_SECRET: 8,
  AUTH_GITHUB_SECRET: 8,
  AUTH_GOOGLE_SECRET: 8,
  AUTH_OIDC_SECRET: 8,
  UPSTASH_REDIS_REST_TOKEN: 8,
} as const satisfies { [name in keyof Variables]?: number };

/** URLs that the app sends a secret, a token or a session to. */
export const SECURE_URLS = [
  'NEXTAUTH_URL',
  'GITHUB_API_URL',
  'GITHUB_WEB_URL',
  'AUTH_OIDC_ISSUER',
  'UPSTASH_REDIS_REST_URL',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_KMS',
] as const satisfies (keyof Variables)[];

/**
 * Variables that may use plain http with any host in dev and demo, for example a colleague's machine or another
 * container.
 */
const HTTP_IN_DEV: ReadonlySet<string> = new Set(['NEXTAUTH_URL', 'UPSTASH_REDIS_REST_URL']);

/** Issuers that let anybody register an account with an email address they don't own. */
const MANY_TENANTS =
  /^https:\/\/(?:accounts\.google\.com|login\.microsoftonline\.com\/(?:common|organizations|consumers)(?:\/|$))/i;

/**
 * Finds contradictory or insecure settings.
 *
 * @returns one message per problem, with the names of variables but never their values
 */
export function contradictions(v: Variables): string[] {
  const isDeployed = v.PULSESTREAM_ENV === 'staging' || v.PULSESTREAM_ENV === 'prod';
  return [
    ...incomplete(v),
    ...refusedByEnvironment(v, isDeployed),
    ...insecure(v, isDeployed),
    ...(isDeployed ? unencrypted(v) : []),
    ...wrongGitHub(v, isDeployed),
    ...wrongSignIn(v),
    ...wrongWorkload(v),
  ];
}

const setOf = (v: Variables, names: readonly (keyof Variables)[]) =>
  names.filter((name) => v[name] !== undefined);

function incomplete(v: Variables): string[] {
  const problems: string[] = [];
  for (const group of GROUPS) {
    const present = setOf(v, group);
    const missing = group.filter((name) => !(present as string[]).includes(name));
    if (present.length > 0 && missing.length > 0)
      problems.push(`${missing.join(', ')}: missing, but ${present.join(', ')} is set`);
  }
  for (const row of ALTERNATIVES) {
    const present = setOf(v, row);
    if (present.length === 0) problems.push(`${row.join(' or ')}: missing`);
    if (present.length > 1) problems.push(`${present.join(' and ')}: set only one of them`);
  }
  for (const name of WITH_PREVIOUS) {
    if (v[`${name}_PREVIOUS`] !== undefined && v[name] === undefined)
      problems.push(`${name}: missing, but ${name}_PREVIOUS is set`);
  }
  if (v.DATABASE_URL_PREVIOUS !== undefined && !differsInPassword(v.DATABASE_URL, v.DATABASE_URL_PREVIOUS))
    problems.push('DATABASE_URL_PREVIOUS: may differ from DATABASE_URL only in the password');
  return problems;
}

function refusedByEnvironment(v: Variables, isDeployed: boolean): string[] {
  const problems: string[] = [];
  if (v.PULSESTREAM_ENV === undefined && v.NODE_ENV === 'production')
    problems.push('PULSESTREAM_ENV: required in a production build');
  if (v.AUTH_DEV_LOGIN && (v.PULSESTREAM_ENV === undefined || isDeployed))
    problems.push('AUTH_DEV_LOGIN: refused unless PULSESTREAM_ENV is dev or demo');
  return problems;
}

function insecure(v: Variables, isDeployed: boolean): string[] {
  const short = Object.entries(LEAST_SECRET_BYTES)
    .filter(([name, least]) => {
      const value = v[name as keyof typeof LEAST_SECRET_BYTES];
      return isDeployed && value !== undefined && Buffer.byteLength(value) < least;
    })
    .map(([name, least]) => `${name}: must be at least ${least} bytes in staging and prod`);
  const urls = [
    ...SECURE_URLS.map((name) => [name, v[name]] as const),
    ...v.WORKLOAD_ISSUERS.map((issuer) => ['WORKLOAD_ISSUERS', issuer] as const),
  ];
  const plain = urls.flatMap(([name, url]) => {
    if (url === undefined || !url.startsWith('http:')) return [];
    if (isDeployed) return [`${name}: must be https in staging and prod`];
    return isLoopback(url) || HTTP_IN_DEV.has(name)
      ? []
      : [`${name}: must be https, or an address of this machine in dev and demo`];
  });
  return [...short, ...plain, ...(isDeployed ? publicSecrets(v) : [])];
}

function publicSecrets(v: Variables): string[] {
  return SECRET_NAMES.flatMap((name) => {
    const fault = publicSecretFault(String(v[name as keyof Variables]));
    return fault === undefined ? [] : [`${name}: ${fault}`];
  });
}

function wrongGitHub(v: Variables, isDeployed: boolean): string[] {
  const fault = githubUrlsFault(v.GITHUB_API_URL, v.GITHUB_WEB_URL, !isDeployed);
  return fault === undefined ? [] : [fault];
}

function wrongSignIn(v: Variables): string[] {
  const problems: string[] = [];
  if (!v.AUTH_DEV_LOGIN && setOf(v, ['AUTH_GITHUB_ID', 'AUTH_GOOGLE_ID', 'AUTH_OIDC_ISSUER']).length === 0)
    problems.push(
      'AUTH_GITHUB_ID, AUTH_GOOGLE_ID or AUTH_OIDC_ISSUER: at least one sign-in provider is needed',
    );
  if (v.AUTH_OIDC_TRUST_EMAIL && v.AUTH_OIDC_ISSUER === undefined)
    problems.push('AUTH_OIDC_ISSUER: missing, but AUTH_OIDC_TRUST_EMAIL is set');
  if (v.AUTH_OIDC_TRUST_EMAIL && MANY_TENANTS.test(v.AUTH_OIDC_ISSUER ?? ''))
    problems.push('AUTH_OIDC_TRUST_EMAIL: refused for an issuer that has more than one tenant');
  return problems;
}

function wrongWorkload({ WORKLOAD_ISSUERS: issuers, WORKLOAD_AUDIENCE: audience }: Variables): string[] {
  if (audience === undefined) return [];
  if (issuers.length === 0) return ['WORKLOAD_ISSUERS: missing, but WORKLOAD_AUDIENCE is set'];
  const fault = audienceFault(audience, issuers);
  return fault === undefined ? [] : [`WORKLOAD_AUDIENCE: ${fault}`];
}
