/**
 * Checks that every failed attempt to connect ends on a page that explains the cause and the next step. The attempt
 * must not connect anything, and any user token that GitHub issued for it must be revoked.
 */
import type { Page } from '@playwright/test';
import { MISTAKES } from './connect-mistakes';
import { ConnectScene } from './connect-scene';
import { expect, test } from './fixtures';
import { newMember, newOwner, type Person, signInAs } from './people';
import { connectedCustomer } from './server/connected-customer';

let scene: ConnectScene;
let owner: Person;
let stranger: Person;

test.beforeAll(async () => {
  scene = await ConnectScene.start();
  owner = await newOwner('Acme', scene.env);
  stranger = await newOwner('Globex', scene.env);
});
test.afterAll(() => scene?.close());

test.beforeEach(async ({ context }) => {
  await scene.clear();
  await scene.comeFromElsewhere(context);
  await scene.database.query(
    `INSERT INTO memberships (user_id, workspace_id, role) SELECT $1, id, 'owner' FROM workspaces WHERE slug = $2
      ON CONFLICT (user_id, workspace_id) DO UPDATE SET role = 'owner'`,
    [owner.id, owner.slug],
  );
  await signInAs(context, owner, scene.env);
});

const banner = (page: Page, title: string) =>
  page.getByRole('alert').or(page.getByRole('status')).filter({ hasText: title });

for (const { name, login, happens, title, cause, next, tokens = 0 } of MISTAKES)
  test(`tells the cause and the next step: ${name}`, async ({ page, context }) => {
    await scene.signInAtGitHub(page, login);
    await happens({ scene, page, context, owner, stranger });
    await expect(banner(page, title)).toContainText(cause);
    const buttons = page.getByRole('main').getByRole(next[0] === 'Create a workspace' ? 'link' : 'button');
    for (const name of next) await expect(buttons.filter({ hasText: name }).first()).toBeVisible();
    await scene.expectNothingBoundTo(owner.slug);
    await scene.expectUserTokensRevoked(tokens);
  });

test('the Setup URL asks for the workspace when it is opened by hand', async ({ page }) => {
  await page.goto(scene.url('/api/github/setup'));
  await expect(page.getByRole('heading', { name: 'Connect GitHub to a workspace' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Connect to Acme' })).toBeVisible();
});

test('a member without the admin role is told who can connect, and a forged form gets the same message', async ({
  page,
  context,
}) => {
  await signInAs(context, await newMember(owner.slug, 'member', scene.env), scene.env);
  const settings = scene.url(`/w/${owner.slug}/settings/github`);
  await page.goto(settings);
  await expect(page.getByText('An admin of this workspace can connect it.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Connect GitHub' })).toHaveCount(0);
  const answer = await page.request.post(scene.url('/api/github/connect'), {
    form: { workspace: owner.slug },
    headers: { origin: scene.url('') },
    maxRedirects: 0,
  });
  await page.goto(answer.headers().location ?? '');
  await expect(banner(page, 'Only admins can connect GitHub')).toContainText('Ask an admin or owner');
});

test('an installation that another workspace has connected is refused without naming that workspace', async ({
  page,
}) => {
  const other = await newOwner('Rivals', scene.env);
  const customer = { slug: other.slug, ownerId: other.id, apiKey: '' };
  await connectedCustomer(scene.server, customer, 'olivia', 'acme');
  await scene.signInAtGitHub(page, 'olivia');
  scene.github.requests.clear();
  await page.goto(scene.url(`/w/${owner.slug}/settings/github`));
  await page.getByRole('button', { name: 'Link it' }).click();
  const told = banner(page, 'Connected to another workspace');
  await expect(told).toContainText('Disconnect it there first, or ask an admin of that workspace.');
  const source = await page.content();
  for (const secret of [other.slug, other.email, other.id, 'Rivals']) expect(source).not.toContain(secret);
  await scene.expectNothingBoundTo(owner.slug);
  await scene.expectUserTokensRevoked(1);
});

test('two tabs and a repeated Setup URL connect an installation only once and say so', async ({
  page,
  context,
}) => {
  const workspace = await newOwner('Tabs', scene.env);
  await signInAs(context, workspace, scene.env);
  await scene.signInAtGitHub(page, 'olivia');
  const id = scene.installOnAcmeAtGitHub();
  await scene.github.flush();
  await scene.link(page, workspace.slug);
  const second = await context.newPage();
  await scene.link(second, workspace.slug);
  await scene.authorize(second);
  await expect(banner(second, 'GitHub is connected')).toBeVisible();
  await scene.authorize(page);
  await expect(banner(page, 'Already connected')).toContainText('No action is needed.');
  await page.goto(scene.url(`/api/github/setup?installation_id=${id}&setup_action=install`));
  await expect(banner(page, 'Already connected')).toBeVisible();
  await expect(page.getByText('Active', { exact: true })).toHaveCount(1);
  await scene.expectUserTokensRevoked(2);
});

test('an installation that was suspended during the flow is shown as suspended, with the way to unsuspend it', async ({
  page,
  context,
}) => {
  const workspace = await newOwner('Paused', scene.env);
  await signInAs(context, workspace, scene.env);
  await scene.signInAtGitHub(page, 'olivia');
  await scene.installOnAcme(page, workspace.slug);
  scene.github.actions.suspend({ installation: 'acme' });
  await scene.authorize(page);
  await expect(banner(page, 'The installation is suspended')).toContainText(
    'Unsuspend it in the app’s settings',
  );
  await expect(page.getByRole('link', { name: /^Configure on GitHub/ })).toBeVisible();
  await scene.expectUserTokensRevoked(1);
});
