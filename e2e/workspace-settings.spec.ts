/** Covers the general settings of a workspace: rename it, hand it over, leave and delete it. */
import { confirmBy } from './dialogs';
import { expect, forgetStatus, test } from './fixtures';
import { newMember, newOwner, signInAs } from './people';

test('an owner renames the workspace and hands it over, and then leaves it', { tag: '@narrow' }, async ({
  page,
  context,
  complaints,
}) => {
  const owner = await newOwner('Acme');
  const next = await newMember(owner.slug, 'member');
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/general`);
  await expect(page.getByText('You’re the only owner.')).toBeVisible();
  await page.getByLabel('Name').fill('Acme Corporation');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByText('Workspace renamed', { exact: true })).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Acme Corporation');

  await page.getByRole('button', { name: 'Transfer ownership' }).click();
  await page.getByLabel('New owner').selectOption({ label: `${next.email} (Member)` });
  await page.getByRole('dialog').getByRole('button', { name: 'Transfer ownership' }).click();
  await expect(page.getByText('Ownership transferred', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete workspace' })).toHaveCount(0);

  await confirmBy(page, 'Leave workspace');
  await expect(page).toHaveURL('/new');
  await page.goto(`/w/${owner.slug}/settings/general`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
  forgetStatus(complaints);
});

for (const script of [true, false])
  test.describe(() => {
    test.use({ javaScriptEnabled: script });
    test(`an owner deletes the workspace by typing its address, ${script ? 'with' : 'without'} a script`, async ({
      page,
      context,
      complaints,
    }) => {
      const owner = await newOwner('Initech');
      const member = await newMember(owner.slug, 'member');
      await signInAs(context, owner);
      await page.goto(`/w/${owner.slug}/settings/general`);
      await page.getByRole('button', { name: 'Delete workspace' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog).toContainText('All 2 members lose access');
      await expect(dialog).toContainText('The audit log can’t be changed, so it is kept');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await expect(dialog).toHaveCount(0);

      await page.getByRole('button', { name: 'Delete workspace' }).click();
      // The browser itself refuses another text.
      await dialog.getByLabel(/to confirm/).fill('something-else');
      await dialog.getByRole('button', { name: 'Delete workspace' }).click();
      await expect(dialog).toBeVisible();
      await dialog.getByLabel(/to confirm/).fill(owner.slug);
      await dialog.getByRole('button', { name: 'Delete workspace' }).click();
      await expect(page).toHaveURL('/new');
      for (const person of [owner, member]) {
        await context.clearCookies();
        await signInAs(context, person);
        await page.goto(`/w/${owner.slug}/settings/github`);
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
      }
      forgetStatus(complaints);
    });
  });
