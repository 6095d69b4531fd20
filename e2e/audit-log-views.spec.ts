/** Covers what the audit log says about a search: words that are no filter, and saved views under a name in use. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { newOwner, type Person, signInAs } from './people';

const field = (page: Page) => page.getByLabel('Search the audit log');

let owner: Person;
test.beforeEach(async ({ context }) => {
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

test('a word before a colon that is no filter is named, with the filter that may be meant', async ({
  page,
}) => {
  await page.goto(`/w/${owner.slug}/audit-log`);
  await field(page).fill('repository:x bogus:1');
  await page.keyboard.press('Enter');
  await expect(
    page.getByText('repository: is not a filter, so it was searched as text. Did you mean repo:?'),
  ).toBeVisible();
  await expect(page.getByText('bogus: is not a filter, so it was searched as text.')).toBeVisible();
});

test('a view of the same name is replaced only if the reader says so', async ({ page }) => {
  const views = page.locator('summary', { hasText: /^View/ });
  const save = async (search: string) => {
    await page.goto(`/w/${owner.slug}/audit-log?${search}`);
    await views.click();
    await page.getByLabel('Name of the view').fill('tokens');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
  };
  await save('type=github.token_minted');
  await expect(page.getByText('View saved')).toBeVisible();
  await save('ip=203.0.113.7');
  await expect(page.getByText('You have a view of this name with another search.')).toBeVisible();
  await expect(field(page)).toHaveValue('ip:203.0.113.7');
  await page.getByRole('button', { name: /^Replace “\s*tokens\s*”$/ }).click();
  await expect(page.getByText('View saved')).toBeVisible();
  await expect(views).toHaveText('View: tokens');
});
