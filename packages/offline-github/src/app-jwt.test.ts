import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePrivateKey } from './settings';
import { type OfflineGitHub, startOfflineGitHub } from './start';
import { appJwt, octokitApp, request, signJwt } from './testing';

let github: OfflineGitHub;
beforeAll(async () => {
  github = await startOfflineGitHub();
});
afterAll(() => github.close());

const now = () => Math.floor(Date.now() / 1000);
const ask = (token?: string) => request(github, 'GET', '/app', token === undefined ? {} : { token });

describe('App JWT', () => {
  it('accepts the JWT of the real Octokit', async () => {
    const { data } = await octokitApp(github).octokit.request('GET /app');
    expect(data?.slug).toBe(github.app.slug);
  });

  it.each([
    ['client id', () => github.app.clientId],
    ['app id as a number', () => github.app.id],
    ['app id as a string', () => String(github.app.id)],
  ])('accepts the %s as issuer', async (_name, issuer) => {
    expect((await ask(appJwt(github, { iss: issuer() }))).status).toBe(200);
  });

  it.each([
    [
      'expires more than 600 s ahead',
      { exp: now() + 660 },
      "'Expiration time' claim ('exp') is too far in the future",
    ],
    ['has expired', { exp: now() - 1 }, "'Expiration time' claim ('exp') must be a numeric value"],
    ['was issued in the future', { iat: now() + 120 }, "'Issued at' claim ('iat') must be an Integer"],
    ['has a fraction as iat', { iat: now() - 60.5 }, "'Issued at' claim ('iat') must be an Integer"],
    ['has no issuer', { iss: undefined }, "Missing 'issuer' claim ('iss')"],
  ])('refuses a JWT that %s', async (_name, claims, message) => {
    const answer = await ask(appJwt(github, claims));
    expect(answer.status).toBe(401);
    expect(answer.json.message).toContain(message);
    expect(answer.json).toMatchObject({ documentation_url: expect.any(String), status: '401' });
  });

  it('returns 404 for the issuer of another App', async () => {
    expect(await ask(appJwt(github, { iss: 1 }))).toMatchObject({
      status: 404,
      json: { message: 'Integration not found' },
    });
  });

  it.each([
    [
      'another key',
      () => signJwt({ iss: github.app.id, iat: now() - 60, exp: now() + 60 }, generatePrivateKey()),
    ],
    [
      'another algorithm',
      () =>
        signJwt({ iss: github.app.id, iat: now(), exp: now() + 60 }, github.app.privateKey, { alg: 'none' }),
    ],
    ['no JSON', () => 'not.a.jwt'],
    ['no token at all', () => undefined],
  ])('refuses %s as undecodable', async (_name, token) => {
    const answer = await ask(token());
    expect(answer).toMatchObject({ status: 401, json: { message: 'A JSON web token could not be decoded' } });
  });

  it('accepts several keys, until one is removed', async () => {
    const { pem, fingerprint } = github.actions.addAppKey();
    const claims = { iss: github.app.id, iat: now() - 60, exp: now() + 60 };
    expect((await ask(signJwt(claims, pem))).status).toBe(200);
    expect((await ask(appJwt(github))).status).toBe(200);
    github.actions.removeAppKey({ fingerprint });
    expect((await ask(signJwt(claims, pem))).status).toBe(401);
    expect((await ask(appJwt(github))).status).toBe(200);
  });

  it('compares times with the clock of the Date header', async () => {
    github.knobs.set({ clockOffsetMs: -300_000 });
    const answer = await ask(appJwt(github));
    github.knobs.reset();
    expect(answer.status).toBe(401);
    expect(answer.json.message).toContain('too far in the future');
    const shown = Date.parse(answer.headers.get('date') ?? '');
    expect(Math.abs(shown - (Date.now() - 300_000))).toBeLessThan(3_000);
  });
});
