/**
 * Checks the rules that apply to every variable. Each new variable needs a row in this file, or the first test fails.
 */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Environment, parseConfig } from '../config';
import { LEAST_SECRET_BYTES, SECURE_URLS } from './contradictions';
import { COMPLETE, problemsOf } from './test-environment';
import { VARIABLES } from './variables';

/** A valid value, the other variables it requires, and invalid values that the variable's format must reject. */
type Row = { good: string; with?: Environment; bad?: readonly string[] };

const NO_UPSTASH = { UPSTASH_REDIS_REST_URL: undefined, UPSTASH_REDIS_REST_TOKEN: undefined };
const NO_KEY = { GITHUB_APP_PRIVATE_KEY: undefined };
const OIDC = { AUTH_OIDC_ISSUER: 'https://issuer.test', AUTH_OIDC_ID: 'id', AUTH_OIDC_SECRET: 'oidc-secret' };
const GOOGLE = { AUTH_GOOGLE_ID: 'id', AUTH_GOOGLE_SECRET: 'google-secret' };
const WORKLOAD = { WORKLOAD_ISSUERS: 'https://issuer.test' };
const GHES = {
  GITHUB_API_URL: 'https://github.acme.test/api/v3',
  GITHUB_WEB_URL: 'https://github.acme.test',
};
const NO_URL = ['x', 'ftp://host', 'host:80', 'https://'];
const NO_HTTP_URL = [
  ...NO_URL,
  'https://user:password@host.test',
  'https://host.test?a=b',
  'https://host.test#a',
];
const privateKeyOf = (kind: 'ed25519' | 'x25519') => {
  const { privateKey } = kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
};
const PUBLIC_KEY = generateKeyPairSync('ed25519')
  .publicKey.export({ type: 'spki', format: 'der' })
  .toString('base64');
const NO_CONTACT = [...NO_HTTP_URL, 'http://acme.test', 'tel:+15550100', 'trust@acme', 'javascript:alert(1)'];
const NO_NUMBER = ['x', '-1', '1.5', '1e3', '0x10', '１', '1 2', '9'.repeat(30), 'NaN', 'Infinity'];

const ROWS: Record<string, Row> = {
  NODE_ENV: { good: 'production' },
  PULSESTREAM_ENV: { good: 'prod', bad: ['production', 'PROD', 'constructor'] },
  DATABASE_URL: {
    good: 'postgresql://app@db.test/x?sslmode=verify-full',
    bad: [
      'mysql://x/y',
      'x',
      'postgresql://app:12#rest@db.test/x',
      'postgresql://app@db.test/x?sslmode=reqiure',
      'postgresql://app@db.test/x?sslmode=disable&sslmode=VERIFY-FULL',
      'postgresql://app@db.test/x?sslmode=verify-full&sslrootcert=/no/such/file.pem',
    ],
  },
  DATABASE_URL_PREVIOUS: {
    good: 'postgresql://app:previous@db.internal/pulsestream?sslmode=verify-full',
    bad: [
      'mysql://x/y',
      'x',
      'postgresql://app:previous@db.other/pulsestream?sslmode=verify-full',
      'postgresql://app:previous@db.internal/other?sslmode=verify-full',
      'postgresql://owner:previous@db.internal/pulsestream?sslmode=verify-full',
      'postgresql://app:previous@db.internal/pulsestream?sslmode=disable',
      'postgresql://app:previous@db.internal/pulsestream',
    ],
  },
  DATABASE_PREPARED_STATEMENTS: { good: '1', bad: ['true', 'yes', '2'] },
  UPSTASH_REDIS_REST_URL: { good: 'https://redis.test', bad: NO_HTTP_URL },
  UPSTASH_REDIS_REST_TOKEN: { good: 'token-of-upstash' },
  REDIS_URL: { good: 'rediss://:password@redis.test:6379', with: NO_UPSTASH, bad: NO_URL },
  NEXTAUTH_URL: {
    good: 'https://app.test',
    bad: [...NO_HTTP_URL, 'https://app.test/path', 'https://app.test/api/auth'],
  },
  NEXTAUTH_SECRET: { good: 'x'.repeat(32), bad: ['x'.repeat(31)] },
  NEXTAUTH_SECRET_PREVIOUS: { good: 'y'.repeat(32), bad: ['y'.repeat(31)] },
  SESSION_IDLE_MINUTES: { good: '30', bad: [...NO_NUMBER, '14', '721'] },
  AUTH_GITHUB_ID: { good: 'id' },
  AUTH_GITHUB_SECRET: { good: 'sign-in-secret' },
  AUTH_GOOGLE_ID: { good: 'id', with: GOOGLE },
  AUTH_GOOGLE_SECRET: { good: 'google-secret', with: GOOGLE },
  AUTH_OIDC_ISSUER: { good: 'https://issuer.test/tenant', with: OIDC, bad: NO_HTTP_URL },
  AUTH_OIDC_ID: { good: 'id', with: OIDC },
  AUTH_OIDC_SECRET: { good: 'oidc-secret', with: OIDC },
  AUTH_OIDC_NAME: { good: 'Société Générale', with: OIDC },
  AUTH_OIDC_TRUST_EMAIL: { good: '1', with: OIDC, bad: ['true', 'yes', '2'] },
  AUTH_DEV_LOGIN: { good: '0', bad: ['true', 'yes', '1'] },
  GITHUB_APP_ID: { good: '123456', bad: [...NO_NUMBER, '0', 'Iv23li0000'] },
  GITHUB_APP_SLUG: { good: 'pulse-stream', bad: ['https://github.com/apps/x', 'a b', 'a/b', 'ä'] },
  GITHUB_APP_CLIENT_ID: {
    good: 'Iv23liABC',
    bad: ['123456', 'Iv23 li', 'https://github.com/settings/apps/x'],
  },
  GITHUB_APP_CLIENT_SECRET: { good: 'client-secret' },
  GITHUB_APP_PRIVATE_KEY: {
    good: COMPLETE.GITHUB_APP_PRIVATE_KEY ?? '',
    bad: ['x', '"', '/run/secrets/app.pem', '/run/secrets/githubappkey', 'C:\\keys\\app.pem'],
  },
  GITHUB_APP_PRIVATE_KEY_FILE: { good: '', with: {}, bad: [] },
  SECRETS_DIR: { good: '', with: {}, bad: [] },
  GITHUB_APP_KMS_KEY_ID: { good: 'alias/app', with: NO_KEY, bad: ['a,,b'] },
  GITHUB_WEBHOOK_SECRET: { good: 'x'.repeat(16) },
  GITHUB_WEBHOOK_SECRET_PREVIOUS: { good: 'y'.repeat(16), with: { GITHUB_WEBHOOK_SECRET: 'x'.repeat(16) } },
  GITHUB_API_URL: { good: GHES.GITHUB_API_URL, with: GHES, bad: NO_HTTP_URL },
  GITHUB_WEB_URL: {
    good: GHES.GITHUB_WEB_URL,
    with: GHES,
    bad: [...NO_HTTP_URL, 'https://github.acme.test/web'],
  },
  GITHUB_TIMEOUT_MS: { good: '100', bad: [...NO_NUMBER, '99', '60001'] },
  EGRESS_ADDRESSES: {
    good: '192.0.2.10, 2001:db8::/32,198.51.100.0/24',
    bad: ['x', '192.0.2', '192.0.2.1/33', '2001:db8::/129', '192.0.2.1,', '192.0.2.1 192.0.2.2', '<b>'],
  },
  OPERATOR_EMAILS: {
    good: 'Olivia@acme.test, sam@acme.test',
    bad: ['x', 'olivia@acme', 'olivia@acme.test,', 'olivia@acme.test sam@acme.test', '\u212aim@acme.test'],
  },
  TRUST_HOSTING: { good: 'AWS eu-central-1 (Frankfurt)', bad: ['x'.repeat(301)] },
  TRUST_DELETION: { good: 'Within 30 days of a request', bad: ['x'.repeat(301)] },
  TRUST_CONTACT: { good: 'trust@acme.test', bad: NO_CONTACT },
  SECURITY_CONTACT: { good: 'https://acme.test/security', bad: NO_CONTACT },
  SECURITY_POLICY_URL: {
    good: 'https://acme.test/security-policy',
    bad: [...NO_HTTP_URL, 'http://acme.test/policy'],
  },
  EVIDENCE_SIGNING_KEY: {
    good: privateKeyOf('ed25519'),
    bad: ['x', privateKeyOf('ed25519').slice(0, -8), privateKeyOf('x25519'), PUBLIC_KEY],
  },
  EVIDENCE_RETIRED_KEYS: {
    good: `${PUBLIC_KEY}, ${PUBLIC_KEY}`,
    bad: ['x', `${PUBLIC_KEY},`, privateKeyOf('ed25519')],
  },
  WORKLOAD_ISSUERS: {
    good: 'https://token.actions.githubusercontent.com, https://sts.windows.net/tenant/',
    bad: [
      ...NO_HTTP_URL,
      'https://ISSUER.test',
      'https://issuer.test:443',
      'https://issuer.test/a/../b',
      'https://\u0456ssuer.test',
      'https://issuer.test,',
      'https://issuer.test https://other.test',
      Array.from({ length: 51 }, (_, index) => `https://issuer${index}.test`).join(),
    ],
  },
  WORKLOAD_AUDIENCE: {
    good: 'https://pulsestream.test',
    with: WORKLOAD,
    bad: [
      'a'.repeat(256),
      'https://issuer.test/',
      'sts.amazonaws.com',
      'api://AzureADTokenExchange',
      'https://kubernetes.default.svc',
      'https://github.com/acme',
    ],
  },
  TRUSTED_PROXY_HOPS: { good: '1', bad: [...NO_NUMBER, '11'] },
  RATE_LIMIT_USER_PER_MINUTE: { good: '1', bad: [...NO_NUMBER, '0'] },
  RATE_LIMIT_INTERNAL_PER_MINUTE: { good: '1', bad: [...NO_NUMBER, '0'] },
  RETENTION_DELIVERIES_DAYS: { good: '7', bad: [...NO_NUMBER, '6', '3651'] },
  RETENTION_CONNECT_ATTEMPTS_DAYS: { good: '1', bad: [...NO_NUMBER, '0', '3651'] },
  RETENTION_REPOSITORIES_DAYS: { good: '1', bad: [...NO_NUMBER, '0', '3651'] },
  RETENTION_INVITATIONS_DAYS: { good: '1', bad: [...NO_NUMBER, '0', '3651'] },
  RETENTION_API_KEYS_DAYS: { good: '3650', bad: [...NO_NUMBER, '0', '3651'] },
  RETENTION_AUDIT_DAYS: { good: '31', bad: [...NO_NUMBER, '30', '3651'] },
  RECONCILE_INTERVAL_SECONDS: { good: '0', bad: [...NO_NUMBER, '86401'] },
  CRON_SECRET: { good: 'x'.repeat(16) },
  CRON_SECRET_PREVIOUS: { good: 'y'.repeat(16), with: { CRON_SECRET: 'x'.repeat(16) } },
  METRICS_TOKEN: { good: 'x'.repeat(16) },
  METRICS_TOKEN_PREVIOUS: { good: 'y'.repeat(16), with: { METRICS_TOKEN: 'x'.repeat(16) } },
  LOG_LEVEL: { good: 'debug', bad: ['verbose', 'INFO', 'constructor'] },
  OTEL_EXPORTER_OTLP_ENDPOINT: { good: 'http://collector:4318', bad: NO_HTTP_URL },
  PORT: { good: '3000', bad: [...NO_NUMBER, '65536', 'tcp://10.0.0.1:80'] },
  AWS_ENDPOINT_URL: { good: 'https://kms.test', bad: NO_HTTP_URL },
  AWS_ENDPOINT_URL_KMS: { good: 'https://kms.test', bad: NO_HTTP_URL },
  HTTPS_PROXY: {
    good: 'http://user:password@proxy.test:3128',
    bad: [...NO_URL, 'socks5://proxy.test', 'http://proxy.test/path'],
  },
  NO_PROXY: { good: '.internal.test, 10.0.0.1' },
  NODE_EXTRA_CA_CERTS: { good: 'lib/testing/ca-bundle.pem', bad: ['/no/such/file.pem', 'package.json'] },
  NODE_TLS_REJECT_UNAUTHORIZED: { good: '1', bad: ['0', 'true'] },
  UNENCRYPTED_ALLOWED: { good: 'database, redis', bad: ['x', 'all', 'database;redis', 'database,'] },
};

/** Names of files, tested with real ones in `private-key.test.ts` and `secret-files.test.ts`. */
const TESTED_WITH_A_FILE = ['GITHUB_APP_PRIVATE_KEY_FILE', 'SECRETS_DIR'];
const NAMES = Object.keys(ROWS).filter((name) => !TESTED_WITH_A_FILE.includes(name));

const row = (name: string): Row => ROWS[name] ?? { good: '' };

function environmentOf(name: string, value: string, others: Environment = {}): Environment {
  return { ...COMPLETE, ...row(name).with, ...others, [name]: value };
}

const AROUND = [
  ...['\n', '\r\n', ' ', '\t', '\ufeff', '\u200b', '\u00a0', '\u2060', '\u2028', '\u202e'],
  // Hangul filler, variation selector, combining grapheme joiner, ideographic space, Braille blank.
  ...['\u3164', '\ufe0f', '\u034f', '\u3000', '\u2800'],
];
const INSIDE = [
  '\n',
  '\r',
  '\0',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u200b',
  '\u200d',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\u00ad',
  '\u00a0',
  '\u3000',
  '\u3164',
  '\ufe0f',
  '\u034f',
  '\u{e0061}',
  '\ufff9',
];
const QUOTES = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
] as const;

/** Quotes that no shell removes and that never belong to a value. */
const OTHER_QUOTES = [
  ['«', '»'],
  ['„', '“'],
  ['”', '”'],
  ['‹', '›'],
  ['´', '´'],
  ['″', '″'],
  ['＂', '＂'],
  ['&quot;', '&quot;'],
  ['&#39;', '&#x27;'],
  ['\\"', '\\"'],
] as const;

/** Values pasted carelessly into a hosting dashboard, a template or a file. */
const NOT_MEANT: readonly ((name: string, good: string) => string)[] = [
  (name, good) => `${name}=${good}`,
  (name, good) => `export ${name}="${good}`,
  (name, good) => `${name}: ${good}`,
  (name, good) => `$env:${name} = ${good}`,
  (_, good) => `${good}\\n`,
  (_, good) => `${good}\\r\\n`,
  (name) => `\${${name}}`,
  (name) => `$${name}`,
  (name) => `%${name}%`,
  (name) => `{{ .Values.${name} }}`,
  () => '<your-value-here>',
];

describe('every variable', () => {
  it('has a row in this test', () => {
    expect(Object.keys(ROWS).sort()).toEqual([...VARIABLES].sort());
  });

  it.each(NAMES)('accepts %s as it is documented', (name) => {
    expect(problemsOf(environmentOf(name, row(name).good))).toEqual([]);
  });

  it.each(NAMES)(
    'reads %s with spaces, line breaks, invisible characters or quotes around it as the same value',
    (name) => {
      const { good } = row(name);
      const plain = parseConfig(environmentOf(name, good));
      for (const around of AROUND)
        for (const value of [good + around, around + good, `${around}${good}${around}`])
          expect([JSON.stringify(around), parseConfig(environmentOf(name, value))]).toEqual([
            JSON.stringify(around),
            plain,
          ]);
      for (const [open, close] of QUOTES)
        for (const value of [
          `${open}${good}${close}`,
          `${open}${good}${close}\n`,
          ` ${open} ${good}${close}`,
        ])
          expect([open, parseConfig(environmentOf(name, value))]).toEqual([open, plain]);
    },
  );

  it.each(NAMES.filter((name) => name !== 'GITHUB_APP_PRIVATE_KEY'))(
    'rejects %s by its name with such a character inside, or with a single quote at one end',
    (name) => {
      const { good } = row(name);
      const [first, rest] = [good.slice(0, 1), good.slice(1)];
      const broken = [
        ...INSIDE.map((character) => `${first}${character}${rest || 'x'}`),
        ...QUOTES.flatMap(([open, close]) => [`${open}${good}`, `${good}${close}`]),
      ];
      for (const value of broken) {
        const found = problemsOf(environmentOf(name, value));
        expect([JSON.stringify(value), found]).toEqual([
          JSON.stringify(value),
          [expect.stringMatching(`^${name}: (holds|begins)`)],
        ]);
      }
    },
  );

  it.each(NAMES.filter((name) => name !== 'GITHUB_APP_PRIVATE_KEY'))(
    'rejects %s by its name as a whole line, as a placeholder, or in quotes that no shell removes',
    (name) => {
      const { good } = row(name);
      const values = [
        ...NOT_MEANT.map((write) => write(name, good)),
        ...OTHER_QUOTES.map(([open, close]) => `${open}${good}${close}`),
      ];
      for (const value of values)
        expect([value, problemsOf(environmentOf(name, value))]).toEqual([
          value,
          [expect.stringMatching(`^${name}: (begins|ends|is a placeholder)`)],
        ]);
    },
  );

  it.each(NAMES.filter((name) => (row(name).bad ?? []).length > 0))(
    'rejects a malformed %s by its name, and never shows its value',
    (name) => {
      for (const value of row(name).bad ?? []) {
        const found = problemsOf(environmentOf(name, value));
        expect([value, found.join('\n')]).toEqual([value, expect.stringContaining(name)]);
        if (value.length > 6) expect(found.join('\n')).not.toContain(value);
      }
    },
  );

  it.each(NAMES)('never shows %s, whatever it contains', (name) => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 80, unit: 'binary' }), (value) => {
        const found = problemsOf(environmentOf(name, value)).join('\n');
        expect(found).not.toContain(value.trim());
      }),
      { numRuns: 40 },
    );
  });
});

describe('in staging and prod', () => {
  it.each(Object.entries(LEAST_SECRET_BYTES))(
    'requires %s to have %i bytes in staging and prod',
    (name, least) => {
      for (const PULSESTREAM_ENV of ['staging', 'prod']) {
        const given = (length: number) =>
          problemsOf(environmentOf(name, 'x'.repeat(length), { PULSESTREAM_ENV }));
        expect(given(least)).toEqual([]);
        for (const length of [1, least - 1])
          expect(given(length)).toEqual([`${name}: must be at least ${least} bytes in staging and prod`]);
      }
      expect(problemsOf(environmentOf(name, 'x', { PULSESTREAM_ENV: 'dev' }))).toEqual([]);
    },
  );

  it.each(SECURE_URLS)('requires %s to be https in staging and prod, even on loopback', (name) => {
    for (const PULSESTREAM_ENV of ['staging', 'prod'])
      for (const host of ['host.test', 'localhost:3000', '127.0.0.1', '[::1]'])
        expect(problemsOf(environmentOf(name, `http://${host}`, { PULSESTREAM_ENV }))).toContain(
          `${name}: must be https in staging and prod`,
        );
    for (const scheme of ['HTTP', 'Http'])
      expect(problemsOf(environmentOf(name, `${scheme}://host.test`))).toContain(
        `${name}: must be https in staging and prod`,
      );
  });

  it('requires every workload issuer to be https in staging and prod, even on loopback', () => {
    for (const PULSESTREAM_ENV of ['staging', 'prod'])
      for (const host of ['host.test', 'localhost:3000', '127.0.0.1', '[::1]']) {
        const value = `https://issuer.test,http://${host}`;
        expect(problemsOf(environmentOf('WORKLOAD_ISSUERS', value, { PULSESTREAM_ENV }))).toEqual([
          'WORKLOAD_ISSUERS: must be https in staging and prod',
        ]);
      }
  });

  it('checks the length or the scheme of every variable that is a secret or a URL', () => {
    const guarded = [
      ...Object.keys(LEAST_SECRET_BYTES),
      ...SECURE_URLS,
      'NEXTAUTH_SECRET',
      'NEXTAUTH_SECRET_PREVIOUS',
    ];
    /**
     * Variables exempt from these rules. Issuers are checked one by one. The database and Redis URLs contain their own passwords, traces contain no
     * secrets, and the rules apply to each file in a folder. Nothing is sent to the page of the policy for reports.
     */
    const elsewhere = [
      'DATABASE_URL',
      'DATABASE_URL_PREVIOUS',
      'REDIS_URL',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'SECRETS_DIR',
      'SECURITY_POLICY_URL',
      'WORKLOAD_ISSUERS',
    ];
    const sensitive = VARIABLES.filter((name) => /SECRET|TOKEN|URL|ISSUER|ENDPOINT/.test(name));
    expect([...guarded, ...elsewhere].sort()).toEqual([...new Set(sensitive)].sort());
  });
});

describe('in dev and demo', () => {
  it.each(['GITHUB_API_URL', 'GITHUB_WEB_URL', 'AUTH_OIDC_ISSUER', 'WORKLOAD_ISSUERS'])(
    'allows http for %s on loopback only, in dev and demo',
    (name) => {
      for (const PULSESTREAM_ENV of ['dev', 'demo']) {
        const at = (url: string) => problemsOf(environmentOf(name, url, { PULSESTREAM_ENV, ...local(name) }));
        for (const host of ['localhost:4000', '127.0.0.1:4001', '127.0.1.1', '[::1]:8080'])
          expect(at(`http://${host}`)).toEqual([]);
        for (const host of ['host.test', '127.0.0.1.evil.test', 'localhost.evil.test', '10.0.0.1'])
          expect(at(`http://${host}`).join()).toContain(
            `${name}: must be https, or an address of this machine`,
          );
      }
    },
  );
});

/** Returns both of GitHub's URLs on loopback, because if one is local, both must be. */
function local(name: string): Environment {
  if (!name.startsWith('GITHUB_')) return {};
  return { GITHUB_API_URL: 'http://localhost:4001/api/v3', GITHUB_WEB_URL: 'http://127.0.0.1:4002' };
}
