/** Leads a new workspace from the connection to a clone, and counts the actions. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
  };
  return new Promise((resolve) => {
    const shell = execFile('bash', [], { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
    shell.stdin?.end(`${command}\n${answer}\n`);
  });
}

test('at most six actions lead from the first visit to a clone of one’s own repository', {
  tag: '@narrow',
}, async ({ page }) => {
  let actions = 0;
  const act = async <T>(action: Promise<T>): Promise<T> => {
    actions += 1;
    return action;
  };
  const steps = page.getByRole('list', { name: 'First steps' });
  const step = (name: string) => steps.getByRole('listitem').filter({ hasText: new RegExp(`^${name}`) });

  await page.goto(`/w/${owner.slug}/settings/github`);
  await act(page.getByRole('button', { name: 'Connect GitHub' }).click());
  // GitHub has to know who this is, and for which of their accounts. It asks nobody who is signed in with one account.
  await page.getByRole('button', { name: 'Sign in as olivia' }).click();
  await page.getByRole('link', { name: 'acme' }).click();
  await act(page.getByRole('button', { name: 'Install' }).click());
  await act(page.getByRole('button', { name: /^Authorize/ }).click());
  await expect(step('Connect GitHub')).toContainText('done');
  await expect(step('Give a service access')).toContainText('next');
  // The list of repositories arrives with the first sync.
  const create = page.getByRole('button', { name: 'Create key and command' });
  await expect(create).toBeVisible();
  await assertAccessible(page);
  await act(create.click());

  const codeOf = async (region: string) =>
    (await page.getByRole('region', { name: region }).getByRole('code').textContent()) ?? '';
  const command = await act(codeOf('Try it: clone a repository'));
  const key = await act(codeOf('API key'));
  expect(actions).toBeLessThanOrEqual(6);
  await expect(step('Give a service access')).toContainText('done');
  await assertAccessible(page);

  const directory = await mkdtemp(path.join(tmpdir(), 'first-steps-'));
  try {
    const { code, output } = await runInShell(command, key, directory);
    const [, name = ''] = /Cloning into '(.+)'/.exec(output) ?? [];
    expect([code, output]).toEqual([0, expect.stringContaining('Cloning into')]);
    const head = await readFile(path.join(directory, name, '.git/refs/heads/main'), 'utf8');
    expect(head.trim()).toBe(await github().headOf(`acme/${name}`));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  // The page notices by itself, and keeps the key until the reader has copied it.
  await expect(step('Get the first token')).toContainText('to first clone');
  await expect(step('Clone a repository')).toContainText('handed its token back');
  await expect(page.getByRole('region', { name: 'API key' })).toBeVisible();
  await page.getByRole('link', { name: 'I have copied it' }).click();
  await expect(page.getByRole('region', { name: 'API key' })).toHaveCount(0);
  await expect(step('Invite your team')).toContainText('not yet');
  await newMember(owner.slug, 'member');
  await page.reload();
  await expect(step('Invite your team')).toContainText('done');
});

test('a member sees no steps, because only admins can take them', async ({ page, context }) => {
  await page.goto(`/w/${owner.slug}/settings/github`);
  await page.getByRole('button', { name: 'Connect GitHub' }).click();
  await page.getByRole('button', { name: 'Sign in as olivia' }).click();
  await page.getByRole('link', { name: 'acme' }).click();
  await page.getByRole('button', { name: 'Install' }).click();
  await page.getByRole('button', { name: /^Authorize/ }).click();
  const steps = page.getByRole('list', { name: 'First steps' });
  await expect(steps).toBeVisible();
  await signInAs(context, await newMember(owner.slug, 'member'));
  await page.goto(`/w/${owner.slug}/settings/github`);
  await expect(page.getByRole('heading', { name: 'Repositories' })).toBeVisible();
  await expect(steps).toHaveCount(0);
});
