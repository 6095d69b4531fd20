/** Covers trust rules: created, used by one paste, tested, edited and revoked. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { RUNNER_TOKEN } from '../local/services/workload-issuer';
import { clearInstallations, installOnAcme } from './acme-installation';
import { confirmBy } from './dialogs';
import { appUrl, expect, github, identityToken, issuerUrl, test } from './fixtures';
import { addApiKey, asDatabaseOwner, workspaceId } from './installations';
import { newOwner, type Person, signInAs } from './people';

const SUBJECT = 'repo:acme/deploy:ref:refs/heads/main';

let owner: Person;
test.beforeEach(async ({ context }) => {
  await clearInstallations();
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

const rulesPath = () => `/w/${owner.slug}/settings/trust-rules`;

async function connectAcme(page: Page): Promise<void> {
  await page.goto(`/w/${owner.slug}/settings/github`);
  await installOnAcme(page);
  await expect(page.getByText('GitHub is connected')).toBeVisible();
}

/** Fills in the form for workflows of acme/deploy on the branch main. */
async function fillIn(page: Page, name: string): Promise<void> {
  await page.goto(`${rulesPath()}/new?preset=github-actions`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Repository of the workflow').fill('acme/deploy');
  await page.getByLabel('Branch, tag or environment').fill('main');
}

const demands = (page: Page) => page.getByRole('region', { name: 'This rule trusts' });

/** Runs the script of a workflow's only step as a runner does, and returns what it printed. */
async function runStep(workflow: string, directory: string): Promise<{ code: number; output: string }> {
  const [, step = ''] = workflow.split('- run: |\n');
  const script = step.replace(/^ {10}/gm, '');
  const env = {
    NODE_ENV: 'production' as const,
    PATH: process.env.PATH ?? '',
    HOME: directory,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${issuerUrl()}/actions/acme/deploy?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: RUNNER_TOKEN,
    GIT_TERMINAL_PROMPT: '0',
  };
  return new Promise((resolve) => {
    execFile('bash', ['-e', '-c', script], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

test('a rule lets a workflow clone by one paste from its page, until it is revoked', {
  tag: '@narrow',
}, async ({ page }) => {
  await connectAcme(page);
  await page.goto(rulesPath());
  await page.getByRole('link', { name: 'Create trust rule' }).click();
  await page.getByRole('link', { name: 'GitHub Actions' }).click();
  await expect(page).toHaveURL(/preset=github-actions/);
  await fillIn(page, 'nightly');
  await expect(demands(page)).toContainText('Workflows of acme/deploy on branch main');
  await expect(demands(page)).toContainText(SUBJECT);
  await page.getByLabel('acme/api').check();
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  await expect(page.getByText('The trust rule is created')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('nightly');
  await expect(page.getByText('Never', { exact: true }).first()).toBeVisible();

  const code = page.getByRole('region', { name: 'GitHub Actions workflow' }).getByRole('code');
  const workflow = (await code.textContent()) ?? '';
  const directory = await mkdtemp(path.join(tmpdir(), 'trust-rule-'));
  try {
    const run = await runStep(workflow, directory);
    expect(run).toEqual({ code: 0, output: expect.stringContaining("Cloning into 'api'") });
    const head = await readFile(path.join(directory, 'api/.git/refs/heads/main'), 'utf8');
    expect(head.trim()).toBe(await github().headOf('acme/api'));
    expect(await readFile(path.join(directory, 'api/.git/config'), 'utf8')).not.toContain('ghs_');

    await page.reload();
    await expect(page.getByText(/ago from 127\.0\.0\.1|now from 127\.0\.0\.1/)).toBeVisible();
    await page.goto(`/w/${owner.slug}/audit-log?type=github.token_minted&q=${encodeURIComponent(SUBJECT)}`);
    await expect(page.locator('tbody').getByText(`${SUBJECT} (workload)`).first()).toBeVisible();

    await page.goto(rulesPath());
    await page.getByRole('link', { name: 'Manage nightly' }).click();
    await confirmBy(page, 'Revoke rule');
    await expect(page.getByText('The trust rule is revoked')).toBeVisible();
    await expect(page.getByRole('table').getByText('Revoked', { exact: true })).toBeVisible();
    await rm(path.join(directory, 'api'), { recursive: true });
    const refused = await runStep(workflow, directory);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain('401');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('a rule in place of an API key starts with its name and repositories, and leads back to it', async ({
  page,
}) => {
  const key = await asDatabaseOwner(async (db) => addApiKey(db, await workspaceId(db, owner.slug), 'engine'));
  await page.goto(`${rulesPath()}/new?preset=kubernetes&from=${key}`);
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('engine');
  // The key may read everything, so the rule that replaces it may too, unless the admin narrows it.
  await expect(page.getByLabel('All repositories, including future ones')).toBeChecked();
  await page.getByLabel('Namespace').fill('analysis');
  await page.getByLabel('Service account', { exact: true }).fill('engine');
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  await expect(page.getByText('The trust rule is created')).toBeVisible();
  await expect(page.getByText('Service account engine in namespace analysis')).toBeVisible();
  await page.getByRole('link', { name: 'Go to the API key' }).click();
  await expect(page).toHaveURL(`/w/${owner.slug}/settings/api-keys/${key}`);
});

test('the form keeps what was typed, and says which part of it is wrong', async ({ page }) => {
  await fillIn(page, 'nightly');
  await page.getByLabel('Further claims').fill('environment=production\nnonsense');
  await page.getByLabel('All repositories, including future ones').check();
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  await expect(page.getByText('“nonsense” is not of the form name=value.')).toBeVisible();
  await expect(page.getByLabel('Further claims')).toHaveValue('environment=production\nnonsense');
  await page.getByLabel('Further claims').fill('environment=production');
  await page.getByLabel('Repository of the workflow').fill('*/deploy');
  await expect(demands(page)).toContainText('repo:*/deploy:ref:refs/heads/main');
  // The page finds the fault by itself. Wait for the server too, because its answer replaces what was typed meanwhile.
  const create = page.getByRole('button', { name: 'Create trust rule' });
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    create.click(),
  ]);
  await expect(create).not.toHaveAttribute('aria-disabled');
  await expect(demands(page).getByRole('alert')).toContainText('must name its first parts without');
  await expect(page.getByLabel('Repository of the workflow')).toHaveValue('*/deploy');
  await page.getByLabel('Repository of the workflow').fill('acme/deploy');
  await page.getByLabel('On a tag').check();
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  await expect(page.getByText('Workflows of acme/deploy on tag main')).toBeVisible();
});

test('an admin edits a rule’s name, claims, repositories and expiry', async ({ page }) => {
  await connectAcme(page);
  await fillIn(page, 'nightly');
  await page.getByLabel('All repositories, including future ones').check();
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  await expect(page.getByText('The trust rule is created')).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('weekly');
  await page.getByLabel('Further claims').fill('environment = production');
  await page.getByLabel('Selected repositories').check();
  await page.getByLabel('acme/web').check();
  await page.getByLabel('Never').check();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('The trust rule is changed')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('weekly');
  const trusts = page.getByRole('region', { name: 'What it trusts' });
  await expect(trusts).toContainText('environment');
  await expect(trusts).toContainText('production');
  await expect(page.getByText('acme/web', { exact: true }).first()).toBeVisible();
  await expect(page.getByLabel('As now: never')).toBeChecked();
});

test('a test of a token marks what matches and what fails, and keeps the token nowhere', async ({ page }) => {
  await fillIn(page, 'nightly');
  await page.getByLabel('Further claims').fill('environment=production');
  await page.getByLabel('All repositories, including future ones').check();
  await page.getByRole('button', { name: 'Create trust rule' }).click();
  await page.getByRole('link', { name: 'Test a token' }).click();
  const result = page.getByRole('region', { name: 'Result' });
  // Read the answers on their way, because the browser keeps the body of a response to a script for a moment only.
  const answers: string[] = [];
  await page.route('**/trust-rules/test', async (route) => {
    const response = await route.fetch();
    answers.push(await response.text());
    await route.fulfill({ response });
  });
  const ask = async (token: string) => {
    await page.getByLabel('Identity token').fill(token);
    answers.length = 0;
    await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.getByRole('button', { name: 'Test the token' }).click(),
    ]);
    await expect(result).toBeVisible();
    await expect(page.getByLabel('Identity token')).toHaveValue('');
    expect(answers).not.toEqual([]);
    for (const text of [...answers, await page.content(), page.url()])
      expect(text.includes(token)).toBe(false);
  };
  await ask(await identityToken({ sub: SUBJECT, environment: 'staging' }));
  await expect(result).toContainText('No trust rule matches');
  const parts = result.getByRole('list', { name: 'Parts' }).getByRole('listitem');
  await expect(parts).toHaveText([/^Subject matches/, /^environment does not match.*production.*staging/]);
  await ask(await identityToken({ sub: SUBJECT, environment: 'production' }));
  await expect(result).toContainText('nightly');
  await expect(result).toContainText('This token is accepted');
  await ask(await identityToken({ sub: SUBJECT, aud: `${appUrl()}.example` }));
  await expect(result).toContainText('audience');
  await ask('not a token');
  await expect(result).toContainText('no signed JWT');
});
