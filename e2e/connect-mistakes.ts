/** Mistakes that people make while connecting, each with the steps that lead to it and the text that must be shown. */
import type { BrowserContext, Page } from '@playwright/test';
import type { ConnectScene } from './connect-scene';
import { type Person, signInAs } from './people';

/**
 * The people in a scenario. `owner` is the only member of workspace Acme, and `stranger` has a workspace named Globex.
 */
export type Cast = {
  scene: ConnectScene;
  page: Page;
  context: BrowserContext;
  owner: Person;
  stranger: Person;
};

export type Mistake = {
  name: string;
  /** The GitHub user signed in at GitHub. */
  login: string;
  happens: (cast: Cast) => Promise<void>;
  title: string;
  cause: string;
  /** The buttons that the banner must show. For a user without a workspace, the page below the banner shows them. */
  next: string[];
  /** The number of user tokens that GitHub issues during the attempt. The default is 0. */
  tokens?: number;
};

const SESSION = 'next-auth.session-token';
const LINK = 'Link the installation';
const INSTALL = 'Install the app';

const setOwnersAttempts = ({ scene, owner }: Cast, change: string) =>
  scene.database.query(`UPDATE connect_attempts SET ${change} WHERE user_id = $1`, [owner.id]);

const ownersMembership = ({ scene, owner }: Cast, change: 'DELETE' | 'DEMOTE') =>
  scene.database.query(
    change === 'DELETE'
      ? 'DELETE FROM memberships WHERE user_id = $1 AND workspace_id = (SELECT id FROM workspaces WHERE slug = $2)'
      : `UPDATE memberships SET role = 'member' WHERE user_id = $1
          AND workspace_id = (SELECT id FROM workspaces WHERE slug = $2)`,
    [owner.id, owner.slug],
  );

const callback = ({ scene, page }: Cast, query: string) =>
  page.goto(scene.url(`/api/github/callback?${query}`));

const claimsAcme = async ({ scene, page }: Cast) => {
  const id = scene.installOnAcmeAtGitHub();
  await scene.github.flush();
  await scene.claim(page, 'Acme', id);
};

const NOT_YOURS = {
  happens: claimsAcme,
  title: 'You can’t connect this installation',
  cause: 'Ask an organization owner, or an admin of all its repositories',
  next: [],
  tokens: 1,
};
const UNKNOWN = {
  login: 'olivia',
  title: 'This link isn’t valid',
  cause: 'Start again from your workspace’s settings.',
  next: ['Connect to Acme'],
};

export const MISTAKES: readonly Mistake[] = [
  {
    name: 'cancelled at GitHub (error=access_denied)',
    login: 'olivia',
    happens: async ({ scene, page, owner }) => {
      await scene.installOnAcme(page, owner.slug);
      await page.getByRole('button', { name: 'Cancel' }).click();
    },
    title: 'Cancelled on GitHub',
    cause: 'You didn’t authorize the app',
    next: [LINK],
  },
  {
    name: 'an attempt that has expired',
    login: 'olivia',
    happens: async (cast) => {
      await cast.scene.installOnAcme(cast.page, cast.owner.slug);
      await setOwnersAttempts(cast, "expires_at = now() - interval '1 second'");
      await cast.scene.authorize(cast.page);
    },
    title: 'This attempt has expired',
    cause: 'You started to connect GitHub too long ago',
    next: [INSTALL, LINK],
  },
  {
    name: 'the Back button, which repeats the same state',
    login: 'olivia',
    happens: async ({ scene, page, owner }) => {
      await scene.installOnAcme(page, owner.slug);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.waitForURL(/notice=access_denied/);
      await page.goBack();
      await scene.authorize(page);
    },
    title: 'This link has expired',
    cause: 'Connection links work once',
    next: [INSTALL, LINK],
  },
  {
    name: 'the state of another user',
    login: 'olivia',
    happens: async ({ scene, page, context, owner, stranger }) => {
      await scene.installOnAcme(page, owner.slug);
      await signInAs(context, stranger, scene.env);
      await scene.authorize(page);
    },
    title: 'Started by someone else',
    cause: 'Another user started this connection',
    next: ['Connect to Globex'],
  },
  {
    name: 'the state of a workspace that the user has left',
    login: 'olivia',
    happens: async (cast) => {
      await cast.scene.installOnAcme(cast.page, cast.owner.slug);
      await ownersMembership(cast, 'DELETE');
      await cast.scene.authorize(cast.page);
    },
    title: 'Only admins can connect GitHub',
    cause: 'You’re no longer an admin of this workspace.',
    next: ['Create a workspace'],
  },
  {
    name: 'an admin who was demoted meanwhile',
    login: 'olivia',
    happens: async (cast) => {
      await cast.scene.installOnAcme(cast.page, cast.owner.slug);
      await ownersMembership(cast, 'DEMOTE');
      await cast.scene.authorize(cast.page);
    },
    title: 'Only admins can connect GitHub',
    cause: 'Ask an admin or owner of the workspace.',
    next: [],
  },
  {
    name: 'the callback opened by hand',
    ...UNKNOWN,
    happens: async (cast) => void (await callback(cast, '')),
  },
  {
    name: 'the callback with garbage',
    ...UNKNOWN,
    happens: async (cast) =>
      void (await callback(cast, 'code=%00%ff&state[]=x&state=nonsense&error=<script>&installation_id=1')),
  },
  {
    name: 'the Setup URL with garbage',
    ...UNKNOWN,
    happens: async ({ scene, page }) =>
      void (await page.goto(
        scene.url('/api/github/setup?installation_id=abc&setup_action=steal&state=nonsense'),
      )),
  },
  {
    name: 'a forged code',
    login: 'olivia',
    happens: async (cast) => {
      await cast.scene.link(cast.page, cast.owner.slug);
      const state = new URL(cast.page.url()).searchParams.get('state');
      await callback(cast, `code=forged&state=${state}`);
    },
    title: 'GitHub did not confirm the authorization',
    cause: 'was already used, has expired, or isn’t for this app',
    next: [LINK],
  },
  { name: 'not yours: a read-only member', login: 'mona', ...NOT_YOURS },
  { name: 'not yours: an admin of some repositories', login: 'rahul', ...NOT_YOURS },
  { name: 'not yours: an outsider', login: 'eve', ...NOT_YOURS },
  {
    name: 'an installation id that never existed',
    login: 'olivia',
    ...NOT_YOURS,
    happens: ({ scene, page }) => scene.claim(page, 'Acme', 99_999_999),
  },
  {
    name: 'uninstalled before the flow ended',
    login: 'olivia',
    happens: async ({ scene, page, owner }) => {
      await scene.installOnAcme(page, owner.slug);
      scene.github.actions.uninstall({ installation: 'acme' });
      await scene.authorize(page);
    },
    title: 'Installation not found',
    cause: 'We couldn’t find this installation',
    next: [INSTALL],
    tokens: 1,
  },
  {
    name: 'nothing to link',
    login: 'mona',
    happens: async ({ scene, page, owner }) => {
      scene.installOnAcmeAtGitHub();
      await scene.github.flush();
      await scene.link(page, owner.slug);
      await scene.authorize(page);
    },
    title: 'Nothing to link',
    cause: 'Your GitHub account has no installation that can be connected.',
    next: [INSTALL],
    tokens: 1,
  },
  {
    name: 'GitHub breaks down during the callback',
    login: 'olivia',
    happens: async ({ scene, page, owner }) => {
      await scene.installOnAcme(page, owner.slug);
      scene.github.knobs.failNext('GET /user', { kind: 'status', status: 502 });
      await scene.authorize(page);
    },
    title: 'GitHub cannot be reached',
    cause: 'Nothing was connected. Link the installation again in a few minutes',
    next: [LINK],
    tokens: 1,
  },
  {
    name: 'signed out while at GitHub',
    login: 'olivia',
    happens: async ({ scene, page, context, owner }) => {
      await scene.installOnAcme(page, owner.slug);
      await context.clearCookies({ name: SESSION });
      await scene.authorize(page);
      await page.getByLabel('Email').fill(owner.email);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(/notice=signed_out/);
    },
    title: 'You were signed out',
    cause: 'The app is still installed',
    next: [LINK],
  },
];
