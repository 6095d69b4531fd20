/** Runs the samples of the API reference as they stand, with real curl, git and Node, in a project that has the client. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { ROOT, startMachine } from '../../../client/src/cli/test-machine.js';
import { samples } from './samples';

const machine = await startMachine();
const { github } = machine.world;
const place = {
  origin: machine.origin,
  githubWebUrl: github.webUrl,
  reader: { workspace: machine.scene.slug, repository: 'acme/api' },
};

let projects = 0;
let folder: string;

beforeEach(async () => {
  projects += 1;
  folder = machine.folder(`project-${projects}`);
  const modules = path.join(folder, 'node_modules');
  await mkdir(path.join(modules, '.bin'), { recursive: true });
  await symlink(path.join(ROOT, 'client'), path.join(modules, 'pulsestream'));
  await symlink('../pulsestream/bin/pulsestream.js', path.join(modules, '.bin/pulsestream'));
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(path.join(folder, 'key'), machine.apiKey, { mode: 0o600 });
});

/** Runs the sample, with this project's file for the key. Nothing else is changed. */
async function run(title: string) {
  const sample = samples(place).find((each) => each.title.startsWith(title));
  if (sample === undefined) throw new Error(`no sample ${title}`);
  const code = sample.code.replaceAll('/run/secrets/pulsestream', path.join(folder, 'key'));
  const file = title === 'TypeScript' ? 'sample.ts' : 'sample.sh';
  await writeFile(path.join(folder, file), code);
  const command = file === 'sample.ts' ? [process.execPath, '--import', TSX, file] : ['sh', '-eu', file];
  // Only the sample says who asks.
  const args = ['-u', 'PULSESTREAM_API_KEY', '-u', 'PULSESTREAM_URL', ...command];
  return machine.run('env', args, { cwd: folder, env: { GIT_TERMINAL_PROMPT: '0' } });
}

const TSX = import.meta.resolve('tsx');

/** Checks that the sample cloned everything, and printed and stored no secret. */
async function expectClone({ code, stdout, stderr }: Awaited<ReturnType<typeof run>>): Promise<void> {
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const clone = path.join(folder, 'api');
  const config = await readFile(path.join(clone, '.git/config'), 'utf8');
  for (const text of [stdout, stderr, config]) expect(text).not.toMatch(/ghs_|psk_/);
  const head = await machine.git(['-C', clone, 'rev-parse', 'HEAD']);
  expect(head.stdout.trim()).toBe(await github.headOf('acme/api'));
}

it.each(['The command pulsestream', 'TypeScript', 'curl and git'])(
  'clones by %s, and revokes the token',
  async (title) => {
    await expectClone(await run(title));
    expect(await machine.livingTokens()).toEqual([]);
  },
);

it('clones by git with pulsestream as its helper, by a token for the one repository', async () => {
  github.requests.clear();
  await expectClone(await run('git, with pulsestream'));
  const mints = github.requests.filter({
    route: 'POST /app/installations/{installation_id}/access_tokens',
    status: 201,
  });
  expect(mints.length).toBeGreaterThan(0);
  for (const { body } of mints) expect(Object(body).repository_ids).toHaveLength(1);
});
