/** Follows the names on pages from object to object: key, repository, connection, member. */
import type { Page } from '@playwright/test';
import { clearInstallations, installOnAcme } from './acme-installation';
import { appUrl, expect, github, test } from './fixtures';
import { newApiKey, newMember, newOwner, type Person, signInAs } from './people';

let owner: Person;
test.beforeEach(async ({ context }) => {
  await clearInstallations();
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

const settings = (page: string) => `/w/${owner.slug}/settings/${page}`;

async function connectAcme(page: Page): Promise<void> {
  await page.goto(settings('github'));
  await installOnAcme(page);
  await expect(page.getByRole('link', { name: 'acme/api' })).toBeVisible();
}

/** Requests a token as a service. Returns the status. */
async function mint(key: string, body: object): Promise<number> {
  const response = await fetch(`${appUrl()}/api/v1/internal/github/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.body?.cancel();
  return response.status;
}

const events = (page: Page, title: string) => page.getByRole('region', { name: title }).getByRole('listitem');

test('a key leads to its use, the repository, the connection and the member, and each back to the key', {
  tag: '@narrow',
}, async ({ page }) => {
  await connectAcme(page);
  const { id, key } = await newApiKey(owner.slug, 'engine');
  expect(await mint(key, { repositories: ['acme/api'] })).toBe(201);
  expect(await mint(key, {})).toBe(201);
  expect(await mint(key, { repositories: ['acme/nothing'] })).toBe(422);

  await page.goto(settings('api-keys'));
  await page.getByRole('link', { name: 'engine', exact: true }).click();
  const use = page.getByRole('region', { name: /^Use in/ });
  await expect(use).toContainText('2 tokens issued, 1 refused');
  await expect(use.getByRole('img')).toHaveAccessibleName(/2 issued and 1 refused in 30 days/);
  await expect(use.getByRole('listitem')).toContainText(/127\.0\.0\.1|::1/);
  await expect(events(page, 'Last events')).toHaveCount(3);
  await page.getByRole('link', { name: 'Show in the audit log' }).click();
  await expect(page).toHaveURL(new RegExp(`actor=${id}`));
  await expect(page.getByRole('link', { name: /Token (minted|issued)/ }).first()).toBeVisible();

  await page.goto(settings('github'));
  await page.getByRole('link', { name: 'acme/api' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('acme/api');
  await expect(page.getByRole('link', { name: /Open on GitHub/ })).toHaveAttribute('href', /\/acme\/api$/);
  const readers = page.getByRole('region', { name: 'Services that can get a token for it' });
  await expect(readers.getByRole('listitem')).toHaveText(/^engineAPI keyAll repositories, used/);
  // The token for acme/api, and the one for all repositories.
  await expect(events(page, 'Tokens that could read it')).toHaveCount(2);
  await readers.getByRole('link', { name: 'engine' }).click();
  await expect(page).toHaveURL(settings(`api-keys/${id}`));

  await page.goto(settings('github'));
  await page.getByRole('link', { name: 'acme', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('acme');
  await expect(page.getByRole('region', { name: 'Healthy' })).toContainText(
    'The account has granted all of them.',
  );
  const permissions = page.getByRole('table', { name: 'Permissions' });
  await expect(permissions.getByRole('row', { name: /contents/ })).toContainText('Granted');
  await expect(use).toContainText('2 tokens issued');
  await page.getByRole('link', { name: owner.email }).first().click();
  await expect(page).toHaveURL(settings(`members/${owner.id}`));
  await expect(page.getByRole('region', { name: 'Created by this member' })).toContainText('acme');
  await page
    .getByRole('region', { name: 'Created by this member' })
    .getByRole('link', { name: 'acme' })
    .click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('acme');
});

test('a permission that the App asks for anew is pending until the account grants it', async ({ page }) => {
  await connectAcme(page);
  const { installations } = await github().state();
  const [installation] = installations;
  if (installation === undefined) throw new Error('nothing is installed');
  const permissions = { contents: 'read', metadata: 'read' } as const;
  await github().actions.changeAppPermissions({ permissions: { ...permissions, issues: 'read' } });
  try {
    await page.goto(settings(`github/${installation.id}`));
    const row = page.getByRole('table', { name: 'Permissions' }).getByRole('row', { name: /issues/ });
    await expect(row).toContainText('Nothing');
    await expect(row).toContainText('Pending');
    await expect(page.getByRole('region', { name: '1 problem' })).toBeVisible();
    await github().actions.acceptPermissions({ installation: installation.id });
    await page.reload();
    await expect(row).toContainText('Granted');
    await expect(page.getByRole('region', { name: 'Healthy' })).toBeVisible();
  } finally {
    await github().actions.changeAppPermissions({ permissions });
  }
});

test('a member sees objects, but neither who used them nor from where', async ({ page, context }) => {
  await connectAcme(page);
  const { key } = await newApiKey(owner.slug, 'engine');
  expect(await mint(key, {})).toBe(201);
  await signInAs(context, await newMember(owner.slug, 'member'));
  const assertNoTrace = async () => {
    for (const trace of ['engine', 'Last events', 'Use in', 'Tokens that could read it', '127.0.0.1'])
      await expect(page.getByText(trace)).toHaveCount(0);
  };
  await page.goto(settings('github'));
  await page.getByRole('link', { name: 'acme/api' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('acme/api');
  await assertNoTrace();
  await page.getByRole('link', { name: 'acme', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Permissions' })).toBeVisible();
  await assertNoTrace();
  await page.getByRole('link', { name: 'Members' }).first().click();
  await page.getByRole('link', { name: owner.email }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(owner.email);
  await assertNoTrace();
});
