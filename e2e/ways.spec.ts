/** Covers the ways to and from pages: through sign-in, from an invitation, from an unknown URL and so on. */
import type { Page } from '@playwright/test';
import { appUrl, expect, forgetStatus, test } from './fixtures';
import { addApiKey, addInstallation, asDatabaseOwner, unusedId, workspaceId } from './installations';
import { getPage } from './page-over-http';
import { newMember, newOwner, type Person, signInAs } from './people';

let owner: Person;
test.beforeEach(async () => {
  owner = await newOwner('Acme');
});

const workspace = () => `/w/${owner.slug}`;

async function fillSignIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Finds the workspace's navigation on the page. */
const shellOf = (page: Page) => page.getByRole('navigation', { name: 'Workspace' });

test('sign-in leads back to the requested address with its whole query', async ({ page }) => {
  await page.goto(`${workspace()}/audit-log?event=1`);
  await fillSignIn(page, owner.email);
  await expect(page).toHaveURL(`${workspace()}/audit-log?event=1`);
  await expect(page.getByRole('dialog', { name: 'Workspace created' })).toBeVisible();
});

test('sign-in leads back to a search or a public page', async ({ page }) => {
  await page.goto(`${workspace()}/settings/github?q=api&installation_id=7`);
  await fillSignIn(page, owner.email);
  await expect(page).toHaveURL(`${workspace()}/settings/github?q=api&installation_id=7`);
  for (const path of [`/trust?workspace=${owner.slug}`, `/docs/api?workspace=${owner.slug}`]) {
    await page.context().clearCookies();
    await page.goto(path);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await fillSignIn(page, owner.email);
    await expect(page).toHaveURL(path);
    await expect(shellOf(page)).toBeVisible();
  }
});

test('a request header cannot change where sign-in leads', async ({ request }) => {
  const answer = await request.get(`${workspace()}/settings/github?q=api`, {
    headers: { 'x-page': 'https://evil.example/' },
    maxRedirects: 0,
  });
  expect(answer.headers().location).toBe(
    `/sign-in?callbackUrl=${encodeURIComponent(`${workspace()}/settings/github?q=api`)}`,
  );
});

test('a member of a workspace sees an invitation to another one and can join it', async ({
  page,
  context,
}) => {
  const hooli = await newOwner('Hooli');
  await signInAs(context, hooli);
  const invited = await context.request.post(`${appUrl()}/api/v1/workspaces/${hooli.slug}/members`, {
    data: { email: owner.email, role: 'member' },
    headers: { origin: appUrl() },
  });
  expect(invited.status()).toBe(201);
  await signInAs(context, owner);
  await page.goto('/');
  const waiting = page.getByRole('complementary', { name: 'Invitations' });
  await expect(waiting).toContainText('Hooli has invited you');
  await waiting.getByRole('link', { name: 'Review' }).click();
  await page.getByRole('button', { name: /^Join/ }).click();
  await expect(page).toHaveURL(`/w/${hooli.slug}/settings/github`);
  await expect(waiting).toHaveCount(0);
});

test('the pages that create or choose a workspace have a way back', async ({ page, context }) => {
  await signInAs(context, owner);
  for (const path of ['/new', '/connect/github?installation_id=1']) {
    await page.goto(path);
    await shellOf(page).getByRole('link', { name: 'Members' }).click();
    await expect(page).toHaveURL(`${workspace()}/settings/members`);
  }
});

test('a forged link cannot make the choice of a workspace say that GitHub is connected', async ({
  page,
  context,
}) => {
  await signInAs(context, owner);
  for (const outcome of ['connected', 'updated', 'choose_installation', 'approval_dismissed']) {
    await page.goto(`/connect/github?notice=${outcome}`);
    await expect(page.getByRole('button', { name: 'Connect to Acme' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Dismiss' })).toHaveCount(0);
  }
  await page.goto('/connect/github?notice=other_user');
  await expect(page.getByText('Started by someone else')).toBeVisible();
});

test('a missing page keeps its workspace’s navigation for members and is a plain 404 for outsiders', async ({
  page,
  context,
  complaints,
}) => {
  await signInAs(context, owner);
  const missing = `${workspace()}/settings/gihtub`;
  for (const path of [missing, `${workspace()}/settings/api-keys/00000000-0000-4000-8000-000000000000`]) {
    expect((await page.goto(path))?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
    await shellOf(page).getByRole('link', { name: 'GitHub' }).click();
    await expect(page).toHaveURL(`${workspace()}/settings/github`);
  }
  await page.goto(`${workspace()}/settings`);
  await expect(page).toHaveURL(`${workspace()}/settings/github`);

  await signInAs(context, await newOwner('Globex'));
  const seen: string[] = [];
  for (const path of [missing, '/w/no-such-workspace/settings/gihtub']) {
    expect((await page.goto(path))?.status()).toBe(404);
    await expect(page).toHaveTitle('Not found · PulseStream');
    // The message is part of the document, so it paints before any script has run.
    const { status, headings } = await getPage(page.request, path);
    expect({ status, headings }).toEqual({
      status: 404,
      headings: ['Page not found'],
    });
    await expect(shellOf(page)).toHaveCount(0);
    seen.push(await page.locator('body').ariaSnapshot());
  }
  const [theirs, nobodys] = seen.map((text) => text.replace(/[0-9a-f-]{36}/, ''));
  expect(theirs).toBe(nobodys);
  forgetStatus(complaints);
});

test('a signed-out reader can sign in, and a reader without the role sees who can grant it', async ({
  page,
  context,
  complaints,
}) => {
  await page.goto('/no/such/page');
  await expect(page.getByRole('link', { name: 'Use another account' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/sign-in');

  await signInAs(context, await newMember(owner.slug, 'member'));
  await page.goto(`${workspace()}/audit-log`);
  await expect(page.getByText('Ask an owner or admin to change your role')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'View admins' }).click();
  await expect(page).toHaveURL(`${workspace()}/settings/members`);
  forgetStatus(complaints);
});

test('the logo leads to the workspace that the reader is in', async ({ page, context }) => {
  await signInAs(context, owner);
  const first = await newOwner('AAA');
  await asDatabaseOwner(async (db) =>
    db.query('INSERT INTO memberships (user_id, workspace_id, role) VALUES ($1, $2, $3)', [
      owner.id,
      await workspaceId(db, first.slug),
      'owner',
    ]),
  );
  for (const path of [
    `${workspace()}/settings/members`,
    `/trust?workspace=${owner.slug}`,
    `/new?workspace=${owner.slug}`,
  ]) {
    await page.goto(path);
    await page.getByRole('link', { name: 'PulseStream, home' }).click();
    await expect(page).toHaveURL(`${workspace()}/settings/github`);
  }
});

test('ended connections are folded up below those in use', async ({ page, context }) => {
  await signInAs(context, owner);
  const base = unusedId();
  await asDatabaseOwner(async (db) => {
    const id = await workspaceId(db, owner.slug);
    await addInstallation(db, id, { id: base, login: 'acme' });
    for (const n of [1, 2])
      await addInstallation(db, id, { id: base + n, login: `old-${n}`, status: 'deleted' });
  });
  await page.goto(`${workspace()}/settings/github`);
  await expect(page.getByRole('heading', { level: 2 })).toHaveText([
    'From here to your first clone',
    'Connections',
    'Repositories',
    'Ended connections',
  ]);
  const ended = page.getByRole('heading', { name: 'old-1' });
  await expect(ended).toBeHidden();
  await page.locator('summary', { hasText: '2 ended connections' }).click();
  await expect(ended).toBeVisible();
});

test('a role is chosen by its name, and the form explains what each role may do', async ({
  page,
  context,
}) => {
  await signInAs(context, owner);
  await page.goto(`${workspace()}/settings/members`);
  const role = page.getByLabel('Role', { exact: true }).first();
  await expect(role.getByRole('option')).toHaveText(['Member', 'Admin', 'Owner']);
  await expect(role).toHaveAccessibleDescription(/Admins also connect GitHub/);
});

test('a banner that takes the focus shows no focus outline', async ({ page, context }) => {
  await signInAs(context, owner);
  await page.goto(`${workspace()}/settings/members?notice=last_owner`);
  // Press a key first, because browsers show the focus outline only after keyboard input.
  await page.keyboard.press('Tab');
  await page.reload();
  const region = page.locator(':focus').filter({ hasText: 'Nothing was changed' });
  await expect(region).toHaveCSS('outline-style', 'none');
});

test('on a phone, the API reference begins with its title, and its table of contents is folded up', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/docs/api');
  const contents = page.locator('summary', { hasText: 'On this page' });
  await expect(contents).toBeVisible();
  const errors = page.getByRole('link', { name: 'Errors', exact: true });
  await expect(errors).toHaveCount(0);
  await contents.click();
  await errors.click();
  await expect(page.getByRole('heading', { level: 2, name: 'Errors' })).toBeInViewport();
  await page.setViewportSize({ width: 1280, height: 844 });
  await expect(contents).toBeHidden();
  await expect(errors).toBeVisible();
});

/** Adds a connection with a token of two months ago, so that the page's first steps are over. */
async function addUsedConnection(slug: string): Promise<void> {
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, slug);
    const installation = unusedId();
    await addInstallation(db, workspace, { id: installation, login: 'acme' });
    const key = await addApiKey(db, workspace, 'engine');
    // The trigger would set the time.
    await db.query('ALTER TABLE audit_events DISABLE TRIGGER audit_events_append');
    try {
      await db.query(
        `INSERT INTO audit_events (workspace_id, seq, occurred_at, workspace_slug, type, actor_type, actor_id, actor_label,
            installation_id, client_ip, request_id, details, prev_hash, hash)
          VALUES ($1, 2, now() - interval '60 days', $2, 'github.token_minted', 'api_key', $3, 'engine', $4, '203.0.113.7',
            'r', jsonb_build_object('repositories', 'all', 'repository_list_version', 1,
              'permissions', '{"contents":"read"}'::jsonb), '', '')`,
        [workspace, slug, key, installation],
      );
      await db.query('UPDATE audit_chains SET seq = 2 WHERE workspace_id = $1', [workspace]);
    } finally {
      await db.query('ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_append');
    }
  });
}

/** Adds a connection that shares a repository, so that the page shows the first steps. */
async function addNewConnection(slug: string): Promise<void> {
  await asDatabaseOwner(async (db) => {
    const workspace = await workspaceId(db, slug);
    const installation = unusedId();
    await addInstallation(db, workspace, { id: installation, login: 'acme' });
    await db.query(
      `INSERT INTO repositories (id, installation_id, owner, name, clone_url, default_branch, private)
        VALUES ($1, $2, 'acme', 'repository', 'https://github.com/acme/repository.git', 'main', true)`,
      [unusedId(), installation],
    );
  });
}

/** Adds to {@link addNewConnection} a key that was not used yet. */
async function addUnusedKey(slug: string): Promise<void> {
  await addNewConnection(slug);
  await asDatabaseOwner(async (db) => addApiKey(db, await workspaceId(db, slug), 'engine'));
}

for (const width of [1280, 390])
  for (const [steps, prepare] of [
    ['over', addUsedConnection],
    ['begun', addNewConnection],
    ['waiting for a token', addUnusedKey],
  ] as const)
    test(`the GitHub settings load without a layout shift at ${width} px, with the first steps ${steps}`, async ({
      page,
      context,
    }) => {
      await page.setViewportSize({ width, height: 844 });
      const reader = await newOwner('Acme');
      await signInAs(context, reader);
      await prepare(reader.slug);
      await page.goto(`/w/${reader.slug}/settings/members`);
      const places = () =>
        Promise.all(
          [
            page.getByRole('heading', { level: 1, name: 'GitHub' }),
            page.getByRole('heading', { level: 2, name: 'Repositories' }),
          ].map((heading) => heading.boundingBox()),
        );
      const skeleton = page.getByRole('status', { name: 'Loading the GitHub connection' });
      const loading = await asDatabaseOwner(async (db) => {
        // Lock the table until the database connection ends. Until then, the page can't read it and stays in its loading
        // state.
        await db.query('BEGIN; LOCK TABLE repositories');
        await shellOf(page).getByRole('link', { name: 'GitHub' }).click();
        await expect(skeleton).toBeVisible();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('GitHub');
        return places();
      });
      await expect(page.getByRole('heading', { level: 3, name: 'acme' })).toBeVisible();
      await expect(skeleton).toHaveCount(0);
      await expect.poll(places).toEqual(loading);
    });
