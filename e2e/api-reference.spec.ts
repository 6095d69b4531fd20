/** Covers the API reference page and its OpenAPI document. */
import { appUrl, expect, test } from './fixtures';
import { assertAccessible } from './inspection';
import { newOwner, signInAs } from './people';

test('the type of a problem response links to the explanation of its code', async ({ page, request }) => {
  const answer = await request.post('/api/v1/internal/github/token');
  expect(answer.status()).toBe(401);
  const { type, code } = await answer.json();
  await page.goto(type);
  await expect(page.locator(`#${code}`)).toContainText('unauthenticated');
  await expect(page.locator(`#${code}`)).toBeInViewport();
});

test('the reference shows every route of the OpenAPI document to everybody', async ({ page, request }) => {
  const answer = await request.get('/api/v1/openapi.json');
  expect(answer.headers()['cache-control']).toBe('no-store');
  const document = await answer.json();
  expect(document).toMatchObject({ openapi: '3.1.1', servers: [{ url: appUrl() }] });
  await page.goto('/docs/api');
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods as object));
  expect(operations.length).toBeGreaterThan(20);
  for (const { operationId, summary } of operations)
    await expect(page.locator(`details:has(#${operationId}) h3`)).toHaveText(summary);
  for (const name of Object.keys(document.components.schemas))
    if (name !== 'Json') await expect(page.locator(`#${name}`)).toHaveCount(1);
});

test('the document holds every operation without scripts, and their fields only once', async ({
  request,
}) => {
  const { paths } = await (await request.get('/api/v1/openapi.json')).json();
  const html = await (await request.get('/docs/api')).text();
  const visible = html.replaceAll(/<script[^>]*>.*?<\/script>/gs, '');
  for (const { operationId } of Object.values(paths).flatMap((methods) => Object.values(methods as object)))
    expect(visible).toContain(`id="${operationId}"`);
  expect(visible).toContain('<dt><code>repositories</code>');
  // React's data for scripts would name each element in this form.
  const element = String.raw`[\"$\",\"dt\"`;
  expect(html).not.toContain(element);
});

test('a link to an operation unfolds its callers, its request and its response', async ({ page }) => {
  await page.goto('/docs/api#mintTokenForService');
  const mint = page.locator('#mintTokenForService');
  await expect(mint.getByText('An API key of the workspace')).toBeVisible();
  await expect(mint.getByText('verify', { exact: true })).toBeVisible();
  await expect(mint.getByText('"token": "ghs_…"')).toBeVisible();
  await mint.getByRole('link', { name: 'MintResponse' }).click();
  await expect(page.locator('#MintResponse').getByText('expires_at', { exact: true })).toBeVisible();
  await assertAccessible(page, { within: 'details[open]' });
});

test('routes for operators are listed in a section of their own, below all others', async ({ page }) => {
  await page.goto('/docs/api');
  const operators = page.getByRole('region', { name: 'For operators' });
  for (const id of ['receiveWebhook', 'startConnect', 'reconcile', 'metrics', 'ready'])
    await expect(operators.locator(`#${id}`)).toHaveCount(1);
  for (const id of ['mintTokenForService', 'listAuditEvents', 'describe'])
    await expect(operators.locator(`#${id}`)).toHaveCount(0);
});

test('every link within the reference has a target', async ({ page, context }) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  await page.goto(`/docs/api?workspace=${owner.slug}`);
  await expect(page.getByRole('link', { name: 'API', exact: true })).toHaveAttribute('aria-current', 'page');
  const dangling = await page
    .locator('a[href^="#"]')
    .evaluateAll((links) =>
      links
        .map((link) => link.getAttribute('href') ?? '')
        .filter((href) => document.querySelector(href) === null),
    );
  expect(dangling).toEqual([]);
});

test('the search leaves what has every word, and a link shows everything again', async ({ page }) => {
  await page.goto('/docs/api');
  const field = page.getByRole('searchbox', { name: 'Search the reference' });
  await page.keyboard.press('/');
  await expect(field).toBeFocused();
  await field.fill('rotate key');
  await expect(page.locator('details:has(#rotateApiKey)')).toBeVisible();
  await expect(page.locator('details:has(#listMembers)')).toBeHidden();
  for (const name of ['Members', 'Operation'])
    await expect(page.getByRole('heading', { name, exact: true })).toBeHidden();
  await field.fill('no such words');
  await expect(page.getByRole('main').getByRole('status')).toHaveText('Nothing has all of these words.');
  await page.goto('/docs/api#listMembers');
  await expect(page.locator('details:has(#listMembers)')).toBeVisible();
  await expect(page.locator('details:has(#rotateApiKey)')).toBeVisible();
});

test('the samples name the reader’s own workspace', async ({ page, context }) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  await page.goto(`/docs/api?workspace=${owner.slug}#listMembers`);
  await expect(page.locator('#listMembers')).toContainText(`/api/v1/workspaces/${owner.slug}/members`);
  const visitor = await (await page.request.get('/docs/api?workspace=no-such-workspace')).text();
  expect(visitor).toContain('/api/v1/workspaces/acme/members');
});
