/** Covers the Undo of a toast: what it restores, who may, and that a forged address offers nothing else. */
import type { Page } from '@playwright/test';
import { confirmBy } from './dialogs';
import { expect, test, unique } from './fixtures';
import { assertAccessible, showTheme } from './inspection';
import { asDatabaseOwner, workspaceId } from './installations';
import { newMember, newOwner, type Person, signInAs } from './people';

let owner: Person;
let member: Person;

test.beforeEach(async ({ context }) => {
  owner = await newOwner('Acme');
  member = await newMember(owner.slug, 'member');
  await signInAs(context, owner);
});

const settings = (page: string) => `/w/${owner.slug}/settings/${page}`;
const undo = (page: Page) => page.getByRole('button', { name: 'Undo' });

/** Returns the row of a member, unfolded. */
async function unfold(page: Page, { email }: Person) {
  const row = page.getByRole('rowgroup').filter({ hasText: email });
  await row.locator('summary').click();
  await expect(row.getByLabel(/^Role/)).toBeVisible();
  return row;
}

async function makeAdmin(page: Page): Promise<void> {
  await page.goto(settings('members'));
  const row = await unfold(page, member);
  await row.getByLabel(/^Role/).selectOption('admin');
  await row.getByRole('button', { name: 'Change role' }).click();
  await expect(page.getByText('Role changed', { exact: true })).toBeVisible();
}

const roleOf = () =>
  asDatabaseOwner(async (db) => {
    const { rows } = await db.query<{ role: string }>('SELECT role FROM memberships WHERE user_id = $1', [
      member.id,
    ]);
    return rows[0]?.role;
  });

for (const script of [true, false])
  test.describe(() => {
    test.use({ javaScriptEnabled: script });
    test(`a role, a name, an invitation and keys are restored, ${script ? 'with' : 'without'} a script`, {
      tag: '@narrow',
    }, async ({ page }) => {
      await makeAdmin(page);
      await expect(page.getByText(`makes ${member.email} a member again`)).toBeVisible();
      await undo(page).click();
      await expect(page.getByText('Undone', { exact: true })).toBeVisible();
      await expect(page.getByText('The member’s role is restored.')).toBeVisible();
      expect(await roleOf()).toBe('member');

      const email = `${unique('mia')}@acme.test`;
      await page.goto(settings('members'));
      await page.getByLabel('Email').fill(email);
      await page.getByRole('button', { name: 'Invite' }).click();
      const row = page.getByRole('row').filter({ hasText: email });
      await page.getByRole('button', { name: `Revoke the invitation of ${email}` }).click();
      await expect(page.getByText(`invites ${email} as a member again`)).toBeVisible();
      await expect(row).toHaveCount(0);
      await undo(page).click();
      // Its new link has to be shared, so it is shown, and the notice doesn't leave by itself.
      await expect(page.getByText('Invited again', { exact: true })).toBeVisible();
      await expect(page.getByText('The earlier link no longer works.')).toBeVisible();
      await expect(page.getByRole('link', { name: `Write an email to ${email}` })).toBeVisible();
      await expect(row.first()).toContainText('Member');

      await page.goto(settings('general'));
      await page.getByLabel('Name').fill('Acme Corporation');
      await page.getByRole('button', { name: 'Rename' }).click();
      await expect(page.getByText('names it Acme again')).toBeVisible();
      await undo(page).click();
      await expect(page.getByText('Undone', { exact: true })).toBeVisible();
      await expect(page.getByLabel('Name')).toHaveValue('Acme');

      await page.goto(settings('api-keys'));
      await confirmBy(page, 'Forbid API keys');
      await expect(page.getByText('API keys are not allowed in this workspace')).toBeVisible();
      await undo(page).click();
      await expect(page.getByText('Undone', { exact: true })).toBeVisible();
      await expect(page.getByText('API keys are not allowed in this workspace')).toHaveCount(0);
    });
  });

test('the toast with an Undo stays, is the next stop of the Tab key, and passes axe in both themes', {
  tag: '@narrow',
}, async ({ page }) => {
  await page.clock.install();
  await makeAdmin(page);
  await page.clock.fastForward(120_000);
  await expect(undo(page)).toBeVisible();
  for (const theme of ['light', 'dark'] as const) {
    await showTheme(page, theme);
    await assertAccessible(page);
  }
  // Nothing stays covered by it: the last control of the page can be scrolled out from under it, and clicked.
  const last = page.locator('summary', { hasText: member.email });
  const isOpen = () => last.evaluate(({ parentElement }) => parentElement?.hasAttribute('open'));
  const before = await isOpen();
  await last.click();
  expect(await isOpen()).toBe(!before);
  await page.goto(page.url());
  await expect(page.locator(':focus')).toContainText('Role changed');
  await page.keyboard.press('Tab');
  await expect(undo(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator(':focus')).toContainText('Undone');
  expect(await roleOf()).toBe('member');
  // A toast without a button leaves by itself.
  await page.keyboard.press('Tab');
  await page.locator('h1').click();
  await page.clock.fastForward(20_000);
  await expect(page.getByText('Undone', { exact: true })).toHaveCount(0);
});

test('the second of two tabs undoes nothing, and says so', async ({ page, context }) => {
  await makeAdmin(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await expect(undo(second)).toBeVisible();
  await undo(page).click();
  await expect(page.getByText('Undone', { exact: true })).toBeVisible();
  await undo(second).click();
  await expect(second.getByText('Nothing was undone')).toBeVisible();
  expect(await roleOf()).toBe('member');
  await second.close();
});

test('a forged address offers an Undo for nobody else, for nothing else, and not for what has changed', async ({
  page,
  context,
  browser,
}) => {
  await makeAdmin(page);
  const forged = new URL(page.url());
  const other = await newMember(owner.slug, 'owner');
  const elsewhere = await browser.newContext();
  await signInAs(elsewhere, other);
  const theirs = await elsewhere.newPage();
  const offersNothing = async (where: Page, address: string) => {
    await where.goto(address);
    await expect(where.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(where.getByRole('main').getByRole('status').first()).toBeVisible();
    await expect(undo(where)).toHaveCount(0);
  };
  // Another owner, who did not do it.
  await offersNothing(theirs, forged.href);
  // A notice about something else, an event of another kind, and values instead of events.
  const event = forged.searchParams.get('event') ?? '';
  expect(event).toMatch(/^\d+$/);
  await offersNothing(page, `${settings('general')}?notice=renamed&event=${event}`);
  await offersNothing(page, `${settings('members')}?notice=invitation_revoked&event=${event}`);
  for (const wrong of ['1', '0', '-1', `${event}0`, 'owner', `${event}%27`, ''])
    await offersNothing(page, `${settings('members')}?notice=role_changed&event=${wrong}&was=owner`);
  // The same number in another workspace of the same reader.
  const second = await newOwner('Globex');
  await asDatabaseOwner(async (db) =>
    db.query(`INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')`, [
      await workspaceId(db, second.slug),
      owner.id,
    ]),
  );
  await offersNothing(page, `/w/${second.slug}/settings/members?notice=role_changed&event=${event}`);
  // Somebody else has changed the role since.
  await theirs.goto(settings('members'));
  const row = await unfold(theirs, member);
  await row.getByLabel(/^Role/).selectOption('owner');
  await row.getByRole('button', { name: 'Change role' }).click();
  await expect(undo(theirs)).toBeVisible();
  await offersNothing(page, forged.href);
  // An owner who has stepped down sees the page, and no Undo.
  await elsewhere.close();
  await context.clearCookies();
  await signInAs(context, other);
  await page.goto(settings('members'));
  await asDatabaseOwner((db) =>
    db.query("UPDATE memberships SET role = 'member' WHERE user_id = $1", [other.id]),
  );
  await offersNothing(page, `${settings('members')}?notice=role_changed&event=${Number(event) + 1}`);
});

test('the same success twice shows its toast twice', async ({ page }) => {
  await page.clock.install();
  await page.goto('/account');
  const toast = page.getByText('Time zone saved', { exact: true });
  for (const zone of ['Europe/Berlin', 'Asia/Tokyo']) {
    await page.getByLabel('Time zone').selectOption(zone);
    await page.getByRole('button', { name: 'Save time zone' }).click();
    await expect(toast).toBeVisible();
    await page.locator('h1').click();
    await page.clock.fastForward(20_000);
    await expect(toast).toHaveCount(0);
  }
});

for (const script of [true, false])
  test.describe(() => {
    test.use({ javaScriptEnabled: script });
    test(`a deleted view is restored, ${script ? 'with' : 'without'} a script`, async ({ page, context }) => {
      const log = `/w/${owner.slug}/audit-log`;
      const views = page.locator('summary', { hasText: 'View' });
      await page.goto(`${log}?type=member.added`);
      await views.click();
      await page.getByLabel('Name of the view').fill('Joiners');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await expect(page.getByText('View saved', { exact: true })).toBeVisible();
      const remove = page.getByRole('button', { name: 'Delete view Joiners' });
      if (!(await remove.isVisible())) await views.click();
      await remove.click();
      await expect(page.getByText('saves Joiners again')).toBeVisible();
      // Another person at the same browser is offered nothing.
      const other = await newMember(owner.slug, 'admin');
      await signInAs(context, other);
      await page.reload();
      await expect(page.getByText('View deleted', { exact: true })).toBeVisible();
      await expect(undo(page)).toHaveCount(0);
      await signInAs(context, owner);
      await page.reload();
      await undo(page).click();
      await expect(page.getByText('Undone', { exact: true })).toBeVisible();
      await expect(page).toHaveURL(/type=member\.added/);
      if (!(await remove.isVisible())) await views.click();
      await expect(remove).toBeVisible();
      // The same address offers it no second time.
      await page.goto(`${log}?notice=view_deleted`);
      await expect(page.getByText('View deleted', { exact: true })).toBeVisible();
      await expect(undo(page)).toHaveCount(0);
    });
  });

test('a deleted view is restored only where it was deleted last, and by the name that was read', async ({
  page,
  context,
}) => {
  const log = `/w/${owner.slug}/audit-log`;
  await asDatabaseOwner(async (db) =>
    db.query(
      `INSERT INTO audit_views (workspace_id, user_id, name, address)
        SELECT $1, $2, name, 'type=member.added' FROM unnest(ARRAY['Joiners', 'Leavers']) AS name`,
      [await workspaceId(db, owner.slug), owner.id],
    ),
  );
  const remove = async (tab: Page, name: string) => {
    await tab.goto(log);
    await tab.locator('summary', { hasText: 'View' }).click();
    await tab.getByRole('button', { name: `Delete view ${name}` }).click();
    await expect(tab.getByText(`saves ${name} again`)).toBeVisible();
  };
  const views = () =>
    asDatabaseOwner(async (db) => {
      const { rows } = await db.query<{ name: string }>('SELECT name FROM audit_views WHERE user_id = $1', [
        owner.id,
      ]);
      return rows.map(({ name }) => name);
    });
  await remove(page, 'Joiners');
  const second = await context.newPage();
  await remove(second, 'Leavers');
  await undo(page).click();
  await expect(page.getByText('Nothing was undone')).toBeVisible();
  expect(await views()).toEqual([]);
  await undo(second).click();
  await expect(second.getByText('The view is saved again.')).toBeVisible();
  expect(await views()).toEqual(['Leavers']);
});
