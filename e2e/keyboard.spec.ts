/** Covers the main flow using only the keyboard. */
import type { Locator, Page } from '@playwright/test';
import { expect, github, test } from './fixtures';
import { addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newOwner, signInAs } from './people';

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 100; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${target}`);
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

test('a keyboard user connects GitHub, finds a repository and disconnects', async ({ page, context }) => {
  const { installations } = await github().state();
  for (const { id } of installations) await github().actions.uninstall({ installation: id });
  await github().flush();
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/github`);

  await press(page, button(page, 'Connect GitHub'));
  await press(page, button(page, 'Sign in as olivia'));
  await press(page, page.getByRole('link', { name: 'acme' }));
  await press(page, button(page, 'Install'));
  await page.waitForURL(/login\/oauth\/authorize|notice=connected/);
  if (page.url().includes('authorize')) await press(page, button(page, /^Authorize/));
  // The result must be focused, so that screen readers announce it and Tab continues from there.
  await expect(page.locator(':focus')).toContainText('GitHub is connected');

  await tabTo(page, page.getByLabel('Search repositories'));
  await page.keyboard.type('infra');
  await expect(page).toHaveURL(/q=infra/);
  await expect(page.getByRole('cell', { name: 'acme/infra' }).first()).toBeVisible();

  await page.goto(`/w/${owner.slug}/settings/github`);
  const disconnect = button(page, 'Disconnect').first();
  const dialog = page.getByRole('dialog');
  await press(page, disconnect);
  await expect(dialog.getByText('at most one hour')).toBeVisible();
  await expect(dialog.locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(disconnect).toBeFocused();

  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByRole('textbox'));
  await page.keyboard.type('not-acme');
  // The browser itself refuses another text, and leads back to the field.
  await press(page, dialog.getByRole('button', { name: 'Disconnect' }));
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('acme');
  await press(page, dialog.getByRole('button', { name: 'Disconnect' }));
  await expect(page.locator(':focus')).toContainText('No more tokens are issued');
  await expect(page.getByText('Disconnected', { exact: true }).first()).toBeVisible();
  expect((await github().state()).installations).toEqual([]);
});

test('a dialog can be opened again before the close event of its last closing arrives', async ({
  page,
  context,
}) => {
  const owner = await newOwner('Acme');
  await asDatabaseOwner(async (db) =>
    addInstallation(db, await workspaceId(db, owner.slug), { id: unusedId(), login: 'acme' }),
  );
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/github`);
  const dialog = page.getByRole('dialog');
  await press(page, button(page, 'Disconnect').first());
  await dialog.getByRole('textbox').fill('acme');

  // Close and reopen within one task, so that the close event can't arrive in between.
  await dialog.evaluate(async (element: HTMLDialogElement) => {
    const isTold = new Promise((resolve) => element.addEventListener('close', resolve, { once: true }));
    element.close();
    for (const opener of document.querySelectorAll('button'))
      if (opener.textContent === 'Disconnect' && !element.contains(opener)) opener.click();
    await isTold;
  });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('textbox')).toHaveValue('');

  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(button(page, 'Disconnect').first()).toBeFocused();
});

test('menus open on Enter, close on Escape and return the focus', async ({ page, context }) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/members`);
  for (const [trigger, item] of [
    ['Your account', button(page, 'Dark theme')],
    ['Acme', page.getByRole('link', { name: 'Create or join a workspace' })],
  ] as const) {
    const summary = page.locator('summary', { hasText: trigger }).first();
    await press(page, summary);
    await expect(item).toBeVisible();
    // Retry, because the menu opens even before hydration, but Escape closes it only afterwards.
    await expect(async () => {
      await page.keyboard.press('Escape');
      await expect(item).toBeHidden({ timeout: 1_000 });
    }).toPass();
    await expect(summary).toBeFocused();
  }
});

test('a keyboard user creates and revokes a trust rule', async ({ page, context }) => {
  const owner = await newOwner('Acme');
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/trust-rules`);
  await press(page, page.getByRole('link', { name: 'Create trust rule' }));
  await press(page, page.getByRole('link', { name: 'GitLab CI/CD' }));
  await expect(page).toHaveURL(/preset=gitlab/);
  await tabTo(page, page.getByLabel('Name', { exact: true }));
  await page.keyboard.type('nightly');
  await tabTo(page, page.getByLabel('On a branch'));
  await page.keyboard.press('ArrowRight');
  await expect(page.getByLabel('On a tag')).toBeChecked();
  await tabTo(page, page.getByLabel('Project', { exact: true }));
  await page.keyboard.type('acme/deploy');
  await tabTo(page, page.getByLabel('Branch or tag'));
  await page.keyboard.type('v*');
  await expect(page.getByRole('region', { name: 'This rule trusts' })).toContainText(
    'project_path:acme/deploy:ref_type:tag:ref:v*',
  );
  await tabTo(page, page.getByLabel('Selected repositories'));
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('All repositories, including future ones')).toBeChecked();
  await press(page, button(page, 'Create trust rule'));
  await expect(page.locator(':focus')).toContainText('The trust rule is created');
  await press(page, button(page, 'Revoke rule'));
  await press(page, page.getByRole('dialog').getByRole('button', { name: 'Revoke rule' }));
  await expect(page.locator(':focus')).toContainText('The trust rule is revoked');
});
