import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCommand, UsageError } from './command';
import { createControlClient } from './control-client';
import { loadState } from './state/saved';

const BIN = path.resolve(import.meta.dirname, '../bin/offline-github.mjs');

const running = new Set<ChildProcess>();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'offline-github-command-'));
});

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  await rm(folder, { recursive: true, force: true });
});

async function start(...args: string[]) {
  const child = spawn(process.execPath, [BIN, ...args]);
  running.add(child);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      output[stream] += chunk;
    });
  const ended = once(child, 'close').then(([code]) => Number(code));
  const variable = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(output.stdout)?.[1] ?? '';
  const end = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { output, ended, variable, end };
}

async function startListening(...args: string[]) {
  const started = await start(...args);
  await expect.poll(() => started.output.stderr).toContain('Ctrl-C');
  return started;
}

describe('the command', () => {
  it('prints the environment variables of an App, and serves GitHub at the printed URL', async () => {
    const { variable, end } = await startListening('--webhook-url', 'http://localhost:9/hooks');
    expect(variable('GITHUB_APP_ID')).toBe('424242');
    expect(JSON.parse(variable('GITHUB_APP_PRIVATE_KEY'))).toContain('BEGIN RSA PRIVATE KEY');
    const app = await createControlClient(variable('GITHUB_WEB_URL')).app();
    expect(app.webhookSecret).toBe(variable('GITHUB_WEBHOOK_SECRET'));
    expect(app.webhookUrl).toBe('http://localhost:9/hooks');
    expect(await end()).toBe(0);
  });

  it('prints no secret with --json, and writes the secrets to a file that only its owner can read', async () => {
    const file = path.join(folder, 'app.json');
    const { output, end } = await start('--json', '--write-app', file);
    await expect.poll(() => output.stdout).toContain('\n');
    const { privateKey, clientSecret, webhookSecret } = JSON.parse(await readFile(file, 'utf8'));
    for (const secret of [privateKey, clientSecret, webhookSecret])
      expect(output.stdout).not.toContain(String(secret));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await end();
  });

  it('keeps App, installations and commits with --state, in a file that only its owner can read', async () => {
    const first = await startListening('--state', folder);
    const before = createControlClient(first.variable('GITHUB_WEB_URL'));
    const { id } = await before.actions.install({ account: 'acme', repositories: ['acme/api'] });
    await before.actions.renameRepository({ repository: 'acme/api', name: 'core' });
    const head = await before.headOf('acme/core');
    expect(await first.end()).toBe(0);
    expect((await stat(path.join(folder, 'state.json'))).mode & 0o777).toBe(0o600);

    const second = await startListening('--state', folder);
    const after = createControlClient(second.variable('GITHUB_WEB_URL'));
    expect(second.variable('GITHUB_APP_PRIVATE_KEY')).toBe(first.variable('GITHUB_APP_PRIVATE_KEY'));
    expect((await after.state()).installations).toMatchObject([{ id, repositories: ['acme/core'] }]);
    expect(await after.headOf('acme/core')).toBe(head);
    // Ids continue after a restart, so no installation gets an old id.
    expect((await after.actions.install({ account: 'globex' })).id).toBeGreaterThan(id);
    await second.end();
  });

  it('keeps the App of the first start with --state, also when it is killed', async () => {
    const first = await startListening('--state', folder);
    for (const child of running) child.kill('SIGKILL');
    await first.ended;
    const second = await startListening('--state', folder);
    expect(second.variable('GITHUB_APP_PRIVATE_KEY')).toBe(first.variable('GITHUB_APP_PRIVATE_KEY'));
    await second.end();
  });

  it('writes each secret of the App to a file with --secrets, which only its owner can read', async () => {
    const secrets = path.join(folder, 'secrets');
    const started = await startListening('--client-id', 'Iv23liMine', '--secrets', secrets);
    expect(started.variable('GITHUB_APP_CLIENT_ID')).toBe('Iv23liMine');
    const app = await createControlClient(started.variable('GITHUB_WEB_URL')).app();
    const files = { CLIENT_SECRET: app.clientSecret, PRIVATE_KEY: app.privateKey };
    for (const [name, value] of Object.entries(files))
      expect(await readFile(path.join(secrets, `GITHUB_APP_${name}`), 'utf8')).toBe(value);
    const file = path.join(secrets, 'GITHUB_WEBHOOK_SECRET');
    expect(await readFile(file, 'utf8')).toBe(app.webhookSecret);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(secrets)).length).toBe(3);
    await started.end();
  });

  it('rejects an unknown flag with its usage and exit code 2', async () => {
    const { output, ended } = await start('--prot', '4000');
    expect(await ended).toBe(2);
    expect(output.stderr).toContain("Unknown option '--prot'");
    expect(output.stderr).toContain('--port N');
  });
});

it.each([
  ['a port that is out of range', ['--port', '70000']],
  ['a port that is not a number', ['--port', 'http']],
  ['a webhook URL with another scheme', ['--webhook-url', 'file:///etc/passwd']],
  ['a positional argument', ['4000']],
])('rejects %s', (_, args) => {
  expect(() => parseCommand(args)).toThrow(UsageError);
});

it('rejects saved state from another version', async () => {
  await writeFile(path.join(folder, 'state.json'), '{"version":0}');
  await expect(loadState(folder)).rejects.toThrow('has version 0; this is version 1');
});
