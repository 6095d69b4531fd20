/** The operator's page, for an operator and for everybody else. */
import type { APIRequestContext, BrowserContext } from '@playwright/test';
import { parse } from 'node-html-parser';
import { appUrl, expect, forgetStatus, github, test } from './fixtures';
import { inspect } from './inspection';
import { asDatabaseOwner } from './installations';
import { getPage } from './page-over-http';
import { newOwner, type Person, signInAs } from './people';

/** The local services name this address in `OPERATOR_EMAILS`. */
const EMAIL = 'operator@acme.test';

async function signInAsOperator(context: BrowserContext): Promise<void> {
  const id = await asDatabaseOwner(async (db) => {
    const { rows } = await db.query(
      `INSERT INTO users (email) VALUES ($1) ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id`,
      [EMAIL],
    );
    return rows[0].id as string;
  });
  await signInAs(context, { id, email: EMAIL });
}

let owner: Person;
test.beforeAll(async () => {
  owner = await newOwner('Acme');
});

test('an operator finds the page in the menu, and immediately sees what the app can check by itself', async ({
  page,
  context,
}) => {
  await signInAsOperator(context);
  await page.goto('/trust');
  await page.getByRole('banner').locator('summary', { hasText: 'Your account' }).click();
  await page.getByRole('link', { name: 'Operator' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Operator');
  await expect(page.getByText(/^All \d+ migrations are applied\.$/)).toBeVisible();
  await expect(page.getByText(/^The key SHA256:\S+ has been in use here since/)).toBeVisible();
  await expect(page.getByText(/^\d+ more checks|more checks ask GitHub/)).toBeVisible();
  await inspect(page, { allLooks: true });
});

test('an operator runs every check, and reads what is wrong and what to do', async ({ page, context }) => {
  await signInAsOperator(context);
  await page.goto('/operator');
  await page.getByRole('button', { name: 'Run all checks' }).click();
  await expect(page.getByText('Every check was made.')).toBeVisible();
  await expect(page.getByText('GitHub accepts the App’s key.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Not run yet' })).toHaveCount(0);

  const permissions = { contents: 'read', metadata: 'read' } as const;
  await github().configureApp({ permissions: { ...permissions, issues: 'write' } });
  await page.getByRole('button', { name: 'Run again' }).click();
  const wrong = page.getByRole('region', { name: 'Needs attention' });
  const excess = wrong.getByRole('listitem').filter({ hasText: /^app-permissions/ });
  await expect(excess).toContainText('Failed');
  await expect(excess).toContainText('issues: write');
  await expect(excess).toContainText('What to do: In the App’s settings, leave Contents: read-only');
  await expect(page.getByRole('status').filter({ hasText: '1 check failed' })).toBeVisible();
  await github().configureApp({ permissions });
  await inspect(page, { allLooks: true });
});

test.describe('without a script', () => {
  test.use({ javaScriptEnabled: false });

  test('an operator runs every check without a script', async ({ page, context }) => {
    await signInAsOperator(context);
    await page.goto('/operator');
    await page.getByRole('button', { name: 'Run all checks' }).click();
    await expect(page.getByText('Every check was made.')).toBeVisible();
    await expect(page.getByText('GitHub accepts the App’s key.')).toBeVisible();
  });
});

/** Everything that a reader can tell a response by, but for the paths of scripts. */
async function responseTo(request: APIRequestContext, path: string) {
  const { status, headings, elements } = await getPage(request, path);
  const response = await request.get(path);
  const root = parse(await response.text());
  for (const script of root.querySelectorAll('script, style')) script.remove();
  const text = root.querySelector('body')?.text.replace(UUID, 'ID');
  const names = new Set(response.headersArray().map(({ name }) => name.toLowerCase()));
  return { status, headings, elements, text, names, title: root.querySelector('title')?.text };
}

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;

test('everybody else gets the 404 of an unknown path, and a signed-out visitor is sent to sign-in', async ({
  page,
  context,
  complaints,
}) => {
  await signInAs(context, owner);
  const unknown = await responseTo(context.request, '/operators');
  expect(unknown.status).toBe(404);
  expect(await responseTo(context.request, '/operator')).toEqual(unknown);
  await page.goto('/operator');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Page not found/);
  await expect(page).toHaveTitle(/^Not found/);
  forgetStatus(complaints);

  // An address is not enough: this sign-in has to have verified it.
  await context.clearCookies();
  await signInAs(context, { id: owner.id, email: EMAIL });
  expect((await responseTo(context.request, '/operator')).status).toBe(404);

  await context.clearCookies();
  await page.goto('/operator');
  await expect(page).toHaveURL(/\/sign-in\?callbackUrl=[^&]*%2Foperator/);
});

test('nobody but an operator runs the checks by sending the form', async ({ page, context }) => {
  await signInAsOperator(context);
  await page.goto('/operator');
  const form = await page.locator('form').filter({ hasText: 'Run all checks' }).locator('input').all();
  expect(form.length).toBeGreaterThan(0);
  const fields: Record<string, string> = {};
  for (const input of form)
    fields[(await input.getAttribute('name')) ?? ''] = (await input.inputValue()) ?? '';
  await context.clearCookies();
  await signInAs(context, owner);
  const asked = async () => (await github().requests.filter({ route: 'GET /app/hook/config' })).length;
  const before = await asked();
  const response = await context.request.post(`${appUrl()}/operator`, {
    multipart: fields,
    headers: { origin: appUrl() },
    maxRedirects: 0,
  });
  expect(response.status()).toBe(404);
  expect(await response.text()).not.toContain('GitHub accepts');
  expect(await asked()).toBe(before);
});
