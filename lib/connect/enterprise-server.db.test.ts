/**
 * Runs the main flows against a GitHub Enterprise Server whose pages and API are below a path, not at the root of an
 * origin.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { reconcile } from '../sync/reconcile';
import { syncInstallation } from '../sync/sync';
import { clearWorld, newPerson, storedNames } from '../testing/test-scene';
import { authorize, githubBrowser, startTestWorld, TEST_BROWSER } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { handleCallback, handleSetup, startConnect } from './flow';

const world = await startTestWorld({}, { apiBasePath: '/enterprise/api/v3', webBasePath: '/enterprise' });
const { github } = world;

beforeEach(() => clearWorld(world));

describe('below other base paths', () => {
  it('connects, syncs, mints and reconciles as on github.com', async () => {
    const { workspaceId, slug, actor } = await newPerson('olivia');
    const installPage = await startConnect({
      browser: TEST_BROWSER,
      workspaceId,
      actor,
      origin: TEST_ORIGIN,
      intent: 'install',
    });
    expect(installPage).toContain(`${github.webUrl}/apps/${github.app.slug}/installations/new?state=`);

    const browser = await githubBrowser(github, 'olivia');
    await browser.open(installPage);
    await browser.follow('acme');
    await browser.press('Install');
    const back = browser.url.searchParams;
    expect(browser.url.pathname).toBe('/api/github/setup');
    const installationId = Number(back.get('installation_id'));
    const state = back.get('state') ?? '';

    const url = await handleSetup(
      { installationId, setupAction: 'install', state },
      actor,
      TEST_ORIGIN,
      TEST_BROWSER,
    );
    expect(url.startsWith(`${github.webUrl}/login/oauth/authorize?`)).toBe(true);
    const page = await handleCallback(
      await authorize(github, 'olivia', url),
      actor,
      TEST_ORIGIN,
      TEST_BROWSER,
    );
    expect(page).toContain('notice=connected');
    await github.flush();
    expect(await syncInstallation(installationId)).toBe('synced');
    expect(await storedNames(installationId)).toEqual(['acme/api', 'acme/infra', 'acme/web']);
    const [repository] = await getDb().repository.findMany({ where: { installationId } });
    expect(repository?.cloneUrl.startsWith(`${github.webUrl}/acme/`)).toBe(true);

    const minted = await mintToken({
      workspaceId,
      actor: await makeApiKeyActor({ id: workspaceId, slug }),
      origin: TEST_ORIGIN,
      request: { repositories: ['acme/api'], verify: true },
    });
    expect(minted.repositories).toHaveLength(1);
    expect(await reconcile()).toMatchObject({ listed: 1 });
    for (const { path } of github.requests.list()) expect(path.startsWith('/enterprise/')).toBe(true);
  });
});
