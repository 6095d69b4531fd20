/**
 * Checks that unusually formed requests can't evade rate limits, hide the client's IP address or avoid the page
 * headers.
 */
import { expect, test } from '../fixtures';
import { newOwner, signInAs } from '../people';
import { type OwnServer, startOwnServer } from './own-server';

const CLIENT = '198.51.100.7';

let server: OwnServer;
test.beforeAll(async () => {
  server = await startOwnServer({ TRUSTED_PROXY_HOPS: '1' });
});
test.afterAll(() => server?.close());

test('sign-in attempts count towards the limit, however their path is written', async () => {
  const paths = ['callback/dev-login', '%63allback/dev-login', 'c%61llback/dev-login', '%73ignin/github'];
  const attempts = Array.from({ length: 60 }, async (_, n) => {
    const answer = await fetch(`${server.app.url}/api/auth/${paths[n % paths.length]}`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'x@acme.test' }),
      redirect: 'manual',
    });
    return answer.status;
  });
  const statuses = await Promise.all(attempts);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30);
});

test('an action is audited with its client’s address even if it is sent to another page', async ({
  page,
  context,
}) => {
  const { env } = server.services;
  const owner = await newOwner('Acme', env);
  await signInAs(context, owner, env);
  await page.route('**/new', (route) => {
    const request = route.request();
    if (request.method() !== 'POST') return route.continue();
    return route.continue({
      url: `${server.app.url}/trust`,
      headers: { ...request.headers(), 'x-forwarded-for': CLIENT },
    });
  });
  await page.goto(`${server.app.url}/new`);
  const slug = `${owner.slug}-2`;
  await page.getByLabel('Name').fill('Second');
  await page.getByLabel('Address').fill(slug);
  await page.getByRole('button', { name: 'Create workspace' }).click();
  const events = async () => {
    const answer = await context.request.get(`${server.app.url}/api/v1/workspaces/${slug}/audit-events`);
    return answer.ok() ? (await answer.json()).data : [];
  };
  await expect.poll(events).toMatchObject([{ type: 'workspace.created', client_ip: CLIENT }]);
});

test('every HTML response has the content security policy, however its path is written', async () => {
  const paths = ['/favicon.svgx', '/favicon.svg/x', '/_next/staticx', '/api', '/apix', '/%61pi', '/nowhere'];
  for (const path of paths) {
    const { headers, status } = await fetch(server.app.url + path);
    expect([path, status]).toEqual([path, 404]);
    if (headers.get('content-type')?.startsWith('text/html'))
      expect([path, headers.get('content-security-policy')]).toEqual([
        path,
        expect.stringMatching(/script-src 'self' 'nonce-/),
      ]);
  }
});

test('a browser that requests /favicon.ico by itself gets an icon', async () => {
  const answer = await fetch(`${server.app.url}/favicon.ico`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
});

test('another site can neither keep a reference to our window, embed our responses, nor learn a path of ours', async () => {
  for (const path of ['/trust', '/nowhere', '/favicon.svg', '/api/health/live', '/api/v1/openapi.json']) {
    const { headers } = await fetch(server.app.url + path);
    expect([path, headers.get('cross-origin-opener-policy')]).toEqual([path, 'same-origin']);
    expect([path, headers.get('cross-origin-resource-policy')]).toEqual([path, 'same-origin']);
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
    expect([path, headers.get('referrer-policy')]).toEqual([path, 'strict-origin-when-cross-origin']);
    // Next uses `x-middleware…` headers internally to forward a request to its page. They must not leave the process.
    expect([...headers.keys()].filter((name) => name.startsWith('x-middleware'))).toEqual([]);
  }
});

test('a page buffers a request body only up to the size of the largest form', async () => {
  await fetch(`${server.app.url}/trust`, { method: 'POST', body: Buffer.alloc(6_000_000) });
  await expect.poll(() => server.app.log()).toContain('exceeded 4.4MB for /trust');
});
