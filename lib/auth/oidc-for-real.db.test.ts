/**
 * Signs in with a certified OpenID provider, going through the whole authorization code flow and next-auth's real
 * handler.
 */
import { randomUUID } from 'node:crypto';
import { symbols } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Config, getConfig } from '../config';
import { getDb } from '../db/client';
import { log } from '../observability/log';
import { authOptions } from './options';
import { authenticateUser } from './session';
import { TestBrowser } from './test-browser';
import { startTestApp } from './test-fixtures';
import { OIDC_CLIENT, passProvider, startOidcProvider } from './test-oidc-provider';

await startTestApp();
// Connect to the database first: on a busy machine, that can take longer than the five seconds a sign-in allows.
await vi.waitFor(() => getDb().user.count(), { timeout: 60_000 });
const ORIGIN = getConfig().publicUrl;
const CALLBACK = `${ORIGIN}/api/auth/callback/oidc`;

type Options = Parameters<typeof startOidcProvider>[1] & { trustEmail?: boolean };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Starts a provider and configures the app to use it. */
async function scene({ trustEmail = false, ...options }: Options = {}) {
  const lines: string[] = [];
  const stream = Reflect.get(log, symbols.streamSym) as { write(line: string): void };
  vi.spyOn(stream, 'write').mockImplementation((line) => void lines.push(line));
  const provider = await startOidcProvider(CALLBACK, options);
  stops.push(provider.stop);
  const config = getConfig();
  const oidc = {
    issuer: provider.issuer,
    clientId: OIDC_CLIENT.id,
    clientSecret: OIDC_CLIENT.secret,
    name: 'Single sign-on',
    trustEmail,
  };
  const configured: Config = { ...config, auth: { ...config.auth, oidc } };
  const browser = () => new TestBrowser(authOptions(configured), ORIGIN);
  return { provider, lines, browser };
}

async function signIn(visitor: TestBrowser): Promise<string | null> {
  const { location } = await visitor.startSignIn('oidc', '/new');
  const back = await passProvider(location ?? '', CALLBACK);
  return (await visitor.request('GET', back)).location;
}

async function actorOf(visitor: TestBrowser): Promise<string | null> {
  const cookies = [...visitor.cookies].map(([name, value]) => ({ name, value }));
  const user = await authenticateUser({ bearer: null, cookies }).catch(() => null);
  return user?.actor.label ?? null;
}

const address = () => `${randomUUID()}@Acme.Test`;

describe('signing in at a real OpenID provider', () => {
  it.each(['userinfo', 'id_token'] as const)(
    'creates a session with claims from the %s, and ends it',
    async (claimsIn) => {
      const { provider, browser } = await scene({ claimsIn });
      const email = address();
      provider.account.claims = { email, email_verified: true, name: 'Ada' };
      const visitor = browser();
      expect(await signIn(visitor)).toBe(`${ORIGIN}/new`);
      expect(await actorOf(visitor)).toBe(email.toLowerCase());
      const asked = provider.requests.find(({ path }) => path === '/auth')?.query;
      expect(asked?.get('code_challenge_method')).toBe('S256');
      expect(provider.requests.some(({ path }) => path === '/me')).toBe(claimsIn === 'userinfo');
      await visitor.signOut();
      expect(await actorOf(visitor)).toBeNull();
    },
  );

  it.each(['true', 'True', ' TRUE '])('accepts email_verified as the text %j', async (email_verified) => {
    const { provider, browser } = await scene();
    provider.account.claims = { email: address(), email_verified };
    expect(await signIn(browser())).toBe(`${ORIGIN}/new`);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['email', { email_verified: true }, 'EmailClaimMissing'],
    ['email_verified', { email: 'x@acme.test' }, 'EmailVerifiedClaimMissing'],
  ])(
    'names %s on the page and in the log when the provider does not send it',
    async (claim, claims, error) => {
      for (const claimsIn of ['userinfo', 'id_token'] as const) {
        const { provider, browser, lines } = await scene({ claimsIn });
        provider.account.claims = claims;
        expect(await signIn(browser())).toBe(`${ORIGIN}/sign-in?error=${error}`);
        expect(lines.map((line) => JSON.parse(line))).toContainEqual(
          expect.objectContaining({ level: 'warn', provider: 'oidc', claim }),
        );
      }
    },
  );

  it('accepts an address without email_verified if AUTH_OIDC_TRUST_EMAIL allows it', async () => {
    const { provider, browser } = await scene({ trustEmail: true });
    const email = address();
    provider.account.claims = { email };
    const visitor = browser();
    expect(await signIn(visitor)).toBe(`${ORIGIN}/new`);
    expect(await actorOf(visitor)).toBe(email.toLowerCase());
  });

  it.each([false, 'false', 'FALSE'])(
    'rejects email_verified %j, even from a trusted issuer',
    async (email_verified) => {
      for (const trustEmail of [false, true]) {
        const { provider, browser } = await scene({ trustEmail });
        provider.account.claims = { email: address(), email_verified };
        expect(await signIn(browser())).toBe(`${ORIGIN}/sign-in?error=EmailNotVerified`);
      }
    },
  );

  it.each(['ES256', 'HS256'] as const)(
    'rejects an ID token that is signed with %s',
    async (idTokenAlgorithm) => {
      const { provider, browser } = await scene({ idTokenAlgorithm });
      provider.account.claims = { email: address(), email_verified: true };
      const visitor = browser();
      expect(await signIn(visitor)).toContain('error=OAuthCallback');
      expect(await actorOf(visitor)).toBeNull();
    },
  );

  it('rejects a code with a foreign state or nonce, or in another browser', async () => {
    const { provider, browser } = await scene();
    provider.account.claims = { email: address(), email_verified: true };
    const visitor = browser();
    const { location } = await visitor.startSignIn('oidc');
    const otherNonce = new URL(location ?? '');
    otherNonce.searchParams.set('nonce', 'another');
    const wrongNonce = await passProvider(otherNonce.href, CALLBACK);
    expect((await visitor.request('GET', wrongNonce)).location).toContain('error=');

    const second = browser();
    const wrongState = new URL(
      await passProvider((await second.startSignIn('oidc')).location ?? '', CALLBACK),
    );
    wrongState.searchParams.set('state', 'another');
    expect((await second.request('GET', wrongState.href)).location).toContain('error=');

    const third = browser();
    const code = await passProvider((await third.startSignIn('oidc')).location ?? '', CALLBACK);
    const victim = browser();
    await victim.startSignIn('oidc');
    expect((await victim.request('GET', code)).location).toContain('error=');
    for (const one of [visitor, second, victim]) expect(await actorOf(one)).toBeNull();
  });

  it('rejects a code from another issuer', async () => {
    const { provider, browser } = await scene();
    provider.account.claims = { email: address(), email_verified: true };
    const visitor = browser();
    const back = await passProvider((await visitor.startSignIn('oidc')).location ?? '', CALLBACK);
    const mixedUp = new URL(back);
    mixedUp.searchParams.set('iss', 'https://evil.test');
    expect((await visitor.request('GET', mixedUp.href)).location).toContain('error=');
    expect(await actorOf(visitor)).toBeNull();
  });
});
