/** Covers the dialog before every final action: it opens, explains, closes without an effect, and gives the focus back. */
import { expect, issuerUrl, test } from './fixtures';
import { assertAccessible, showTheme } from './inspection';
import { addInstallation, addTrustRule, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { newApiKey, newMember, newOwner, type Person, signInAs } from './people';

type Case = {
  name: string;
  path: string;
  opener: RegExp;
  says: string;
};

let owner: Person;
let member: Person;
let cases: Case[];

test.beforeAll(async () => {
  owner = await newOwner('Acme');
  member = await newMember(owner.slug, 'member');
  await newMember(owner.slug, 'owner');
  const key = await newApiKey(owner.slug, 'engine');
  const installation = unusedId();
  const rule = await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, owner.slug);
    await addInstallation(db, workspace, { id: installation, login: 'acme' });
    await db.query(
      `INSERT INTO evidence_links (workspace_id, name, hash, expires_at)
        VALUES ($1, 'Auditor', sha256(convert_to($2, 'UTF8')), now() + interval '1 day')`,
      [workspace, owner.slug],
    );
    return addTrustRule(db, workspace, { name: 'nightly', issuer: issuerUrl(), subject: 'repo:acme/deploy' });
  });
  const settings = `/w/${owner.slug}/settings`;
  cases = [
    { name: 'disconnect', path: `${settings}/github`, opener: /^Disconnect$/, says: 'at most one hour' },
    {
      name: 'disconnect on the connection’s own page',
      path: `${settings}/github/${installation}`,
      opener: /^Disconnect$/,
      says: 'at most one hour',
    },
    {
      name: 'forbid keys',
      path: `${settings}/api-keys`,
      opener: /^Forbid API keys$/,
      says: '403 forbidden',
    },
    {
      name: 'revoke a key',
      path: `${settings}/api-keys/${key.id}`,
      opener: /^Revoke key$/,
      says: 'Anything that uses this key stops working',
    },
    {
      name: 'revoke a rule',
      path: `${settings}/trust-rules/${rule}`,
      opener: /^Revoke rule$/,
      says: 'get no more tokens',
    },
    {
      name: 'revoke a link',
      path: `${settings}/evidence-links`,
      opener: /^Revoke the link for Auditor/,
      says: 'opens nothing from now on',
    },
    {
      name: 'transfer',
      path: `${settings}/general`,
      opener: /^Transfer ownership$/,
      says: 'You become an admin',
    },
    {
      name: 'leave',
      path: `${settings}/general`,
      opener: /^Leave workspace$/,
      says: 'you need a new invitation',
    },
    {
      name: 'delete',
      path: `${settings}/general`,
      opener: /^Delete workspace$/,
      says: 'The audit log can’t be changed',
    },
    { name: 'sign out', path: '/account', opener: /^Sign out everywhere$/, says: 'Every session ends' },
  ];
});

test('every dialog opens, is closed by Escape and by Cancel, and gives the focus back', {
  tag: '@narrow',
}, async ({ page, context }) => {
  await signInAs(context, owner);
  for (const { name, path, opener, says } of cases)
    await test.step(name, async () => {
      await page.goto(path, { waitUntil: 'networkidle' });
      const button = page.getByRole('button', { name: opener });
      const dialog = page.getByRole('dialog');
      await expect(dialog).toHaveCount(0);
      for (const close of ['Escape', 'Cancel', 'Close']) {
        await button.focus();
        await page.keyboard.press('Enter');
        await expect(dialog).toContainText(says);
        await expect(dialog.locator(':focus')).toHaveCount(1);
        if (close === 'Escape') await page.keyboard.press('Escape');
        else await dialog.getByRole('button', { name: close, exact: true }).click();
        await expect(dialog).toHaveCount(0);
        await expect(button).toBeFocused();
      }
      // With a script, the dialog is not in the page's address, nor in the browser's history.
      expect(new URL(page.url()).search).toBe('');
      // The dialog of an address that asks for it closes into the page without the question.
      const ask = await page
        .locator('form', { has: button })
        .locator('input[name=ask]')
        .getAttribute('value');
      await page.goto(`${path}?ask=${ask}`, { waitUntil: 'networkidle' });
      await expect(dialog).toContainText(says);
      await page.keyboard.press('Escape');
      await expect(page).toHaveURL(path);
      await expect(button).toBeFocused();
      await button.click();
      for (const theme of ['light', 'dark'] as const) {
        await showTheme(page, theme);
        await assertAccessible(page);
      }
    });
});

test('the dialog for one of many members is asked for by the address, and leaves it', {
  tag: '@narrow',
}, async ({ page, context }) => {
  await signInAs(context, owner);
  const members = `/w/${owner.slug}/settings/members`;
  await page.goto(members, { waitUntil: 'networkidle' });
  await page.locator('summary', { hasText: member.email }).click();
  const link = page.getByRole('link', { name: `Remove from the workspace ${member.email}` });
  const dialog = page.getByRole('dialog', { name: `Remove ${member.email}?` });
  for (const close of ['Escape', 'Cancel']) {
    await link.focus();
    await page.keyboard.press('Enter');
    await expect(dialog).toContainText('lose access with the next request');
    if (close === 'Escape') await page.keyboard.press('Escape');
    else await dialog.getByRole('button', { name: close }).click();
    await expect(page).toHaveURL(members);
    await expect(dialog).toHaveCount(0);
    await expect(link).toBeFocused();
  }
  await link.click();
  await expect(dialog).toBeVisible();
  for (const theme of ['light', 'dark'] as const) {
    await showTheme(page, theme);
    await assertAccessible(page);
  }
  // Nobody else's id, and none that the reader may not remove, opens a dialog.
  const other = await newOwner('Globex');
  for (const id of [other.id, 'x', '', `${member.id}'`]) {
    await page.goto(`${members}?ask=remove&id=${encodeURIComponent(id)}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
});

test('a dialog closes when its action fails, so that the page can say why', async ({ page, context }) => {
  const leaving = await newMember(owner.slug, 'admin');
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/general`, { waitUntil: 'networkidle' });
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Transfer ownership' }).click();
  await dialog.getByLabel('New owner').selectOption(leaving.id);
  await asDatabaseOwner((db) => db.query('DELETE FROM memberships WHERE user_id = $1', [leaving.id]));
  await dialog.getByRole('button', { name: 'Transfer ownership' }).click();
  await expect(page.locator(':focus')).toContainText('Nothing was changed');
  await expect(dialog).toHaveCount(0);
});

test.describe(() => {
  test.use({ javaScriptEnabled: false });
  test('every dialog opens and closes without a script', async ({ page, context }) => {
    await signInAs(context, owner);
    for (const { name, path, opener, says } of cases)
      await test.step(name, async () => {
        await page.goto(path);
        const dialog = page.getByRole('dialog');
        await page.getByRole('button', { name: opener }).click();
        await expect(dialog).toContainText(says);
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        await expect(page.getByRole('button', { name: opener })).toBeVisible();
        await expect(dialog).toHaveCount(0);
      });
  });

  test('a member is removed, and a key rotated without an overlap, without a script', async ({
    page,
    context,
  }) => {
    const leaving = await newMember(owner.slug, 'member');
    const { id } = await newApiKey(owner.slug, 'rotated');
    await signInAs(context, owner);
    await page.goto(`/w/${owner.slug}/settings/members`);
    await page.locator('summary', { hasText: leaving.email }).click();
    await page.getByRole('link', { name: `Remove from the workspace ${leaving.email}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove from the workspace' }).click();
    await expect(page.getByText('Member removed')).toBeVisible();
    await expect(page.getByText(leaving.email)).toHaveCount(0);

    const dialog = page.getByRole('dialog', { name: 'Rotate, and end the old key now?' });
    const ask = async () => {
      await page.getByLabel('No time: end it now').check();
      await page.getByRole('button', { name: 'Rotate key' }).click();
      await expect(dialog).toBeVisible();
    };
    await page.goto(`/w/${owner.slug}/settings/api-keys/${id}`);
    await ask();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('rotated');
    await expect(dialog).toHaveCount(0);
    await ask();
    await dialog.getByRole('button', { name: 'Rotate key' }).click();
    await expect(page.getByText('The old key has ended.')).toBeVisible();
  });
});
