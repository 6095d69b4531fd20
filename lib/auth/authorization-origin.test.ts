import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authorizationOrigins } from './authorization-origin';
import { startIdentityProvider } from './test-identity-provider';

let idp: Awaited<ReturnType<typeof startIdentityProvider>>;
beforeEach(async () => {
  idp = await startIdentityProvider();
});
afterEach(() => idp.stop());

const client = { clientId: 'x', clientSecret: 'x' };
const github = { webUrl: 'https://github.example/base' };
const withOidc = () => ({
  auth: { google: undefined, oidc: { ...client, issuer: idp.url, name: 'SSO' } },
  github,
});

describe('the origins that signing in leads to', () => {
  it('allows GitHub’s and Google’s own origins without any request', async () => {
    expect(await authorizationOrigins({ auth: { google: client, oidc: undefined }, github })).toEqual([
      'https://github.example',
      'https://accounts.google.com',
    ]);
  });

  it('allows the origin from the discovery document, which is read once for many page views', async () => {
    idp.state.authorizationEndpoint = 'https://login.example:8443/tenant/authorize?x=1';
    const views = await Promise.all(Array.from({ length: 20 }, () => authorizationOrigins(withOidc())));
    views.push(await authorizationOrigins(withOidc()));
    for (const view of views) expect(view).toEqual(['https://github.example', 'https://login.example:8443']);
    expect(idp.state.discoveries).toBe(1);
  });

  it('falls back to the issuer’s origin while discovery fails', async () => {
    idp.state.discoveryStatus = 500;
    expect(await authorizationOrigins(withOidc())).toEqual(['https://github.example', idp.url]);
  });

  it('falls back to the issuer’s origin while the provider is unreachable', async () => {
    const config = withOidc();
    await idp.stop();
    expect(await authorizationOrigins(config)).toEqual(['https://github.example', idp.url]);
    idp = await startIdentityProvider();
  });

  it.each([
    'javascript:alert(1)',
    'https://login.example;sandbox/authorize',
    'https://*.example/authorize',
    "https://'none'/authorize",
    'nonsense',
    '',
  ])('never allows %j', async (endpoint) => {
    idp.state.authorizationEndpoint = endpoint;
    expect(await authorizationOrigins(withOidc())).toEqual(['https://github.example', idp.url]);
  });
});
