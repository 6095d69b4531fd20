/**
 * Covers an identity provider whose sign-in page has a different origin from its issuer, in a browser that enforces
 * `form-action`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startIdentityProvider } from '../../lib/auth/test-identity-provider';
import { expect, test, unique } from '../fixtures';
import { type OwnServer, startOwnServer } from './own-server';

let idp: Awaited<ReturnType<typeof startIdentityProvider>>;
let server: OwnServer;
/** Serves the provider's sign-in page at an origin of its own. From there, a link leads on to the issuer. */
const login = createServer((request, response) => {
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(`<h1>Provider</h1><a href="${idp.url}${request.url?.replaceAll('"', '')}">Go on</a>`);
});

test.beforeAll(async () => {
  idp = await startIdentityProvider();
  await new Promise<void>((resolve) => login.listen(0, '127.0.0.1', resolve));
  idp.state.authorizationEndpoint = `http://127.0.0.1:${(login.address() as AddressInfo).port}/authorize`;
  const email = `${unique('olivia')}@acme.test`;
  idp.state.claims = { email, email_verified: true, name: 'Olivia' };
  server = await startOwnServer({
    AUTH_OIDC_ISSUER: idp.url,
    AUTH_OIDC_ID: 'oidc-client',
    AUTH_OIDC_SECRET: 'oidc-secret',
    AUTH_OIDC_NAME: 'Acme SSO',
  });
});
test.afterAll(async () => {
  await server?.close();
  login.close();
  await idp?.stop();
});

test('a user can sign in through a sign-in page on another origin than its issuer', async ({ page }) => {
  const { url } = server.app;
  await page.goto(`${url}/sign-in?callbackUrl=%2Fnew`);
  await page.getByRole('button', { name: 'Continue with Acme SSO' }).click();
  await expect(page.getByRole('heading', { name: 'Provider' })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(new URL(idp.state.authorizationEndpoint).origin);
  await page.getByRole('link', { name: 'Go on' }).click();
  await page.waitForURL(`${url}/new`);
});

test('the policy names no further origin for forms', async ({ request }) => {
  const policy = (await request.get(`${server.app.url}/sign-in`)).headers()['content-security-policy'] ?? '';
  const formAction = policy.split('; ').find((directive) => directive.startsWith('form-action'));
  const { origin } = new URL(idp.state.authorizationEndpoint);
  expect(formAction?.split(' ').sort()).toEqual(
    ['form-action', "'self'", origin, server.services.github.webUrl].sort(),
  );
});
