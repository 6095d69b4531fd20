/** Runs the programs of the API reference as they stand, where their language is installed. */
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startMachine } from '../../../client/src/cli/test-machine.js';
import { languageSamples } from './languages';

const machine = await startMachine();
const { github } = machine.world;

const LANGUAGES = {
  Python: { probe: ['python3', '--version'], file: 'clone.py', command: ['python3', 'clone.py'] },
  Go: { probe: ['go', 'version'], file: 'clone.go', command: ['go', 'run', 'clone.go'] },
} as const;

describe.each(['Python', 'Go'] as const)('the program in %s', (title) => {
  const { probe, file, command } = LANGUAGES[title];
  const isInstalled = spawnSync(probe[0], [probe[1]]).status === 0;

  /** Writes the program, with this machine's file for the key. Nothing else is changed. */
  async function write(name: string, repository: string) {
    const folder = machine.folder(name);
    await mkdir(folder);
    await writeFile(path.join(folder, 'key'), `${machine.apiKey}\n`, { mode: 0o600 });
    const place = { origin: machine.origin, githubWebUrl: github.webUrl, repository };
    const code = languageSamples(place).find((sample) => sample.title === title)?.code ?? '';
    await writeFile(
      path.join(folder, file),
      `${code.replace('/run/secrets/pulsestream', path.join(folder, 'key'))}\n`,
    );
    const [program, ...args] = command;
    return { folder, run: await machine.run(program, args, { cwd: folder }) };
  }

  it.skipIf(!isInstalled)('clones, prints no token and leaves none alive', async () => {
    const { folder, run } = await write(`${title}-clone`, 'acme/api');
    expect(run).toMatchObject({ code: 0 });
    const config = await readFile(path.join(folder, 'api/.git/config'), 'utf8');
    for (const text of [run.stdout, run.stderr, config]) expect(text).not.toMatch(/ghs_|psk_/);
    expect((await machine.git(['-C', path.join(folder, 'api'), 'rev-parse', 'HEAD'])).stdout.trim()).toBe(
      await github.headOf('acme/api'),
    );
    expect(await machine.livingTokens()).toEqual([]);
  });

  it.skipIf(!isInstalled)('revokes its token if git fails, and ends with an error', async () => {
    github.requests.clear();
    github.knobs.failNext('GET /{owner}/{repo}/info/refs', { kind: 'status', status: 500 }, 100);
    const { run } = await write(`${title}-failed`, 'acme/web');
    github.knobs.reset();
    expect(run.code).not.toBe(0);
    expect(run.stdout + run.stderr).not.toMatch(/ghs_|psk_/);
    expect(github.requests.filter({ route: 'DELETE /installation/token', status: 204 })).toHaveLength(1);
    expect(await machine.livingTokens()).toEqual([]);
  });
});
