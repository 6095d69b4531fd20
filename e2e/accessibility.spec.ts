import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, github, test } from './fixtures';
import { newOwner, type Person, signInAs } from './people';

const THEMES = ['light', 'dark'] as const;
const NARROWEST = 360;

/** Every page in the states that a customer can meet; `{slug}` is the owner's workspace. */
const PAGES: readonly { name: string; path: string; signedIn: boolean }[] = [
  { name: 'sign-in', path: '/sign-in', signedIn: false },
  { name: 'sign-in refused', path: '/sign-in?error=AccountExists', signedIn: false },
  { name: 'first run', path: '/new', signedIn: true },
  { name: 'not connected', path: '/w/{slug}/settings/github', signedIn: true },
  {
    name: 'a refused connection',
    path: '/w/{slug}/settings/github?outcome=not_your_installation',
    signedIn: true,
  },
  { name: 'workspace choice', path: '/connect/github?installation_id=1', signedIn: true },
  { name: 'audit log', path: '/w/{slug}/audit-log', signedIn: true },
  { name: 'an event', path: '/w/{slug}/audit-log?event=1', signedIn: true },
  { name: 'no such event', path: '/w/{slug}/audit-log?event=nonsense', signedIn: true },
  { name: 'audit log without a match', path: '/w/{slug}/audit-log?q=nothing-has-this-name', signedIn: true },
  { name: 'no API keys', path: '/w/{slug}/settings/api-keys', signedIn: true },
  { name: 'a new API key', path: '/w/{slug}/settings/api-keys/new', signedIn: true },
  { name: 'members', path: '/w/{slug}/settings/members?notice=last_owner', signedIn: true },
  { name: 'comparison', path: '/w/{slug}/audit-log/compare', signedIn: true },
  { name: 'trust', path: '/trust', signedIn: true },
  { name: 'trust, signed out', path: '/trust', signedIn: false },
  { name: 'API reference', path: '/docs/api?workspace={slug}', signedIn: true },
  { name: 'API reference, signed out', path: '/docs/api', signedIn: false },
  { name: 'components of settings', path: '/dev/components?part=settings', signedIn: true },
  { name: 'components of the audit log', path: '/dev/components?part=audit-log', signedIn: true },
  { name: 'not found', path: '/no/such/page', signedIn: true },
  { name: 'every component', path: '/dev/components', signedIn: true },
];

let owner: Person;
test.beforeAll(async () => {
  owner = await newOwner('Acme');
});

async function check(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual(
    [],
  );
}

for (const { name, path, signedIn } of PAGES)
  for (const theme of THEMES)
    test(`${name}, ${theme}: axe finds nothing, and nothing scrolls sideways`, async ({
      page,
      context,
      complaints,
    }) => {
      if (signedIn) await signInAs(context, owner);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.goto(path.replace('{slug}', owner.slug));
      await check(page);
      await page.setViewportSize({ width: NARROWEST, height: 740 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
      await check(page);
      // A browser logs a page's own 404 as an error.
      if (name === 'not found') complaints.length = 0;
    });

test('connected, in both themes: axe finds nothing', async ({ page, context }) => {
  const { installations } = await github().state();
  for (const { id } of installations) await github().actions.uninstall({ installation: id });
  await github().flush();
  await signInAs(context, owner);
  await page.goto(`/w/${owner.slug}/settings/github`);
  await page.getByRole('button', { name: 'Connect GitHub' }).click();
  await page.getByRole('button', { name: 'Sign in as olivia' }).click();
  await page.getByRole('link', { name: 'acme' }).click();
  await page.getByRole('button', { name: 'Install' }).click();
  await page.waitForURL(/login\/oauth\/authorize|outcome=connected/);
  if (page.url().includes('authorize')) await page.getByRole('button', { name: /^Authorize/ }).click();
  await expect(page.getByText('GitHub is connected')).toBeVisible();
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await check(page);
  }
});
