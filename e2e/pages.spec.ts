/** Covers the actions on the pages, by mouse and by keyboard. Access to the pages is covered by `walk.spec.ts`. */
import { confirmBy } from './dialogs';
import { expect, test, unique } from './fixtures';
import { asDatabaseOwner } from './installations';
import { newMember, newOwner, type Person, signInAs } from './people';

let owner: Person;
let everybody: Record<'admin' | 'member' | 'outsider', Person>;
test.beforeAll(async () => {
  owner = await newOwner('Acme');
  const [admin, member, stranger] = await Promise.all([
    newMember(owner.slug, 'admin'),
    newMember(owner.slug, 'member'),
    newOwner('Globex'),
  ]);
  everybody = { admin, member, outsider: stranger };
});

test('a key is created, shown once, rotated and revoked', { tag: '@narrow' }, async ({ page, context }) => {
  await signInAs(context, owner);
  const name = unique('engine');
  const list = `/w/${owner.slug}/settings/api-keys`;
  await page.goto(`${list}/new`);
  await page.getByLabel('Name').fill(name);
  await page.getByText('All repositories, including future ones').click();
  await page.getByRole('button', { name: 'Create API key' }).click();
  const key = page.getByRole('region', { name: 'API key' }).getByRole('code');
  await expect(key).toHaveText(/^psk_demo_[0-9A-Za-z]{38}$/);
  const secret = (await key.textContent()) ?? '';
  expect(page.url()).not.toContain(secret);
  expect(await context.cookies()).not.toContainEqual(
    expect.objectContaining({ value: expect.stringContaining(secret) }),
  );
  expect(
    await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])),
  ).not.toContain(secret);
  // The workspace shares no repository, so there is nothing to clone.
  await expect(page.getByRole('region', { name: 'Clone a repository' })).toHaveCount(0);

  await page.getByRole('link', { name: 'I have copied it' }).click();
  await expect(page.getByRole('link', { name: `Manage ${name}` })).toBeVisible();
  expect(await page.content()).not.toContain(secret);
  await page.goBack();
  await expect(page.getByLabel('Name')).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  await page.goto(list);
  await page.getByRole('link', { name: `Manage ${name}` }).click();
  await page.getByRole('button', { name: 'Rotate key' }).click();
  await expect(key).toHaveText(/^psk_demo_/);
  expect(await key.textContent()).not.toBe(secret);
  await page.getByRole('link', { name: 'I have copied it' }).click();
  await expect(page.getByText('Replaced', { exact: true })).toBeVisible();

  await page
    .getByRole('link', { name: `Manage ${name}` })
    .first()
    .click();
  await confirmBy(page, 'Revoke key');
  await expect(page.getByText('The key is revoked')).toBeVisible();
  await expect(page.getByText('Revoked', { exact: true })).toBeVisible();
});

test('a key is created and somebody invited with the keyboard alone', async ({ page, context }) => {
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/api-keys/new`);
  await page.getByLabel('Name').focus();
  await page.keyboard.type(unique('keyboard'));
  // The first radio button of the group is checked. The arrow key moves to the other one.
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowUp');
  await expect(page.getByLabel('All repositories, including future ones')).toBeChecked();
  // Pressing Enter in the form creates the key, once no repository has to be selected.
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'API key' })).toBeVisible();

  await page.goto(`/w/${owner.slug}/settings/members`);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  // The browser moves the focus in its next frame, and keys pressed before that are lost.
  await expect(page.locator('#content')).toBeFocused();
  const email = `${unique('mia')}@acme.test`;
  const field = page.getByLabel('Email');
  await expect(field).toBeVisible();
  await field.focus();
  await page.keyboard.type(email);
  await expect(field).toHaveValue(email);
  await page.keyboard.press('Enter');
  await expect(page.getByText('Invitation created', { exact: true })).toBeVisible();
  const revoke = page.getByRole('button', { name: `Revoke the invitation of ${email}` });
  await revoke.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Invitation revoked')).toBeVisible();
  await expect(revoke).toHaveCount(0);
});

test('the last owner cannot leave, an admin cannot appoint owners, and an owner can change roles', {
  tag: '@narrow',
}, async ({ page, context }) => {
  const members = `/w/${owner.slug}/settings/members`;
  await signInAs(context, owner);
  await page.goto(members);
  await page.locator('summary', { hasText: owner.email }).click();
  await expect(page.getByText('A workspace needs at least one owner')).toBeVisible();
  await expect(page.getByRole('link', { name: `Remove from the workspace ${owner.email}` })).toHaveCount(0);

  const someone = await newMember(owner.slug, 'member');
  await page.reload();
  const row = page.getByRole('rowgroup').filter({ hasText: someone.email });
  await row.locator('summary').click();
  await row.getByLabel(/^Role/).selectOption('admin');
  await row.getByRole('button', { name: 'Change role' }).click();
  await expect(page.getByText('Role changed')).toBeVisible();
  // The row is still expanded, unless the form was submitted before hydration, which reloaded the page.
  if ((await row.locator('details').getAttribute('open')) === null) await row.locator('summary').click();
  await page.getByRole('link', { name: `Remove from the workspace ${someone.email}` }).click();
  const dialog = page.getByRole('dialog', { name: `Remove ${someone.email}?` });
  await dialog.getByRole('button', { name: 'Remove from the workspace' }).click();
  await expect(page.getByText('Member removed')).toBeVisible();

  await context.clearCookies();
  await signInAs(context, everybody.admin);
  await page.goto(members);
  await expect(page.getByLabel('Role', { exact: true }).first().getByRole('option')).toHaveCount(2);
  await page.locator('summary', { hasText: owner.email }).click();
  await expect(page.getByText(/A workspace needs at least one owner|Only an owner can/)).toBeVisible();
});

test('a day in the chart filters the audit log, the export contains the filtered events, and the chain is intact', {
  tag: '@narrow',
}, async ({ page, context }) => {
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/audit-log?type=workspace.created`);
  await page.locator('summary', { hasText: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /^NDJSON/ }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`audit-${owner.slug}.ndjson`);
  const lines = (await (await import('node:fs/promises')).readFile(await download.path(), 'utf8')).trim();
  expect(lines.split('\n').map((line) => JSON.parse(line).type)).toEqual(['workspace.created']);
  await page.getByRole('link', { name: 'Verify' }).click();
  await expect(page.getByText(/events, chain intact/)).toBeVisible();
});

test('GitHub’s log is compared with ours, and a file that is not such a log is refused', async ({
  page,
  context,
}) => {
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/audit-log/compare`);
  const choose = (text: string) =>
    page
      .getByLabel('GitHub’s audit log')
      .setInputFiles({ name: 'log.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await choose('nonsense');
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText('This file is not an export of GitHub’s audit log')).toBeVisible();
  await choose('{}'.repeat(100_001));
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText('This file holds more than 100,000 entries')).toBeVisible();
  await choose('[{"@timestamp":1,"action":"git.clone","actor":"somebody"}]');
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText('Nothing was compared')).toBeVisible();

  await choose('x'.repeat(5_000_000));
  const file = page.getByLabel('GitHub’s audit log');
  await expect(file).toHaveJSProperty('validationMessage', 'Over 4 MB: export a shorter time.');
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(file).toBeFocused();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Compare with GitHub’s audit log');
  await choose('nonsense');
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText('This file is not an export of GitHub’s audit log')).toBeVisible();
});

test('the members list loads without a layout shift, even for a reader who cannot invite', {
  tag: '@narrow',
}, async ({ page, context }) => {
  await signInAs(context, everybody.member);
  await page.goto(`/w/${owner.slug}/settings/github`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('GitHub');
  await asDatabaseOwner(async (db) => {
    await db.query('BEGIN');
    await db.query('LOCK TABLE invitations IN ACCESS EXCLUSIVE MODE');
    await page.getByRole('link', { name: 'Members' }).click();
    const skeleton = page.locator('[data-skeleton]');
    await expect(skeleton).toBeVisible();
    const before = await skeleton.locator('> * > *').last().boundingBox();
    await db.query('ROLLBACK');
    const list = page.locator('#content div:has(> table)').first();
    await expect(list).toBeVisible();
    await expect(skeleton).toHaveCount(0);
    const after = await list.boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(4);
  });
});
