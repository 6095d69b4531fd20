import { describe, expect, it } from 'vitest';
import { ConfigError, type Environment, parseConfig } from '../config';
import { COMPLETE } from './test-environment';

function githubOf(changes: Environment): { apiUrl: string; webUrl: string } | string[] {
  try {
    const { apiUrl, webUrl } = parseConfig({ ...COMPLETE, ...changes }).github;
    return { apiUrl, webUrl };
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const pair = (GITHUB_API_URL?: string, GITHUB_WEB_URL?: string) =>
  githubOf({ GITHUB_API_URL, GITHUB_WEB_URL });

describe('GITHUB_API_URL and GITHUB_WEB_URL', () => {
  it.each([
    ['https://api.github.com', 'https://github.com'],
    ['https://api.octocorp.ghe.com', 'https://octocorp.ghe.com'],
    ['https://github.acme.test/api/v3', 'https://github.acme.test'],
    ['https://github.acme.test:8443/api/v3', 'https://github.acme.test:8443'],
  ])('accepts the GitHub URLs %s and %s, with or without trailing slashes', (apiUrl, webUrl) => {
    expect(pair(apiUrl, webUrl)).toEqual({ apiUrl, webUrl });
    expect(pair(`${apiUrl}/`, `${webUrl}//`)).toEqual({ apiUrl, webUrl });
  });

  it('accepts GitHub URLs in capitals and with the default port of https', () => {
    expect(pair('HTTPS://API.github.com', 'https://GitHub.com:443')).toEqual({
      apiUrl: 'https://api.github.com',
      webUrl: 'https://github.com',
    });
  });

  it.each([
    ['an API of another server', 'https://github.acme.test/api/v3', undefined],
    ['a web address of another server', undefined, 'https://github.acme.test'],
    ['github.com with another API', 'https://github.acme.test/api/v3', 'https://github.com'],
    ['another server with github.com’s API', 'https://api.github.com', 'https://github.acme.test'],
    ['two servers', 'https://one.test/api/v3', 'https://two.test'],
    ['two ports', 'https://one.test:1/api/v3', 'https://one.test:2'],
    ['an API without its path', 'https://github.acme.test', 'https://github.acme.test'],
    ['an API with another path', 'https://github.acme.test/api/v4', 'https://github.acme.test'],
    ['two subdomains of ghe.com', 'https://api.one.ghe.com', 'https://two.ghe.com'],
    ['a path of ghe.com', 'https://octocorp.ghe.com/api/v3', 'https://octocorp.ghe.com'],
    ['a look-alike of ghe.com', 'https://api.octocorp.ghe.com.evil.test', 'https://octocorp.ghe.com'],
    ['github.com’s name with www', 'https://api.github.com', 'https://www.github.com'],
  ])('rejects GitHub URLs that are %s', (_, apiUrl, webUrl) => {
    for (const PULSESTREAM_ENV of ['dev', 'prod'])
      expect(githubOf({ GITHUB_API_URL: apiUrl, GITHUB_WEB_URL: webUrl, PULSESTREAM_ENV })).toEqual([
        expect.stringMatching('^GITHUB_API_URL and GITHUB_WEB_URL: do not belong together'),
      ]);
  });

  it('accepts any two loopback URLs of GitHub in dev and demo', () => {
    const local = { GITHUB_API_URL: 'http://127.0.0.1:4001/x', GITHUB_WEB_URL: 'http://localhost:4002/y' };
    for (const PULSESTREAM_ENV of ['dev', 'demo'])
      expect(githubOf({ ...local, PULSESTREAM_ENV })).not.toBeInstanceOf(Array);
    expect(githubOf({ ...local, PULSESTREAM_ENV: 'staging' })).toBeInstanceOf(Array);
  });
});

describe('NEXTAUTH_URL and AUTH_OIDC_ISSUER', () => {
  it('removes a trailing slash from NEXTAUTH_URL and AUTH_OIDC_ISSUER, and the discovery path from the issuer', () => {
    const { publicUrl, auth } = parseConfig({
      ...COMPLETE,
      NEXTAUTH_URL: 'https://App.test/',
      AUTH_OIDC_ISSUER: 'https://issuer.test/tenant/.well-known/openid-configuration',
      AUTH_OIDC_ID: 'id',
      AUTH_OIDC_SECRET: 'oidc-secret',
    });
    expect(publicUrl).toBe('https://app.test');
    expect(auth.oidc?.issuer).toBe('https://issuer.test/tenant');
  });

  it.each(['https://accounts.google.com', 'https://login.microsoftonline.com/common/v2.0'])(
    'refuses to trust email addresses from an issuer where anybody can have an account: %s',
    (AUTH_OIDC_ISSUER) => {
      const oidc = { AUTH_OIDC_ISSUER, AUTH_OIDC_ID: 'id', AUTH_OIDC_SECRET: 'oidc-secret' };
      expect(githubOf({ ...oidc, AUTH_OIDC_TRUST_EMAIL: '1' })).toEqual([
        expect.stringMatching('^AUTH_OIDC_TRUST_EMAIL: refused'),
      ]);
    },
  );
});
