import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MintResponse } from '../lib/contract/mint';
import { git } from '../local/clients/git';
import { clearInstallations, installOnAcme } from './acme-installation';
import { appUrl, expect, github, githubUrl, refreshSoon, signIn, test, unique } from './fixtures';
import { newApiKey, newOwner, signInAs } from './people';

const MINT = 'POST /app/installations/{installation_id}/access_tokens';

function mint(apiKey: string, body: object = {}): Promise<Response> {
  return fetch(`${appUrl()}/api/v1/internal/github/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

test.beforeEach(clearInstallations);

test('a customer connects GitHub, a service clones with a minted token, and uninstalling ends it', {
  tag: '@narrow',
}, async ({ page }) => {
  const slug = unique('acme');
  await signIn(page, `${unique('olivia')}@acme.test`);

  await page.getByLabel('Name').fill('Acme');
  await page.getByLabel('Address').fill(slug);
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await expect(page).toHaveURL(`/w/${slug}/settings/github`);

  await installOnAcme(page);
  await expect(page).toHaveURL(new RegExp(`/w/${slug}/settings/github\\?notice=connected`));
  await expect(page.getByText('GitHub is connected')).toBeVisible();
  await expect(page.getByText('Active', { exact: true })).toBeVisible();
  await expect(page.locator('tbody').getByText('acme/api', { exact: true }).first()).toBeVisible();
  await expect(page.locator('tbody').getByText('acme/web', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('acme/infra')).toHaveCount(0);

  const { key } = await newApiKey(slug, 'engine');
  const answer = await mint(key);
  expect(answer.status).toBe(201);
  const minted = (await answer.json()) as MintResponse;

  const directory = await mkdtemp(path.join(tmpdir(), 'journey-'));
  try {
    const clone = path.join(directory, 'api');
    const cloned = await git(
      ['clone', '--quiet', `${githubUrl()}/acme/api.git`, clone],
      minted.token,
      directory,
    );
    expect(cloned).toEqual({ ok: true, output: '' });
    const head = await git(['rev-parse', 'HEAD'], minted.token, clone);
    expect(head.output).toBe(await github().headOf('acme/api'));
    await git(
      ['-c', 'user.name=e', '-c', 'user.email=e@e', 'commit', '--allow-empty', '-qm', 'x'],
      minted.token,
      clone,
    );
    expect(await git(['push', 'origin', 'HEAD'], minted.token, clone)).toMatchObject({ ok: false });
    const third = await git(
      ['clone', '--quiet', `${githubUrl()}/acme/infra.git`, `${clone}-3`],
      minted.token,
      directory,
    );
    expect(third).toMatchObject({ ok: false, output: expect.stringContaining('not found') });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }

  await page.goto(`/w/${slug}/audit-log?type=github.token_minted&actor=engine`);
  const row = page.locator('tbody tr').first();
  await expect(row).toContainText('engine');
  await expect(row).toContainText('Token issued');
  expect(await page.content()).not.toContain(minted.token);

  const { installations } = await github().state();
  const installation = installations.find(({ account }) => account === 'acme');
  await page.goto(`${githubUrl()}/organizations/acme/settings/installations/${installation?.id}`);
  await page.getByRole('button', { name: 'Uninstall' }).click();
  await github().flush();

  await page.goto(`/w/${slug}/settings/github`);
  await expect(page.getByText('Disconnected', { exact: true }).first()).toBeVisible();
  await github().requests.clear();
  const refused = await mint(key);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: 'installation_deleted' });
  expect(await github().requests.filter({ route: MINT })).toEqual([]);
});

test('an open settings page follows changes on GitHub without a reload', async ({ page, context }) => {
  const owner = await newOwner('Acme');
  const { slug } = owner;
  await signInAs(context, owner);
  await page.clock.install();
  await page.goto(`/w/${slug}/settings/github`);
  await installOnAcme(page);
  await expect(page.getByText('GitHub is connected')).toBeVisible();
  await github().actions.suspend({ installation: 'acme' });
  await github().flush();
  await refreshSoon(page);
  await expect(page.getByText('Suspended', { exact: true }).first()).toBeVisible();
  await github().actions.uninstall({ installation: 'acme' });
  await github().flush();
  await refreshSoon(page);
  await expect(page.getByText('Disconnected', { exact: true }).first()).toBeVisible();
});
