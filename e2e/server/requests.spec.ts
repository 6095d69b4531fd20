/** Checks that no form of a request evades limits, the client's address or the headers of pages. */
import { expect, test } from '../fixtures';
import { newOwner, signInAs } from '../people';
import { type OwnServer, startOwnServer } from './own-server';

const CLIENT = '198.51.100.7';

let server: OwnServer;
test.beforeAll(async () => {
  server = await startOwnServer({ TRUSTED_PROXY_HOPS: '1' });
});
test.afterAll(() => server?.close());

test('attempts to sign in are counted, however their path is written', async () => {
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

test('an action that is sent to a page without it is recorded with its client’s address', async ({
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

test('every HTML response has the policy of pages, however its path is written', async () => {
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

test('a browser that asks for an icon by itself gets one', async () => {
  const answer = await fetch(`${server.app.url}/favicon.ico`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
});

test('no other site can hold a window of ours, or embed what we answer', async () => {
  for (const path of ['/trust', '/nowhere', '/favicon.svg', '/api/health/live', '/api/v1/openapi.json']) {
    const { headers } = await fetch(server.app.url + path);
    expect([path, headers.get('cross-origin-opener-policy')]).toEqual([path, 'same-origin']);
    expect([path, headers.get('cross-origin-resource-policy')]).toEqual([path, 'same-origin']);
    // Next forwards a page's request inside the process. The header of that must not be accepted from outside.
    expect([...headers.keys()].filter((name) => name.startsWith('x-middleware'))).toEqual([]);
  }
});

test('a page keeps at most the size of the largest form of a body', async () => {
  await fetch(`${server.app.url}/trust`, { method: 'POST', body: Buffer.alloc(6_000_000) });
  await expect.poll(() => server.app.log()).toContain('exceeded 4.4MB for /trust');
});
