/** Types into forms while their actions run. */
import type { Page } from '@playwright/test';
import { expect, forgetFailedRequests, identityToken, test } from './fixtures';
import { assertAccessible } from './inspection';
import { newApiKey, newOwner, type Person, signInAs } from './people';

let owner: Person;
test.beforeEach(async ({ context }) => {
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

const settings = (page: string) => `/w/${owner.slug}/settings/${page}`;

/** Holds the request of a form back until something else was typed. */
async function submitAndType(page: Page, button: string, type: () => Promise<void>): Promise<void> {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**', async (route) => {
    if (route.request().method() === 'POST') await held;
    await route.continue();
  });
  const submit = page.getByRole('button', { name: button, exact: true });
  await submit.click();
  await expect(submit).toHaveAttribute('aria-disabled', 'true');
  await type();
  release();
  await expect(submit).not.toHaveAttribute('aria-disabled');
  await page.unrouteAll({ behavior: 'wait' });
}

test('a new API key keeps what is typed while the server refuses it', async ({ page }) => {
  await page.goto(settings('api-keys/new'));
  await page.getByLabel('Name').fill('engine');
  await submitAndType(page, 'Create API key', async () => {
    await page.getByLabel('Name').fill('engine 2');
    await page.getByLabel('Networks').fill('203.0.113.0/24');
    await page.getByLabel('30 days').check();
    await expect(page.getByRole('list').filter({ hasText: 'No repository is shared yet' })).toHaveAttribute(
      'inert',
    );
  });
  await expect(page.getByText('Choose at least one repository')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('engine 2');
  await expect(page.getByLabel('Networks')).toHaveValue('203.0.113.0/24');
  await expect(page.getByLabel('30 days')).toBeChecked();
});

test('a key’s edit form takes no text while a change is stored, because the page shows a new form then', async ({
  page,
}) => {
  const { id } = await newApiKey(owner.slug, 'engine');
  await page.goto(settings(`api-keys/${id}`));
  const locked = page.locator('[inert]').getByLabel('Name');
  await page.getByLabel('Name').fill('engine 2');
  await page.getByLabel('Networks').fill('nonsense');
  await submitAndType(page, 'Save changes', () => expect(locked).toHaveCount(1));
  await expect(page.getByText(/“nonsense” must be an IP address/)).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('engine 2');
  await expect(locked).toHaveCount(0);
  await page.getByLabel('Networks').fill('203.0.113.0/24');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('The key is changed')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('engine 2');
});

test('a trust rule’s edit form takes no text while a change is stored', async ({ page }) => {
  await page.goto(settings('trust-rules/new?preset=other'));
  await page.getByLabel('Name', { exact: true }).fill('nightly');
  await page.getByLabel('Subject').fill('repo:acme/deploy:ref:refs/heads/main');
  await page.getByLabel('All repositories, including future ones').check();
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  await expect(page.getByText('The trust rule is created')).toBeVisible();
  await page.getByLabel('Further claims').fill('nonsense');
  const locked = page.locator('[inert]').getByLabel('Further claims');
  await submitAndType(page, 'Save changes', () => expect(locked).toHaveCount(1));
  await expect(page.getByText('“nonsense” is not of the form name=value.')).toBeVisible();
  await expect(page.getByLabel('Further claims')).toHaveValue('nonsense');
});

test('a new trust rule keeps what is typed, and says what it demands', async ({ page }) => {
  await page.goto(settings('trust-rules/new?preset=github-actions'));
  await page.getByLabel('Name', { exact: true }).fill('nightly');
  await page.getByLabel('Repository of the workflow').fill('acme/deploy');
  await page.getByLabel('Branch, tag or environment').fill('main');
  await submitAndType(page, 'Create trust rule', async () => {
    await page.getByLabel('Branch, tag or environment').fill('release');
    await page.getByLabel('Further claims').fill('environment=production');
  });
  await expect(page.getByText('Choose at least one repository')).toBeVisible();
  await expect(page.getByLabel('Branch, tag or environment')).toHaveValue('release');
  await expect(page.getByLabel('Further claims')).toHaveValue('environment=production');
  await expect(page.getByRole('region', { name: 'This rule trusts' })).toContainText('on branch release');
});

test('the next invitation can be typed while one is sent', async ({ page }) => {
  await page.goto(settings('members'));
  const email = page.getByRole('textbox', { name: /mail/ });
  await email.fill('first@acme.test');
  await submitAndType(page, 'Invite', () => email.fill('second@acme.test'));
  await expect(page.getByText('first@acme.test').first()).toBeVisible();
  await expect(email).toHaveValue('second@acme.test');
});

test('the next token can be pasted while one is tested, and the tested one is gone', async ({ page }) => {
  await page.goto(settings('trust-rules/test'));
  const field = page.getByLabel('Identity token');
  const token = await identityToken({ sub: 'repo:acme/deploy:ref:refs/heads/main' });
  await field.fill(token);
  await submitAndType(page, 'Test the token', async () => {
    await expect(field).toHaveValue('');
    await field.fill('the next one');
  });
  await expect(page.getByRole('region', { name: 'Result' })).toBeVisible();
  await expect(field).toHaveValue('the next one');
  expect(await page.content()).not.toContain(token);
});

/** A form that an admin finds offline: where it is, what is typed, and the button that sends it. */
const OFFLINE = [
  { form: 'of an invitation', page: 'members', label: /^Email/, text: 'mia@acme.test', button: 'Invite' },
  { form: 'of a new key', page: 'api-keys/new', label: 'Name', text: 'engine', button: 'Create API key' },
  {
    form: 'of a token to test',
    page: 'trust-rules/test',
    label: 'Identity token',
    text: 'eyJ.eyJ.sig',
    button: 'Test the token',
  },
  { form: 'of the workspace’s name', page: 'general', label: 'Name', text: 'Acme 2', button: 'Rename' },
] as const;

for (const { form, page: path, label, text, button } of OFFLINE)
  test(`the form ${form} keeps its text offline and when the server fails, and says so beside it`, async ({
    page,
    context,
    complaints,
  }) => {
    await page.goto(settings(path));
    const field = page.getByLabel(label, { exact: true });
    const within = page.locator('form').filter({ has: field });
    await field.fill(text);
    const submit = within.getByRole('button', { name: button });

    await context.setOffline(true);
    await submit.click();
    await expect(within.getByRole('alert')).toContainText('You’re offline');
    await expect(field).toHaveValue(text);
    await assertAccessible(page);
    await context.setOffline(false);

    // A proxy in front that gave up.
    await page.route('**', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' })
        : route.continue(),
    );
    await submit.click();
    await expect(within.getByRole('alert')).toContainText('No response from the server');
    await expect(field).toHaveValue(text);
    await page.unrouteAll({ behavior: 'wait' });
    forgetFailedRequests(complaints);

    await submit.click();
    await expect(within.getByText(/offline|No response/)).toHaveCount(0);
  });

test('a button without a text field stays where it is offline, and says so beside it', async ({
  page,
  context,
  complaints,
}) => {
  await page.goto(settings('members'));
  await page.getByLabel('Email', { exact: true }).fill('mia@acme.test');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const renew = page.getByRole('button', { name: 'New link for mia@acme.test' });
  await expect(renew).toBeVisible();
  await context.setOffline(true);
  await renew.click();
  await expect(page.getByRole('alert').filter({ hasText: 'You’re offline' })).toBeVisible();
  await context.setOffline(false);
  await renew.click();
  await expect(page.getByText('The earlier link no longer works.')).toBeVisible();
  forgetFailedRequests(complaints);
});

test('a second invitation of an address says that the earlier link ended, and leads to the new one', {
  tag: '@narrow',
}, async ({ page }) => {
  await page.goto(settings('members'));
  for (const says of ['Invitation created', 'The earlier link no longer works.']) {
    await page.getByLabel('Email', { exact: true }).fill('mia@acme.test');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(page.getByText(says)).toBeVisible();
  }
  // The notice asks for something, so it stays, and covers nothing.
  await page.getByRole('link', { name: 'Show the link' }).click();
  await expect(page.getByText(/\/invitation\?token=/)).toBeInViewport();
});
