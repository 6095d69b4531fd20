/** Covers the content security policy, in a browser that enforces it. */
import { expect, test } from './fixtures';
import { newOwner, signInAs } from './people';

test('each page view has its own nonce and allows no other inline script', async ({ request }) => {
  const policies = await Promise.all(
    [1, 2].map(async () => (await request.get('/trust')).headers()['content-security-policy'] ?? ''),
  );
  expect(policies[0]).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/=]{24}' 'strict-dynamic';/);
  expect(policies[0]).not.toContain('unsafe');
  expect(policies[0]).not.toBe(policies[1]);
  expect(policies[0]).toContain("frame-ancestors 'none'; base-uri 'none'; object-src 'none'");
  const api = await request.get('/api/health/live');
  expect(api.headers()['content-security-policy']).toContain("default-src 'none'");
});

test('a planted script does not run, whether it is inline, an event handler or from another site', async ({
  page,
  context,
  complaints,
}) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  // Plant markup in the document on its way to the browser, as if the server had failed to escape it.
  await page.route('**/settings/members', async (route) => {
    const response = await route.fetch();
    const planted = `<script>window.planted=1</script><img src="x" onerror="window.planted=2"><script src="https://example.com/x.js"></script>`;
    await route.fulfill({ response, body: (await response.text()).replace('</main>', `${planted}</main>`) });
  });
  await page.goto(`/w/${owner.slug}/settings/members`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');
  await expect
    .poll(() => complaints.filter((text) => /Content Security Policy/.test(text)).length)
    .toBeGreaterThan(1);
  expect(await page.evaluate(() => 'planted' in window)).toBe(false);
  // The browser has logged the violations, and a hydration error caused by the planted markup. Discard these expected
  // complaints.
  await page.goto('about:blank');
  complaints.length = 0;
});
