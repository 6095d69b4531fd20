/** The operator's stops on a workspace's pages. `walk.spec.ts` inspects the banner in both themes and widths. */
import type { Page } from '@playwright/test';
import { admin, expect, test } from './fixtures';
import { newApiKey, newOwner, signInAs } from './people';

const REASON = 'A drill, as announced';

/** Opens both pages, and returns the titles of the banners on each. */
async function banners(page: Page, slug: string): Promise<Record<'github' | 'api-keys', string[]>> {
  const shown = { github: [] as string[], 'api-keys': [] as string[] };
  for (const name of ['github', 'api-keys'] as const) {
    await page.goto(`/w/${slug}/settings/${name}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByLabel(/^Loading/)).toHaveCount(0);
    shown[name] = await page.getByText(/^No tokens are issued/).allTextContents();
  }
  return shown;
}

test('a stop is shown with its reason on the pages of its workspace, and nowhere after the start', async ({
  page,
  context,
}) => {
  const [owner, other] = [await newOwner('Acme'), await newOwner('Globex')];
  const { id } = await newApiKey(owner.slug, 'engine');
  await signInAs(context, owner);

  await admin(['minting:stop', '--reason', REASON, '--key', id]);
  const ofKey = 'No tokens are issued for the API key engine at the moment';
  expect(await banners(page, owner.slug)).toEqual({ github: [], 'api-keys': [ofKey] });
  await expect(page.getByText(REASON)).toBeVisible();

  await admin(['minting:stop', '--reason', REASON, '--workspace', owner.slug]);
  const ofWorkspace = 'No tokens are issued for this workspace at the moment';
  expect(await banners(page, owner.slug)).toEqual({
    github: [ofWorkspace],
    'api-keys': [ofWorkspace, ofKey],
  });
  await page.goto(`/w/${owner.slug}/audit-log`);
  await expect(page.getByText('Issuing tokens stopped').filter({ visible: true }).first()).toBeVisible();

  await signInAs(context, other);
  expect(await banners(page, other.slug)).toEqual({ github: [], 'api-keys': [] });

  await admin(['minting:start', '--key', id]);
  await admin(['minting:start', '--workspace', owner.slug]);
  await signInAs(context, owner);
  expect(await banners(page, owner.slug)).toEqual({ github: [], 'api-keys': [] });
});
