import { randomUUID } from 'node:crypto';
import { decode, encode } from 'next-auth/jwt';
import { symbols } from 'pino';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { getConfig, replaceConfig } from '../config';
import { getDb } from '../db/client';
import { getPool } from '../db/pool';
import { log } from '../observability/log';
import { authOptions, getAuthOptions } from './options';
import { authenticateUser, SESSION_MAX_AGE_SECONDS } from './session';
import { TestBrowser } from './test-browser';
import { startTestApp } from './test-fixtures';
import { startIdentityProvider } from './test-identity-provider';

const provider = await startIdentityProvider();
afterAll(provider.stop);
await startTestApp({
  AUTH_GITHUB_ID: 'github-client',
  AUTH_GITHUB_SECRET: 'github-client-secret',
  GITHUB_WEB_URL: provider.url,
  GITHUB_API_URL: `${provider.url}/api/v3`,
  AUTH_OIDC_ISSUER: provider.url,
  AUTH_OIDC_ID: 'oidc-client',
  AUTH_OIDC_SECRET: 'oidc-client-secret',
});
const { secret } = getConfig().auth;
const ORIGIN = getConfig().publicUrl;
const SESSION_COOKIE = 'next-auth.session-token';

let lines: string[] = [];
let email = '';
beforeEach(() => {
  lines = [];
  // Intercept the stream rather than the logger: redaction happens in between, and we want to see the redacted lines.
  vi.spyOn(Reflect.get(log, symbols.streamSym) as { write(line: string): void }, 'write').mockImplementation(
    (line) => {
      lines.push(line);
    },
  );
  email = `${randomUUID()}@acme.test`;
  Object.assign(provider.state, {
    sub: randomUUID(),
    claims: { email, email_verified: true, name: 'Ada' },
    github: {
      id: Math.floor(Math.random() * 2 ** 40) + 1,
      login: 'ada',
      name: 'Ada',
      emails: [{ email, primary: true, verified: true }],
    },
    wrongNonce: false,
    tokens: [],
  });
});

const browser = () => new TestBrowser(getAuthOptions([]), ORIGIN);
const sessionOf = async (visitor: TestBrowser) => (await visitor.request('GET', '/api/auth/session')).body;

/** Returns the email address of the user that the app authenticates from these cookies, or `null` if it finds none. */
async function actorOf(visitor: TestBrowser): Promise<string | null> {
  const cookies = [...visitor.cookies].map(([name, value]) => ({ name, value }));
  return authenticateUser({ bearer: null, cookies }).then(
    ({ actor }) => actor.label,
    () => null,
  );
}

async function wholeDatabase(): Promise<string> {
  const { rows } = await getPool().query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege(oid, 'SELECT')`,
  );
  const dumps = await Promise.all(rows.map(({ name }) => getPool().query(`SELECT t::text FROM "${name}" t`)));
  return JSON.stringify(dumps.map((dump) => dump.rows));
}

describe.each(['github', 'oidc'])('signing in with %s', (id) => {
  it('creates a session for a new user, and returns to the requested page', async () => {
    const visitor = browser();
    const answer = await visitor.signIn(id, '/w/acme/audit-log?q=1');
    expect(answer).toMatchObject({ status: 302, location: `${ORIGIN}/w/acme/audit-log?q=1` });
    expect(await actorOf(visitor)).toBe(email);
    expect(await sessionOf(visitor)).toMatchObject({ user: { email, name: 'Ada' } });
  });

  it('finishes a sign-in that began before NEXTAUTH_SECRET was rotated, with a session of the new secret', async () => {
    const visitor = browser();
    const { location } = await visitor.startSignIn(id);
    const config = getConfig();
    const rotated = randomUUID();
    replaceConfig({ ...config, auth: { ...config.auth, secret: rotated, secrets: [rotated, secret] } });
    try {
      visitor.options = getAuthOptions([...visitor.cookies].map(([name, value]) => ({ name, value })));
      const page = await fetch(location ?? '', { redirect: 'manual' });
      await visitor.request('GET', page.headers.get('location') ?? '');
      expect(await actorOf(visitor)).toBe(email);
      const token = visitor.cookies.get(SESSION_COOKIE) ?? '';
      expect(await decode({ token, secret: rotated })).toHaveProperty('sub');
    } finally {
      replaceConfig(config);
    }
  });

  it('leaves no token from the provider in JWT, cookies, session, database or log', async () => {
    const visitor = browser();
    await visitor.signIn(id);
    const jwt = await decode({ token: visitor.cookies.get(SESSION_COOKIE) ?? '', secret });
    expect(Object.keys(jwt ?? {}).sort()).toEqual([
      'auth_time',
      'exp',
      'iat',
      'jti',
      'sid',
      'sub',
      'verified_email',
    ]);
    expect(jwt?.verified_email).toBe(email);
    expect(provider.state.tokens.length).toBeGreaterThan(0);

    const session = await sessionOf(visitor);
    const places = [JSON.stringify([jwt, session]), ...visitor.setCookies, ...lines, await wholeDatabase()];
    const everything = places.join('\n');
    expect(everything).toContain(email);
    for (const token of provider.state.tokens) expect(everything).not.toContain(token);
  });

  it('rejects a sign-in without a verified email address', async () => {
    provider.state.claims = { email, email_verified: false };
    provider.state.github.emails = [
      { email, primary: true, verified: false },
      { email: `second-${email}`, primary: false, verified: true },
    ];
    const visitor = browser();
    expect((await visitor.signIn(id)).location).toBe(`${ORIGIN}/sign-in?error=EmailNotVerified`);
    expect(await actorOf(visitor)).toBeNull();
    expect(await getDb().user.count({ where: { email } })).toBe(0);
  });

  it('rejects a sign-in when another account has the email address', async () => {
    await browser().signIn(id === 'github' ? 'oidc' : 'github');
    const visitor = browser();
    expect((await visitor.signIn(id)).location).toBe(`${ORIGIN}/sign-in?error=AccountExists`);
    expect(await actorOf(visitor)).toBeNull();
  });

  it('rejects a sign-in in a browser that did not begin it', async () => {
    const attacker = browser();
    const { location } = await attacker.startSignIn(id);
    const page = await fetch(location ?? '', { redirect: 'manual' });
    const victim = browser();
    const answer = await victim.request('GET', page.headers.get('location') ?? '');
    expect(answer.location).toContain('error=');
    expect(await actorOf(victim)).toBeNull();
  });

  it('sends PKCE and state, and a nonce for OpenID Connect', async () => {
    const visitor = browser();
    const { location } = await visitor.startSignIn(id);
    const asked = new URL(location ?? '');
    expect(asked.origin).toBe(provider.url);
    expect(asked.searchParams.get('code_challenge_method')).toBe('S256');
    expect(asked.searchParams.get('state')).toMatch(/.{20,}/);
    if (id === 'oidc') expect(asked.searchParams.get('nonce')).toMatch(/.{20,}/);
    expect(asked.searchParams.get('redirect_uri')).toBe(`${ORIGIN}/api/auth/callback/${id}`);
  });
});

it('rejects an ID token with another nonce, and logs only the code', async () => {
  provider.state.wrongNonce = true;
  const visitor = browser();
  expect((await visitor.signIn('oidc')).location).toContain('error=OAuthCallback');
  expect(await actorOf(visitor)).toBeNull();
  expect(lines).toHaveLength(1);
  const { level, time, msg, ...rest } = JSON.parse(lines[0] ?? '{}');
  expect(rest).toEqual({ code: 'OAUTH_CALLBACK_ERROR', error_name: 'OAuthCallbackError' });
});

describe('dev login', () => {
  it('finds or creates the user of an email address in any case', async () => {
    const [first, second] = [browser(), browser()];
    await first.devLogin(email);
    await second.devLogin(` ${email.toUpperCase()} `);
    expect(await actorOf(first)).toBe(email);
    expect(await actorOf(second)).toBe(email);
    expect(await getDb().user.count({ where: { email } })).toBe(1);
  });

  it('rejects an invalid email address', async () => {
    const visitor = browser();
    expect((await visitor.devLogin('nonsense')).location).toContain('error=CredentialsSignin');
    expect(await actorOf(visitor)).toBeNull();
  });

  it('offers no dev login unless it is configured', async () => {
    const config = getConfig();
    const visitor = new TestBrowser(
      authOptions({ ...config, auth: { ...config.auth, devLogin: false } }),
      ORIGIN,
    );
    await visitor.devLogin(email);
    expect(await actorOf(visitor)).toBeNull();
    expect(await getDb().user.count({ where: { email } })).toBe(0);
  });

  it('requires the CSRF token for a dev login', async () => {
    const visitor = browser();
    await visitor.request('POST', '/api/auth/callback/dev-login', { email, csrfToken: 'wrong' });
    expect(await actorOf(visitor)).toBeNull();
  });
});

describe('a session', () => {
  it('ends a session twelve hours after the sign-in, in cookie and JWT, however often it is used', async () => {
    const visitor = browser();
    await visitor.devLogin(email);
    const jwt = await decode({ token: visitor.cookies.get(SESSION_COOKIE) ?? '', secret });
    expect(Number(jwt?.exp) - Number(jwt?.auth_time)).toBe(SESSION_MAX_AGE_SECONDS);

    const signedInAt = Math.floor(Date.now() / 1000) - 3600;
    const hourOld = await encode({
      token: { sub: jwt?.sub ?? '', auth_time: signedInAt },
      secret,
      maxAge: 60,
    });
    visitor.cookies.set(SESSION_COOKIE, hourOld);
    const { expires } = (await sessionOf(visitor)) as { expires: string };
    expect(Date.parse(expires) / 1000).toBe(signedInAt + SESSION_MAX_AGE_SECONDS);
    const renewed = await decode({ token: visitor.cookies.get(SESSION_COOKIE) ?? '', secret });
    expect(Math.abs(Number(renewed?.exp) - (signedInAt + SESSION_MAX_AGE_SECONDS))).toBeLessThanOrEqual(2);
  });

  it('drops every foreign claim when a session is renewed, including a provider’s token', async () => {
    const visitor = browser();
    await visitor.devLogin(email);
    const own = await decode({ token: visitor.cookies.get(SESSION_COOKIE) ?? '', secret });
    const fuller = { ...own, access_token: `gho_${'a1B2'.repeat(9)}`, picture: 'https://example.test/a.png' };
    visitor.cookies.set(SESSION_COOKIE, await encode({ token: fuller, secret, maxAge: 600 }));
    await sessionOf(visitor);
    const renewed = await decode({ token: visitor.cookies.get(SESSION_COOKIE) ?? '', secret });
    expect(renewed?.sub).toBe(own?.sub);
    expect(Object.keys(renewed ?? {}).sort()).toEqual(Object.keys(own ?? {}).sort());
  });

  it('ends a session twelve hours after the sign-in even if its JWT lives longer, and does not renew it', async () => {
    const visitor = browser();
    await visitor.devLogin(email);
    const sub = (await getDb().user.findUniqueOrThrow({ where: { email } })).id;
    const signedInAgo = (seconds: number) =>
      encode({ token: { sub, auth_time: Math.floor(Date.now() / 1000) - seconds }, secret, maxAge: 600 });
    visitor.cookies.set(SESSION_COOKIE, await signedInAgo(SESSION_MAX_AGE_SECONDS - 300));
    expect(await actorOf(visitor)).toBe(email);
    visitor.cookies.set(SESSION_COOKIE, await signedInAgo(SESSION_MAX_AGE_SECONDS + 5));
    expect(await actorOf(visitor)).toBeNull();
    expect(await sessionOf(visitor)).toEqual({});
    expect(visitor.cookies.get(SESSION_COOKIE)).toBe('');
  });

  it('keeps the session in a cookie that scripts and other sites cannot use', async () => {
    const visitor = browser();
    await visitor.devLogin(email);
    const header = visitor.setCookies.find((text) => text.startsWith(`${SESSION_COOKIE}=`)) ?? '';
    expect(header).toMatch(/; HttpOnly/);
    expect(header).toMatch(/; SameSite=Lax/);
    expect(authOptions({ ...getConfig(), publicUrl: 'https://app.example' }).useSecureCookies).toBe(true);
  });

  it('ends a session when the user is removed', async () => {
    const visitor = browser();
    await visitor.devLogin(email);
    await getDb().user.delete({ where: { email } });
    expect(await sessionOf(visitor)).toEqual({});
    expect(visitor.cookies.get(SESSION_COOKIE)).toBe('');
  });

  it('ends a session at sign-out', async () => {
    const visitor = browser();
    await visitor.devLogin(email);
    await visitor.signOut();
    expect(await actorOf(visitor)).toBeNull();
  });
});

it.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  'http://localhost:3000.evil.example/',
])('never goes to %s after a sign-in', async (callbackUrl) => {
  const { location } = await browser().devLogin(email, callbackUrl);
  expect(new URL(location ?? '', ORIGIN).origin).toBe(ORIGIN);
});

describe('signing in over https', () => {
  it('sets only __Host- cookies, which no sibling subdomain can plant', async () => {
    const config = { ...getConfig(), publicUrl: 'https://app.example' };
    const visitor = new TestBrowser(authOptions(config), config.publicUrl);
    await visitor.devLogin(email);
    await visitor.startSignIn('github');
    expect(visitor.setCookies.length).toBeGreaterThan(4);
    for (const line of visitor.setCookies) {
      expect(line).toMatch(/^__Host-next-auth\./);
      expect(line).toContain('Path=/;');
      expect(line).toContain('Secure');
      expect(line).not.toMatch(/domain=/i);
    }
    expect(visitor.cookies.has(`__Host-${SESSION_COOKIE}`)).toBe(true);
  });
});
