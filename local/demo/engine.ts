/**
 * Acts as a backend service: mints a token with its API key, clones with real git, and checks what GitHub must refuse.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { MintResponse } from '../../lib/contract/mint';
import { git } from '../clients/git';
import { expect } from './steps';

const run = promisify(execFile);

/** Creates an API key with the operator's CLI, in a separate process. */
export async function createApiKey(env: Record<string, string>, workspace: string): Promise<string> {
  const cli = [
    '--import',
    'tsx',
    'cli/admin.ts',
    'api-key:create',
    '--workspace',
    workspace,
    '--name',
    'engine',
  ];
  const { stdout } = await run(process.execPath, cli, { env: { ...process.env, ...env } });
  const { key } = JSON.parse(stdout) as { key: string };
  return key;
}

export async function mint(appUrl: string, apiKey: string, repositories: string[]): Promise<MintResponse> {
  const response = await fetch(`${appUrl}/api/v1/internal/github/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ repositories, verify: true }),
  });
  expect(response.status === 201, `the mint answered ${response.status}`);
  return (await response.json()) as MintResponse;
}

export interface Clone {
  directory: string;
  head: string;
  files: string[];
  remove(): Promise<void>;
}

export async function clone(cloneUrl: string, token: string): Promise<Clone> {
  const parent = await mkdtemp(path.join(tmpdir(), 'pulsestream-demo-'));
  const directory = path.join(parent, 'clone');
  const cloned = await git(['clone', '--quiet', cloneUrl, directory], token, parent);
  expect(cloned.ok, `git clone: ${cloned.output}`);
  const head = (await git(['rev-parse', 'HEAD'], token, directory)).output;
  const files = (await readdir(directory)).filter((name) => name !== '.git').sort();
  return { directory, head, files, remove: () => rm(parent, { recursive: true, force: true }) };
}

/**
 * Tries to push with the read-only token, which GitHub must refuse.
 *
 * @returns git's error message
 */
export async function pushIsRefused(directory: string, token: string): Promise<string> {
  const author = ['-c', 'user.name=engine', '-c', 'user.email=engine@acme.test'];
  await git([...author, 'commit', '--quiet', '--allow-empty', '-m', 'must not arrive'], token, directory);
  const pushed = await git(['push', '--quiet', 'origin', 'HEAD'], token, directory);
  expect(!pushed.ok, 'GitHub accepted a push with a read-only token');
  return firstRemark(pushed.output);
}

/**
 * Tries to clone a repository that was not chosen, which GitHub must refuse.
 *
 * @returns git's error message
 */
export async function cloneIsRefused(cloneUrl: string, token: string): Promise<string> {
  const parent = await mkdtemp(path.join(tmpdir(), 'pulsestream-demo-'));
  try {
    const cloned = await git(['clone', '--quiet', cloneUrl, path.join(parent, 'clone')], token, parent);
    expect(!cloned.ok, 'GitHub let a repository be cloned that was not chosen');
    return firstRemark(cloned.output);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

function firstRemark(output: string): string {
  return (output.split('\n').find((line) => /remote:|fatal:/.test(line)) ?? output).trim();
}
