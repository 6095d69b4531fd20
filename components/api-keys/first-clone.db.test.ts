import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startMachine } from '../../client/src/cli/test-machine.js';
import { firstClone } from './first-clone';

const machine = await startMachine(['acme/api']);
const { origin, world } = machine;
const { github } = world;
const api = { full_name: 'acme/api', clone_url: `${github.webUrl}/acme/api.git` };
const commands = firstClone(origin, api);
if (commands === null) throw new Error('the name of the test repository was refused');
const { withNode, withoutNode } = commands;

let count = 0;

/** Pastes a command into a shell, and then the key when it is asked for. */
async function paste(shell: string, command: string, key: string) {
  count += 1;
  const cwd = machine.folder(`first-clone-${count}`);
  await mkdir(cwd);
  // Nothing of ours is in the environment: a newcomer has not set anything. npm asks no registry about its own version.
  const env = {
    PULSESTREAM_URL: '',
    PULSESTREAM_API_KEY: '',
    HISTFILE: path.join(cwd, '.history'),
    npm_config_update_notifier: 'false',
  };
  const run = await machine.run(shell, [], { cwd, env, input: `${command}\n${key}\necho "after: $?"\n` });
  expect(run.stdout + run.stderr).not.toMatch(/(?:ghs|psk)_\w/);
  expect(await machine.livingTokens()).toEqual([]);
  return { ...run, cwd, files: await readdir(cwd) };
}

const SHELLS = ['bash', 'zsh'].map((shell) => ({
  shell,
  missing: spawnSync(shell, ['-c', ':']).status !== 0,
}));

describe.each([
  ['with Node', withNode, { refused: 77, because: 'unauthenticated' }],
  ['without Node', withoutNode, { refused: 22, because: '401' }],
])('the command on the page of a new key, %s,', (_, command, { refused, because }) => {
  for (const { shell, missing } of SHELLS)
    it.skipIf(missing)(`clones in ${shell} after one paste and the key, and revokes its token`, async () => {
      github.requests.clear();
      const { stdout, stderr, cwd } = await paste(shell, command, machine.apiKey);
      expect([stdout, stderr]).toEqual([
        'Paste the API key and press Enter: \nafter: 0\n',
        expect.stringContaining('Cloning into'),
      ]);
      const head = await machine.git(['-C', path.join(cwd, 'api'), 'rev-parse', 'HEAD']);
      expect(head.stdout.trim()).toBe(await github.headOf('acme/api'));
      expect(await readFile(path.join(cwd, 'api/.git/config'), 'utf8')).not.toMatch(/ghs_|psk_|helper/);
      expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
    });

  it('revokes its token if git fails after it was sent', async () => {
    github.requests.clear();
    github.knobs.failNext('POST /{owner}/{repo}/git-upload-pack', { kind: 'status', status: 500 }, 100);
    const { stdout } = await paste('bash', command, machine.apiKey);
    github.knobs.reset();
    expect(stdout).toMatch(/after: [1-9]\d*\n$/);
    expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
  });

  it('ends with the reason, and without a clone, if the key is wrong', async () => {
    const { stdout, stderr, files } = await paste('bash', command, `psk_${'x'.repeat(40)}`);
    expect([stdout.match(/after: \d+\n$/)?.[0], stderr]).toEqual([
      `after: ${refused}\n`,
      expect.stringContaining(because),
    ]);
    expect(files).not.toContain('api');
  });

  it('does not hold the key or any other secret itself', () => {
    expect(command).not.toMatch(/psk_|ghs_/);
  });
});

it('is four lines at most with Node', () => {
  expect(withNode.split('\n').length).toBeLessThan(5);
});

it.each([
  ['a name that ends the command', { ...api, full_name: 'acme/api;id' }],
  ['a name with a substitution', { ...api, full_name: 'acme/$(id)' }],
  ['a name that is an option', { ...api, full_name: '-x/api' }],
  ['a name with a line break', { ...api, full_name: 'acme/api\nid' }],
  ['a URL that ends the command', { ...api, clone_url: "https://github.com/acme/api.git';id" }],
  ['a URL of another protocol', { ...api, clone_url: 'ext::sh -c id' }],
])('is not made for %s', (_, repository) => {
  expect(firstClone(origin, repository)).toBeNull();
});
