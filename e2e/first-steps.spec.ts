/** Leads a new workspace from the connection to a clone, and counts the actions. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { clearInstallations } from './acme-installation';
import { expect, github, test } from './fixtures';
import { assertAccessible } from './inspection';
import { newMember, newOwner, type Person, signInAs } from './people';

let owner: Person;
test.beforeEach(async ({ context }) => {
  await clearInstallations();
  owner = await newOwner('Acme');
  await signInAs(context, owner);
});

/** Runs a command that asks one question, in a shell of its own. */
function runInShell(command: string, answer: string, cwd: string): Promise<{ code: number; output: string }> {
  const env = {
    NODE_ENV: 'production' as const,
    PATH: process.env.PATH ?? '',
    HOME: cwd,
    GIT_TERMINAL_PROMPT: '0',
    // npm asks no registry about its own version.
    npm_config_update_notifier: 'false',
  };
  return new Promise((resolve) => {
    const shell = execFile('bash', [], { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
    shell.stdin?.end(`${command}\n${answer}\n`);
  });
}

const stepsOf = (page: Page) => page.getByRole('list', { name: 'First steps' });
const stepOf = (page: Page, name: string) =>
  stepsOf(page)
    .getByRole('listitem')
    .filter({ hasText: new RegExp(`^${name}`) });

const codeOf = async (page: Page, region: string, index = 0) =>
  (await page.getByRole('region', { name: region }).getByRole('code').nth(index).textContent()) ?? '';

/** Runs the command in an empty folder, and checks that it clones. */
async function expectToClone(command: string, key: string): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'first-steps-'));
  try {
    const { code, output } = await runInShell(command, key, directory);
    const [, folder = ''] = /Cloning into '(.+)'/.exec(output) ?? [];
    const name = path.basename(folder);
    expect([code, output]).toEqual([0, expect.stringContaining('Cloning into')]);
    const head = await readFile(path.join(directory, name, '.git/refs/heads/main'), 'utf8');
    expect(head.trim()).toBe(await github().headOf(`acme/${name}`));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Connects `acme`, and leads to the page with the steps. */
async function connect(page: Page, act: <T>(action: Promise<T>) => Promise<T> = (action) => action) {
  await page.goto(`/w/${owner.slug}/settings/github`);
  await act(page.getByRole('button', { name: 'Connect GitHub' }).click());
  // GitHub has to know who this is, and for which of their accounts. It asks nobody who is signed in with one account.
  await page.getByRole('button', { name: 'Sign in as olivia' }).click();
  await page.getByRole('link', { name: 'acme' }).click();
  await act(page.getByRole('button', { name: 'Install' }).click());
  await act(page.getByRole('button', { name: /^Authorize/ }).click());
  await expect(stepOf(page, 'Connect GitHub')).toContainText('done');
}

test('at most six actions lead from the first visit to a clone of one’s own repository', {
  tag: '@narrow',
}, async ({ page }) => {
  let actions = 0;
  const act = async <T>(action: Promise<T>): Promise<T> => {
    actions += 1;
    return action;
  };
  await connect(page, act);
  await expect(stepOf(page, 'Get the first token')).toContainText('next');
  // The list of repositories arrives with the first sync.
  const create = page.getByRole('button', { name: 'Create key and command' });
  await expect(create).toBeVisible();
  await assertAccessible(page);
  await act(create.click());

  const command = await act(codeOf(page, 'Clone a repository'));
  const key = await act(codeOf(page, 'API key'));
  expect(actions).toBeLessThanOrEqual(6);
  await expect(stepOf(page, 'Get the first token')).toContainText('waiting');
  await assertAccessible(page);

  await expectToClone(command, key);
  // The page notices by itself, and keeps the key until the reader has copied it.
  await expect(stepOf(page, 'Get the first token')).toContainText('to first clone');
  await expect(page.getByRole('region', { name: 'API key' })).toBeVisible();
  await page.getByRole('link', { name: 'I have copied it' }).click();
  await expect(page.getByRole('region', { name: 'API key' })).toHaveCount(0);
  await expect(stepOf(page, 'Get the first token')).toContainText('done');
  await expect(stepOf(page, 'Invite your team')).toContainText('not yet');
  await newMember(owner.slug, 'member');
  await page.reload();
  await expect(stepOf(page, 'Invite your team')).toContainText('done');
});

test('a reload, another tab and another admin still find the command, and a way to another key', async ({
  page,
  context,
}) => {
  await connect(page);
  await page.getByRole('button', { name: 'Create key and command' }).click();
  const key = await codeOf(page, 'API key');
  await page.reload();
  await expect(stepOf(page, 'Get the first token')).toContainText('waiting');
  await expect(page.getByText(key)).toHaveCount(0);
  await assertAccessible(page);

  const other = await context.newPage();
  await other.goto(`/w/${owner.slug}/settings/github`);
  await signInAs(context, await newMember(owner.slug, 'admin'));
  const colleague = await context.newPage();
  await colleague.goto(`/w/${owner.slug}/settings/github`);
  for (const tab of [page, other, colleague]) {
    await expect(
      tab.getByRole('region', { name: 'Clone a repository' }).getByRole('code').first(),
    ).toContainText('npx');
    await expect(
      stepOf(tab, 'Get the first token').getByRole('link', { name: 'first clone' }),
    ).toHaveAttribute('href', /\/settings\/api-keys\/[\da-f-]{36}$/);
  }

  // A lost key is replaced by another one. The command without Node works too.
  await colleague.getByText('Create another key').click();
  await colleague.getByRole('button', { name: 'Create key and command' }).click();
  const second = await codeOf(colleague, 'API key');
  expect(second).not.toBe(key);
  await colleague.getByText('Without Node').click();
  await expectToClone(await codeOf(colleague, 'Clone a repository', 1), second);
  for (const tab of [page, other, colleague])
    await expect(stepOf(tab, 'Get the first token')).toContainText('to first clone');
});

test('each admin hides the steps for oneself, and gets them back', async ({ page, context }) => {
  await connect(page);
  await page.getByRole('button', { name: 'Hide these steps' }).click();
  await expect(stepsOf(page)).toHaveCount(0);
  await page.reload();
  await expect(page.getByText('The first steps are hidden.')).toBeVisible();
  await expect(stepsOf(page)).toHaveCount(0);
  await assertAccessible(page);

  await signInAs(context, await newMember(owner.slug, 'admin'));
  await page.reload();
  await expect(stepsOf(page)).toBeVisible();

  await signInAs(context, owner);
  await page.reload();
  await page.getByRole('button', { name: 'Show them' }).click();
  await expect(stepsOf(page)).toBeVisible();
});

test('a member sees no steps, because only admins can take them', async ({ page, context }) => {
  await connect(page);
  await expect(stepsOf(page)).toBeVisible();
  await signInAs(context, await newMember(owner.slug, 'member'));
  await page.goto(`/w/${owner.slug}/settings/github`);
  await expect(page.getByRole('heading', { name: 'Repositories' })).toBeVisible();
  await expect(stepsOf(page)).toHaveCount(0);
  await expect(page.getByText('The first steps are hidden.')).toHaveCount(0);
});
