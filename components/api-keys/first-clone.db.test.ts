import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startMachine } from '../../client/src/cli/test-machine.js';
import { firstClone } from './first-clone';

const machine = await startMachine(['acme/api']);
const { github } = machine.world;
const command = firstClone(`${machine.origin}/api/v1/internal/github/token`);

let count = 0;

/** Pastes the command into a shell, and then the key when it is asked for. */
async function paste(shell: string, key: string) {
  count += 1;
  const cwd = machine.folder(`first-clone-${count}`);
  await mkdir(cwd);
  // Nothing of ours is in the environment: a newcomer has not set anything.
  const env = { PULSESTREAM_URL: '', PULSESTREAM_API_KEY: '', HISTFILE: path.join(cwd, '.history') };
  const run = await machine.run(shell, [], { cwd, env, input: `${command}\n${key}\necho "after: $?"\n` });
  expect(run.stdout + run.stderr).not.toMatch(/ghs_|psk_/);
  expect(await machine.livingTokens()).toEqual([]);
  return { ...run, cwd, files: await readdir(cwd) };
}

const SHELLS = ['bash', 'zsh'].map((shell) => ({
  shell,
  missing: spawnSync(shell, ['-c', ':']).status !== 0,
}));

describe('the command on the page of a new key', () => {
  for (const { shell, missing } of SHELLS)
    it.skipIf(missing)(`clones in ${shell} after one paste and the key, and revokes its token`, async () => {
      github.requests.clear();
      const { stdout, cwd } = await paste(shell, machine.apiKey);
      expect(stdout).toBe('Paste the API key and press Enter: \nafter: 0\n');
      const head = await machine.git(['-C', path.join(cwd, 'api'), 'rev-parse', 'HEAD']);
      expect(head.stdout.trim()).toBe(await github.headOf('acme/api'));
      expect(await readFile(path.join(cwd, 'api/.git/config'), 'utf8')).not.toMatch(/ghs_|psk_|helper/);
      expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
    });

  it('revokes its token if git fails', async () => {
    github.requests.clear();
    github.knobs.failNext('GET /{owner}/{repo}/info/refs', { kind: 'status', status: 500 }, 100);
    const { stdout } = await paste('bash', machine.apiKey);
    github.knobs.reset();
    expect(stdout).toMatch(/after: [1-9]\d*\n$/);
    expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
  });

  it('ends with the reason, and without a clone, if the key is wrong', async () => {
    const { stdout, stderr, files } = await paste('bash', `psk_${'x'.repeat(40)}`);
    expect(stdout).toMatch(/after: 22\n$/);
    expect(stderr).toContain('401');
    expect(files).not.toContain('api');
  });

  it('does not hold the key or any other secret itself', () => {
    expect(command).not.toMatch(/psk_|ghs_/);
  });
});
