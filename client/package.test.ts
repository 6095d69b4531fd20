/** Checks the package as others would install it: what it holds, whether its types resolve, and whether it runs. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, expect, it } from 'vitest';
import { PROBLEMS } from '../lib/problem';
import { ensureClientBuilt } from '../local/client/build.mjs';
import manifest from './package.json' with { type: 'json' };
import { PROBLEM_CODES } from './src/errors.js';
import { VERSION } from './src/version.js';

const run = promisify(execFile);
const CLIENT = import.meta.dirname;
const ROOT = path.dirname(CLIENT);
const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-package-'));
afterAll(() => rm(folder, { recursive: true }));

const installed = path.join(folder, 'node_modules/pulsestream');

await ensureClientBuilt();
const tarball = await pack();

/** Packs the client, and installs the result into a project of its own. */
async function pack(): Promise<string> {
  const { npm_execpath: npm = '' } = process.env;
  const [command, ...args] = /npm-cli\.[cm]?js$/.test(npm) ? [process.execPath, npm] : ['npm'];
  const options = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run(command, [...args, ...options], { cwd: CLIENT });
  const [packed]: { filename: string }[] = JSON.parse(stdout);
  const file = path.join(folder, packed?.filename ?? '');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', file, '--strip-components=1', '-C', installed]);
  return file;
}

it('contains the compiled sources, and neither a test nor a source', async () => {
  const files = await readdir(installed, { recursive: true });
  const unexpected = files.filter(
    (file) => !/^(?:bin|dist)(?:$|\/)|^(?:package\.json|README\.md|LICENSE)$/.test(file) || /test/.test(file),
  );
  expect(unexpected).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining(['bin/pulsestream.js', 'dist/index.js', 'dist/index.d.ts', 'LICENSE']),
  );
});

it('needs no other package', () => {
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest).not.toHaveProperty('peerDependencies');
});

it('has nothing that publint complains about', async () => {
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
  expect(messages).toEqual([]);
});

it('has types that resolve in every way of importing an ES module', async () => {
  const attw = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json');
  const command = path.join(path.dirname(attw), 'dist/index.js');
  const options = ['--profile', 'esm-only', '--format', 'json'];
  // A problem makes its exit code 1, which rejects.
  const { stdout } = await run(process.execPath, [command, tarball, ...options]);
  expect(JSON.parse(stdout).analysis.types).toMatchObject({ kind: 'included' });
});

it('runs after an installation, by import and by its command', async () => {
  const script = path.join(folder, 'use.mjs');
  const source = `import { createClient, PulseStreamError } from 'pulsestream';
    const client = createClient({ url: 'http://localhost:1', auth: { apiKeyFile: '/none' } });
    await client.mint().catch((error) => console.log(error instanceof PulseStreamError, error.code));`;
  await writeFile(script, source);
  expect((await run(process.execPath, [script])).stdout).toBe('true identity_unavailable\n');
  const command = path.join(installed, manifest.bin.pulsestream);
  const { code, stderr } = await run(process.execPath, [command, 'no-such-command']).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  );
  expect([code, stderr]).toEqual([64, expect.stringContaining('pulsestream')]);
});

it('compiles every sample of its README for a strict project without the types of browsers', async () => {
  const readme = await readFile(path.join(CLIENT, 'README.md'), 'utf8');
  const samples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, sample = '']) => sample);
  expect(samples.length).toBeGreaterThan(3);
  const project = path.join(folder, 'samples');
  await mkdir(project);
  await Promise.all(
    samples.map((sample, index) => writeFile(path.join(project, `sample-${index}.mts`), sample)),
  );
  await symlink(path.join(ROOT, 'node_modules/@types'), path.join(folder, 'node_modules/@types'));
  await symlink(path.join(ROOT, 'node_modules/undici-types'), path.join(folder, 'node_modules/undici-types'));
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: 'NodeNext',
    lib: ['ES2022'],
    types: ['node'],
    noEmit: true,
  };
  await writeFile(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [compiler, '-p', project]).catch((error) => error);
  expect(stdout).toBe('');
});

it('states its own version to the server', () => {
  expect(VERSION).toBe(manifest.version);
});

it('types every error code that a service can receive', () => {
  const others = [
    'evidence_unavailable',
    'invalid_signature',
    'installation_already_connected',
    'webhook_secret_not_configured',
  ];
  expect([...PROBLEM_CODES, ...others].sort()).toEqual(Object.keys(PROBLEMS).sort());
});
