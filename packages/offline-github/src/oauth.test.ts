import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OfflineGitHub, startOfflineGitHub } from './start';
import { Browser, locationOf, request, startReceiver } from './testing';

const CALLBACK = 'http://localhost:3000/api/github/callback';
const AUTHORIZE = '/login/oauth/authorize';
let github: OfflineGitHub;
beforeAll(async () => {
  github = await startOfflineGitHub({ app: { callbackUrls: [CALLBACK] } });
});
beforeEach(() => github.knobs.reset());
afterAll(() => github.close());

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

function authorizeUrl(fields: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: github.app.clientId,
    redirect_uri: CALLBACK,
    state: 'state-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...fields,
  });
  return `${AUTHORIZE}?${query}`;
}

async function signedIn(login: string): Promise<Browser> {
  const browser = new Browser(github);
  await browser.signIn(login);
  return browser;
}

async function codeFor(login: string, fields: Record<string, string> = {}): Promise<string> {
  const browser = await signedIn(login);
  let answer = await browser.get(authorizeUrl(fields));
  if (answer.status === 200) answer = await browser.submit(AUTHORIZE, { authorize: '1' });
  return new URL(locationOf(answer)).searchParams.get('code') ?? '';
}

async function exchange(fields: Record<string, string>, accept = 'application/json') {
  const body = {
    client_id: github.app.clientId,
    client_secret: github.app.clientSecret,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    ...fields,
  };
  return request(github, 'POST', `${github.webUrl}/login/oauth/access_token`, {
    body,
    headers: { Accept: accept },
  });
}

async function userToken(login: string): Promise<string> {
  return (await exchange({ code: await codeFor(login) })).json.access_token;
}

describe('authorizing', () => {
  it('asks for consent once, and redirects immediately afterwards', async () => {
    const browser = await signedIn('olivia');
    expect((await browser.get(authorizeUrl())).status).toBe(200);
    const first = await browser.submit(AUTHORIZE, { authorize: '1' });
    expect(locationOf(first)).toMatch(
      /^http:\/\/localhost:3000\/api\/github\/callback\?code=\w+&state=state-1$/,
    );
    const second = await browser.get(authorizeUrl());
    expect(second.status).toBe(302);
    expect(locationOf(second)).toContain('code=');
  });

  it('redirects with access_denied when the user cancels', async () => {
    const browser = await signedIn('eve');
    await browser.get(authorizeUrl());
    const back = new URL(locationOf(await browser.submit(AUTHORIZE, { authorize: '0' })));
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ error: 'access_denied', state: 'state-1' });
    expect(back.searchParams.get('code')).toBeNull();
  });

  it('redirects to the sign-in page and back', async () => {
    const browser = new Browser(github);
    const away = locationOf(await browser.get(authorizeUrl()));
    expect(away).toMatch(/^\/login\?return_to=/);
    const returnTo = new URLSearchParams(away.split('?')[1]).get('return_to') ?? '';
    const back = await browser.post('/login', { login: 'mona', return_to: returnTo });
    expect(locationOf(back)).toBe(authorizeUrl());
  });

  it('never redirects to another site after sign-in', async () => {
    for (const evil of ['https://evil.test/', '//evil.test/', '/\\evil.test']) {
      const answer = await new Browser(github).post('/login', { login: 'mona', return_to: evil });
      expect(locationOf(answer)).toBe('/');
    }
  });

  it('rejects an unregistered redirect_uri without a redirect', async () => {
    const browser = await signedIn('olivia');
    const answer = await browser.get(authorizeUrl({ redirect_uri: 'https://evil.test/' }));
    expect(answer.status).toBe(422);
    expect(browser.html).toContain('not associated with this application');
  });
});

describe('exchanging the code', () => {
  it('returns a user token', async () => {
    const { json, status } = await exchange({ code: await codeFor('olivia') });
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'bearer', scope: '', expires_in: 28_800 });
    expect(json.access_token).toMatch(/^ghu_[0-9A-Za-z]{36}$/);
    const user = await request(github, 'GET', '/user', { token: json.access_token });
    expect(user.json).toMatchObject({ login: 'olivia', id: 20001 });
  });

  it('responds as a form when the client does not accept JSON', async () => {
    const answer = await exchange({ code: await codeFor('olivia') }, '*/*');
    expect(new URLSearchParams(answer.text).get('access_token')).toMatch(/^ghu_/);
  });

  it.each([
    [
      'a used code',
      async () => {
        const code = await codeFor('olivia');
        await exchange({ code });
        return { code };
      },
      'bad_verification_code',
    ],
    [
      'a code older than ten minutes',
      async () => {
        const code = await codeFor('olivia');
        github.knobs.set({ clockOffsetMs: 601_000 });
        return { code };
      },
      'bad_verification_code',
    ],
    [
      'a wrong verifier',
      async () => ({ code: await codeFor('olivia'), code_verifier: 'wrong' }),
      'bad_verification_code',
    ],
    [
      'another redirect_uri',
      async () => ({ code: await codeFor('olivia'), redirect_uri: `${CALLBACK}/x` }),
      'redirect_uri_mismatch',
    ],
    [
      'a wrong secret',
      async () => ({ code: await codeFor('olivia'), client_secret: 'wrong' }),
      'incorrect_client_credentials',
    ],
  ])('responds 200 with an error to %s', async (_name, prepare, error) => {
    const answer = await exchange(await prepare());
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ error, error_description: expect.any(String) });
    expect(answer.json.access_token).toBeUndefined();
  });

  it('accepts a refresh token once', async () => {
    const { json } = await exchange({ code: await codeFor('olivia') });
    const fields = { grant_type: 'refresh_token', refresh_token: json.refresh_token };
    const fresh = await exchange(fields);
    expect((await request(github, 'GET', '/user', { token: fresh.json.access_token })).status).toBe(200);
    expect((await request(github, 'GET', '/user', { token: json.access_token })).status).toBe(401);
    expect((await exchange(fields)).json.error).toBe('bad_refresh_token');
  });
});

describe('the installations of a user token', () => {
  it('lists an installation to every user with a role in it, and shows each user’s rights', async () => {
    const { id } = github.actions.install({ account: 'acme' });
    const see = async (login: string) => {
      const token = await userToken(login);
      const listed = await request(github, 'GET', '/user/installations', { token });
      const path = `/user/installations/${id}/repositories`;
      const repositories = await request(github, 'GET', path, { token });
      const admin = (repositories.json.repositories ?? [])
        .filter(({ permissions }: { permissions: { admin: boolean } }) => permissions.admin)
        .map(({ full_name }: { full_name: string }) => full_name);
      return {
        installations: listed.json.total_count,
        status: repositories.status,
        total: repositories.json.total_count,
        admin,
      };
    };
    const all = ['acme/api', 'acme/web', 'acme/infra'];
    expect(await see('olivia')).toEqual({ installations: 1, status: 200, total: 3, admin: all });
    expect(await see('mona')).toEqual({ installations: 1, status: 200, total: 3, admin: [] });
    expect(await see('rahul')).toEqual({ installations: 1, status: 200, total: 3, admin: ['acme/api'] });
    expect(await see('eve')).toEqual({ installations: 0, status: 404, total: undefined, admin: [] });
  });

  it('revokes a user token alone, or with the whole grant and a webhook to the App', async () => {
    const receiver = await startReceiver();
    github.configureApp({ webhookUrl: receiver.url });
    const { clientId, clientSecret } = github.app;
    const basic = (secret: string) => `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
    const remove = (what: string, token: string, secret = clientSecret) =>
      request(github, 'DELETE', `/applications/${clientId}/${what}`, {
        body: { access_token: token },
        headers: { Authorization: basic(secret) },
      });
    const [first, second] = [await userToken('mona'), await userToken('mona')];
    expect((await remove('token', first, 'wrong')).status).toBe(401);
    expect((await remove('token', first)).status).toBe(204);
    expect((await remove('token', first)).status).toBe(422);
    const user = (token: string) => request(github, 'GET', '/user', { token });
    expect((await user(first)).status).toBe(401);
    expect((await user(second)).status).toBe(200);
    expect((await remove('grant', second)).status).toBe(204);
    expect((await user(second)).status).toBe(401);
    await github.flush();
    expect(receiver.received).toMatchObject([
      { event: 'github_app_authorization', payload: { action: 'revoked', sender: { login: 'mona' } } },
    ]);
    github.configureApp({ webhookUrl: null });
    await receiver.close();
    expect(JSON.stringify(github.requests.list())).not.toContain(first);
    expect(JSON.stringify(github.requests.list())).not.toContain(clientSecret);
  });
});
