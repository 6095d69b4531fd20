/** Where API keys may be used from, their edits, and a workspace that forbids them: on pages and over HTTP. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clearInstallations, installOnAcme } from './acme-installation';
import { appUrl, expect, github, test } from './fixtures';
import { assertAccessible } from './inspection';
import { newApiKey, newOwner, type Person, signInAs } from './people';

const ALL_REPOSITORIES = 'All repositories, including future ones';

let owner: Person;
test.beforeEach(async ({ context }) => {
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

const pathOf = (page = '') => `/w/${owner.slug}/settings/api-keys${page}`;

/** Lists the key's repositories, as a service would from this machine. Returns the status and the problem's text. */
async function use(key: string): Promise<string> {
  const response = await fetch(`${appUrl()}/api/v1/internal/github/repositories`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { detail = '' } = (await response.json()) as { detail?: string };
  return `${response.status} ${detail}`.trim();
}

test('a key is created for networks, refused from elsewhere, and accepted once its networks are changed', {
  tag: '@narrow',
}, async ({ page }) => {
  await page.goto(pathOf('/new'));
  await expect(page.getByLabel('Selected repositories')).toBeChecked();
  await expect(page.getByLabel('90 days')).toBeChecked();
  await page.getByLabel('Name').fill('engine');
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(page.getByText('Choose at least one repository')).toBeVisible();
  await page.getByText(ALL_REPOSITORIES).click();
  await page.getByLabel('Networks').fill('203.0.113.0/24\n203.0.113.7/24');
  await page.getByRole('button', { name: 'Create API key' }).click();
  await expect(
    page.getByText(
      '“203.0.113.7/24” must be a network like 203.0.113.0/24, or one address like 203.0.113.7.',
    ),
  ).toBeVisible();
  await expect(page.getByLabel('Networks')).toHaveValue('203.0.113.0/24\n203.0.113.7/24');
  await page.getByLabel('Networks').fill('203.0.113.0/24, 2001:DB8::/32');
  await page.getByRole('button', { name: 'Create API key' }).click();
  const key = (await page.getByRole('region', { name: 'API key' }).getByRole('code').textContent()) ?? '';
  expect(await use(key)).toMatch(/^403 This API key may not be used from (127\.0\.0\.1|::1)\.$/);

  await page.goto(`/w/${owner.slug}/audit-log`);
  await expect(page.getByText('API key refused').filter({ visible: true }).first()).toBeVisible();

  await page.goto(pathOf());
  await page.getByRole('link', { name: 'Manage engine' }).click();
  await expect(page.getByRole('definition').filter({ hasText: '2001:db8::/32' })).toBeVisible();
  await page.getByLabel('Name').fill('engine 2');
  await page.getByLabel('Networks').fill('127.0.0.0/8\n::1');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('The key is changed')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('engine 2');
  expect(await use(key)).toBe('200');
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('definition').filter({ hasText: /from (127\.0\.0\.1|::1)$/ })).toBeVisible({
      timeout: 1000,
    });
  }).toPass();
  await expect(page.getByRole('link', { name: 'Move to a trust rule' })).toBeVisible();
});

test('a workspace forbids its keys after a dialog that names what stops, and allows them again', async ({
  page,
}) => {
  const { key } = await newApiKey(owner.slug, 'engine');
  expect(await use(key)).toBe('200');
  await page.goto(pathOf());
  const forbid = page.getByRole('button', { name: 'Forbid API keys' });
  const dialog = page.getByRole('dialog');
  await forbid.click();
  await expect(dialog).toContainText('The one live key is refused with 403 forbidden');
  await expect(dialog).toContainText('This workspace has no trust rule');
  await expect(dialog.getByText(/^engine, last used/)).toBeVisible();
  await assertAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await use(key)).toBe('200');
  const row = page.getByRole('row').filter({ hasText: 'engine' });
  await expect(row).toContainText('Active');
  await forbid.click();
  await dialog.getByRole('button', { name: 'Forbid API keys' }).click();
  await expect(page.getByText('API keys are forbidden', { exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Create API key' })).toHaveCount(0);
  await expect(row).toContainText('Not allowed');
  await expect(row).not.toContainText('Active');
  expect(await use(key)).toBe('403 This workspace does not allow API keys. Use a trust rule.');
  await page.goto(pathOf('/new'));
  await expect(page.getByText('API keys are not allowed in this workspace')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveCount(0);

  await page.goto(pathOf());
  await page.getByRole('button', { name: 'Allow API keys again' }).click();
  await expect(page.getByText('API keys are allowed again')).toBeVisible();
  expect(await use(key)).toBe('200');
});

/** Pastes a command into a new shell, and then answers its question, as a person would. */
function paste(command: string, answer: string, cwd: string): Promise<{ code: number; output: string }> {
  const env = {
    NODE_ENV: 'production' as const,
    PATH: process.env.PATH ?? '',
    HOME: cwd,
    GIT_TERMINAL_PROMPT: '0',
    npm_config_update_notifier: 'false',
  };
  return new Promise((resolve) => {
    const shell = execFile('bash', [], { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
    shell.stdin?.end(`${command}\n${answer}\n`);
  });
}

test('a new key leads to a clone by one paste from its page', { tag: '@narrow' }, async ({ page }) => {
  await clearInstallations();
  await page.goto(`/w/${owner.slug}/settings/github`);
  await installOnAcme(page);
  await expect(page.getByText('GitHub is connected')).toBeVisible();
  await page.goto(pathOf('/new'));
  await page.getByLabel('Name').fill('engine');
  await page.getByLabel('acme/web').check();
  await page.getByRole('button', { name: 'Create API key' }).click();
  const codeOf = async (region: string) =>
    (await page.getByRole('region', { name: region }).getByRole('code').first().textContent()) ?? '';
  const key = await codeOf('API key');
  const command = await codeOf('Clone a repository');
  const directory = await mkdtemp(path.join(tmpdir(), 'new-key-'));
  try {
    const { code, output } = await paste(command, key, directory);
    expect([code, output]).toEqual([0, expect.stringMatching(/Cloning into '.*\/web'/)]);
    expect(output).not.toMatch(/ghs_|psk_/);
    const head = await readFile(path.join(directory, 'web/.git/refs/heads/main'), 'utf8');
    expect(head.trim()).toBe(await github().headOf('acme/web'));
    expect(await readFile(path.join(directory, 'web/.git/config'), 'utf8')).not.toMatch(/ghs_|psk_|helper/);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  // The command has handed its token back.
  await page.goto(`/w/${owner.slug}/audit-log?type=github.token_revoked`);
  await expect(page.getByText('Token revoked').filter({ visible: true }).first()).toBeVisible();
  await page.goto(pathOf());
  await page.getByRole('link', { name: 'engine', exact: true }).click();
  await expect(page.getByText(/ago from 127\.0\.0\.1|now from 127\.0\.0\.1/)).toBeVisible();
});
