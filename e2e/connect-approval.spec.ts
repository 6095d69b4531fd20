/** Covers long waits: for an owner's approval, and for a GitHub rate limit to end. */
import type { Page } from '@playwright/test';
import { ConnectScene } from './connect-scene';
import { expect, test } from './fixtures';
import { newMember, newOwner, type Person, signInAs } from './people';

let scene: ConnectScene;

test.beforeAll(async () => {
  scene = await ConnectScene.start();
});
test.afterAll(() => scene?.close());
test.beforeEach(async ({ context }) => {
  await scene.clear();
  await scene.comeFromElsewhere(context);
});

/**
 * Signs in as Mona, who owns a workspace here but is only a member of acme on GitHub. As Mona, asks acme's owners to
 * install the App.
 */
async function askForAcme(page: Page): Promise<Person> {
  const mona = await newOwner('Acme', scene.env);
  await signInAs(page.context(), mona, scene.env);
  await scene.signInAtGitHub(page, 'mona');
  await page.goto(scene.url(`/w/${mona.slug}/settings/github`));
  await page.getByRole('button', { name: 'Connect GitHub' }).click();
  await page.getByRole('link', { name: 'acme' }).click();
  await page.getByRole('button', { name: 'Request' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Waiting for approval' })).toContainText(
    'finishes the connection',
  );
  return mona;
}

test('a member requests, an owner approves days later, and only an administrator of the account can finish', async ({
  page,
  browser,
}) => {
  const mona = await askForAcme(page);
  await scene.database.query(
    "UPDATE connect_attempts SET created_at = created_at - interval '3 days' WHERE user_id = $1",
    [mona.id],
  );
  await page.goto(scene.url(`/w/${mona.slug}/settings/github`));
  await expect(page.getByText('3 days ago')).toBeVisible();

  const context = await browser.newContext();
  const olivia = await context.newPage();
  await scene.signInAtGitHub(olivia, 'olivia');
  await olivia.goto(`${scene.github.webUrl}/organizations/acme/settings/installations`);
  await olivia.getByRole('link', { name: 'Review request' }).click();
  await olivia.getByRole('button', { name: 'Approve and install' }).click();
  await context.close();

  // The page stays open and must update by itself.
  await expect(page.getByText('Approved', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Finish connecting' }).click();
  await scene.authorize(page);
  await expect(page.getByText('You can’t connect this installation')).toBeVisible();
  await scene.signInAtGitHub(page, 'olivia');
  await page.goto(scene.url(`/w/${mona.slug}/settings/github`));
  await page.getByRole('button', { name: 'Finish connecting' }).click();
  await scene.authorize(page);
  await expect(page.getByText('GitHub is connected')).toBeVisible();
  await expect(page.locator('tbody').getByText('acme/api', { exact: true }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Dismiss request' })).toHaveCount(0);
  await scene.expectUserTokensRevoked(2);
});

test('the page explains how to end a denied request, and an admin can dismiss it', async ({ page }) => {
  const mona = await askForAcme(page);
  const [request] = [...scene.github.state.installationRequests.values()];
  scene.github.actions.denyRequest({ requestId: request?.id ?? 0 });
  const settings = scene.url(`/w/${mona.slug}/settings/github`);

  const context = page.context();
  await signInAs(context, await newMember(mona.slug, 'member', scene.env), scene.env);
  await page.goto(settings);
  await expect(page.getByText('GitHub doesn’t notify us if the request is denied')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Dismiss request' })).toHaveCount(0);

  await signInAs(context, await newMember(mona.slug, 'admin', scene.env), scene.env);
  await page.goto(settings);
  await page.getByRole('button', { name: 'Dismiss request' }).click();
  await expect(page.getByText('Request dismissed')).toBeVisible();
  await expect(page.getByText('Waiting for approval', { exact: true })).toHaveCount(0);
  await page.goto(scene.url(`/w/${mona.slug}/audit-log?type=github.approval_dismissed`));
  await expect(
    page.locator('tbody').getByRole('link', { name: 'Request for approval dismissed' }),
  ).toBeVisible();
});

test('while GitHub’s rate limit stops syncs, the card says how old its data is and when the next check is', async ({
  page,
}) => {
  const owner = await newOwner('Acme', scene.env);
  await signInAs(page.context(), owner, scene.env);
  await scene.signInAtGitHub(page, 'olivia');
  await scene.installOnAcme(page, owner.slug);
  await scene.authorize(page);
  await expect(page.getByText('GitHub is connected')).toBeVisible();
  const reconcile = () =>
    fetch(scene.url('/api/internal/reconcile'), {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.env.CRON_SECRET}` },
    });
  const settings = scene.url(`/w/${owner.slug}/settings/github`);

  // Wait for the first sync to finish. Otherwise it would run into the fault that is planned below.
  const syncing = async () =>
    (
      await scene.database.query(
        'SELECT 1 FROM installations WHERE sync_requested_at IS NOT NULL OR sync_lease IS NOT NULL',
      )
    ).rows;
  await expect.poll(syncing).toEqual([]);
  // Test the failure first, because a rate limit stops all further requests until it ends.
  await page.goto(settings);
  scene.github.knobs.failNext('GET /app/installations/{installation_id}', { kind: 'status', status: 502 });
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText('Sync failed')).toBeVisible();
  await expect(page.getByText('GitHub could not be reached.')).toBeVisible();
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(page.getByText('Synced with GitHub')).toBeVisible();
  await expect(page.getByText('GitHub could not be reached.')).toHaveCount(0);

  const limit = { kind: 'primary-rate-limit', resetInSeconds: 3000 } as const;
  scene.github.knobs.failNext('GET /app/installations', limit);
  expect((await reconcile()).ok).toBe(false);
  await scene.database.query("UPDATE reconcile_state SET checked_at = now() - interval '25 minutes'");
  await scene.database.query(
    "UPDATE installations SET synced_at = now() - interval '2 hours', bound_at = now() - interval '1 day'",
  );
  await page.goto(settings);
  await expect(page.getByText(/GitHub rate limit reached\. Last updated 25 minutes ago/)).toContainText(
    /Next sync in \d+ minutes/,
  );
  await expect(page.getByText('Last checked')).toBeVisible();
  scene.github.requests.clear();
  await reconcile();
  expect(scene.github.requests.filter({ route: 'GET /app/installations' })).toEqual([]);
});
