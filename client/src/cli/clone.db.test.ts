import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../../local/services/debian-programs.js';
import { startMachine } from './test-machine.js';

const machine = await startMachine();
const { github } = machine.world;
const { webUrl } = github;

beforeEach(() => github.knobs.reset());

let count = 0;
const fresh = () => {
  count += 1;
  return machine.folder(`clone-${count}`);
};

/** Clones, and expects that no token is left at GitHub. */
async function clone(...args: string[]) {
  const before = await machine.livingTokens();
  const run = await machine.pulsestream(['clone', ...args]);
  expect((await machine.livingTokens()).filter((hash) => !before.includes(hash))).toEqual([]);
  return run;
}

const head = async (folder: string) => (await machine.git(['-C', folder, 'rev-parse', 'HEAD'])).stdout.trim();

/** A server that is not GitHub. Records the credentials that it is sent, and asks for some. */
async function startForeignHost(): Promise<{ url: string; requests: string[]; credentials: string[] }> {
  const requests: string[] = [];
  const credentials: string[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push(incoming.url ?? '');
    const { authorization } = incoming.headers;
    if (authorization !== undefined) credentials.push(authorization);
    outgoing.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, credentials };
}

describe('pulsestream clone', () => {
  it('clones a repository, revokes its token, and leaves no credential in .git', async () => {
    const folder = fresh();
    expect(await clone('acme/api', folder, '--quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await head(folder)).toBe(await github.headOf('acme/api'));
    const config = await readFile(path.join(folder, '.git/config'), 'utf8');
    expect(config).toContain(`url = ${webUrl}/acme/api.git\n`);
    expect(config).not.toMatch(/credential|helper|extraheader|ghs_/i);
  });

  it('gives its token to no helper that the user has configured', async () => {
    const store = path.join(machine.home, 'store');
    const gitconfig = path.join(machine.home, '.gitconfig');
    await writeFile(store, '');
    await writeFile(gitconfig, `[credential]\n\thelper = store --file ${store}\n`);
    try {
      expect((await clone('acme/api', fresh(), '--quiet')).code).toBe(0);
      expect(await readFile(store, 'utf8')).toBe('');
    } finally {
      await writeFile(gitconfig, '');
    }
  });

  it('names the folder after the repository, and takes .git at the end of the name', async () => {
    const cwd = fresh();
    await mkdir(cwd);
    const run = await machine.pulsestream(['clone', 'ACME/Web.git', '--quiet'], { cwd });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(cwd)).toEqual(['Web']);
  });

  it('clones a branch, a tag, a commit and a full reference', async () => {
    const { sha } = await github.actions.pushCommit({
      repository: 'acme/web',
      path: 'x.txt',
      content: 'x',
      branch: 'next',
    });
    for (const [ref, depth] of [
      ['next'],
      ['v1.0.0', '1'],
      [sha],
      [sha, '1'],
      ['refs/heads/next', '1'],
    ] as const) {
      const folder = fresh();
      const run = await clone(
        'acme/web',
        folder,
        '--quiet',
        '--ref',
        ref,
        ...(depth ? ['--depth', depth] : []),
      );
      expect([ref, run.code, run.stderr.replace(/^Note: [\s\S]*/, '')]).toEqual([ref, 0, '']);
      if (ref !== 'v1.0.0') expect(await head(folder)).toBe(sha);
      const commits = (await machine.git(['-C', folder, 'rev-list', '--count', 'HEAD'])).stdout.trim();
      if (depth) expect([ref, commits]).toEqual([ref, '1']);
    }
  });

  it('makes a partial clone', async () => {
    const folder = fresh();
    expect(await clone('acme/api', folder, '--quiet', '--filter', 'blob:none')).toMatchObject({ code: 0 });
    const filter = await machine.git(['-C', folder, 'config', 'remote.origin.partialclonefilter']);
    expect(filter.stdout).toBe('blob:none\n');
  });

  it('waits until git’s servers accept the token', async () => {
    github.knobs.set({ gitRejectsFirst: 2 });
    github.requests.clear();
    expect(await clone('acme/api', fresh(), '--quiet')).toMatchObject({ code: 0 });
    const statuses = github.requests
      .filter({ route: 'GET /{owner}/{repo}/info/refs', auth: 'installation' })
      .map(({ status }) => status);
    expect(statuses.slice(0, 3)).toEqual([404, 404, 200]);
  });

  it('ends with git’s exit code, and removes what a failed clone has left', async () => {
    for (const ref of ['no-such-branch', 'f'.repeat(40), 'refs/heads/no-such-branch']) {
      const folder = fresh();
      const run = await clone('acme/api', folder, '--quiet', '--ref', ref);
      expect([ref, run.code]).toEqual([ref, 128]);
      expect(run.stderr).not.toBe('');
      expect(existsSync(folder)).toBe(false);
    }
    const there = fresh();
    await mkdir(there);
    expect((await clone('acme/api', there, '--quiet', '--ref', 'f'.repeat(40))).code).toBe(128);
    expect(await readdir(there)).toEqual([]);
  });

  it.each([
    ['a repository that was not granted', ['globex/reactor'], 66],
    ['no name', [], 64],
    ['a name that climbs', ['../api'], 64],
    ['a name that is an option', ['--', '-c/api'], 64],
    ['an unknown option', ['acme/api', '--upload-pack=touch /tmp/x'], 64],
    ['a reference that is an option', ['acme/api', '--ref=--upload-pack=x'], 64],
    ['a depth that is no number', ['acme/api', '--depth=1 --x'], 64],
    ['an empty directory', ['acme/api', ''], 64],
    ['two directories', ['acme/api', 'a', 'b'], 64],
  ])('refuses %s with a line on stderr, and mints nothing', async (_, args, code) => {
    github.requests.clear();
    const run = await machine.pulsestream(['clone', ...args]);
    expect([run.code, run.stdout]).toEqual([code, '']);
    expect(run.stderr).toMatch(/^pulsestream: /);
    expect(github.requests.list()).toEqual([]);
  });

  it('takes a directory that looks like an option', async () => {
    const cwd = fresh();
    await mkdir(cwd);
    const run = await machine.pulsestream(['clone', '--quiet', '--', 'acme/api', '--bare'], { cwd });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(path.join(cwd, '--bare'))).toContain('.git');
  });
});

describe('pulsestream clone of a repository that names other hosts', () => {
  it('fetches submodules of the same account, also those by SSH, with a token for each repository', async () => {
    const { hostname } = new URL(webUrl);
    const { sha } = await addSubmodules('acme/infra', [
      ['by-path', '../web.git', 'acme/web'],
      ['by-ssh', `git@${hostname}:acme/api.git`, 'acme/api'],
    ]);
    github.requests.clear();
    const folder = fresh();
    const run = await clone('acme/infra', folder, '--quiet', '--recurse-submodules');
    expect([run.code, run.stderr]).toEqual([0, '']);
    expect(await head(folder)).toBe(sha);
    expect(await readdir(path.join(folder, 'by-path'))).toContain('README.md');
    expect(await readdir(path.join(folder, 'by-ssh'))).toContain('README.md');
    const mints = github.requests.filter({
      route: 'POST /app/installations/{installation_id}/access_tokens',
    });
    expect(mints.map(({ body }) => (body as { repository_ids: number[] }).repository_ids.length)).toEqual([
      1, 1, 1,
    ]);
  });

  it('sends no token to the host of a hostile .gitmodules', async () => {
    const foreign = await startForeignHost();
    await addSubmodules('acme/infra', [['evil', `${foreign.url}/acme/api.git`, 'acme/api']]);
    const run = await clone('acme/infra', fresh(), '--quiet', '--recurse-submodules');
    expect(run.code).not.toBe(0);
    expect(foreign.requests.length).toBeGreaterThan(0);
    expect(foreign.credentials).toEqual([]);
    expect(run.stderr).toContain('pulsestream: no answer to git');
  });

  it('runs no other protocol than GitHub’s, whatever .gitmodules says', async () => {
    const touched = machine.folder('touched');
    await addSubmodules('acme/infra', [['evil', `ext::sh -c "touch ${touched}"`, 'acme/api']]);
    expect((await clone('acme/infra', fresh(), '--quiet', '--recurse-submodules')).code).not.toBe(0);
    expect(existsSync(touched)).toBe(false);
  });

  it.each([
    ['before git has a token', false],
    ['after git has sent its token', true],
  ])('sends no token where a redirect leads to, %s', async (_, afterToken) => {
    const foreign: string[] = [];
    // git reaches GitHub through this proxy, which redirects to a foreign host and serves that too.
    const proxy = createServer(({ url = '', headers }, outgoing) => {
      const isGitHub = url.startsWith(webUrl);
      if (!isGitHub) foreign.push(headers.authorization ?? 'none');
      if (isGitHub && (headers.authorization !== undefined || !afterToken))
        outgoing.writeHead(302, {
          location: `http://foreign.example${new URL(url).pathname}?service=git-upload-pack`,
        });
      else outgoing.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' });
      outgoing.end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const run = await machine.pulsestream(['clone', 'acme/api', fresh(), '--quiet'], {
      env: {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.proxy',
        GIT_CONFIG_VALUE_0: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      },
    });
    proxy.close();
    proxy.closeAllConnections();
    expect(run.code).not.toBe(0);
    expect(new Set(foreign)).toEqual(new Set(['none']));
  });
});

const LFS = findProgram('git-lfs');

describe.skipIf(LFS === undefined)('Git LFS', () => {
  const env = {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'filter.lfs.process',
    GIT_CONFIG_VALUE_0: 'git-lfs filter-process',
    GIT_CONFIG_KEY_1: 'filter.lfs.required',
    GIT_CONFIG_VALUE_1: 'true',
  };

  it('fetches objects of the same account, and sends their store no token', async () => {
    await github.actions.pushLfsFile({ repository: 'acme/api', path: 'data.bin', content: 'a large file\n' });
    const folder = fresh();
    const before = await machine.livingTokens();
    const run = await machine.pulsestream(['clone', 'acme/api', folder, '--quiet'], { env });
    expect([run.code, run.stderr]).toEqual([0, '']);
    // The offline GitHub's store answers a request with a credential with 400.
    expect(await readFile(path.join(folder, 'data.bin'), 'utf8')).toBe('a large file\n');
    expect((await machine.livingTokens()).filter((hash) => !before.includes(hash))).toEqual([]);
  });

  it('sends no token to the host of a hostile .lfsconfig', async () => {
    const foreign = await startForeignHost();
    await github.actions.pushCommit({
      repository: 'acme/api',
      path: '.lfsconfig',
      content: `[lfs]\n\turl = ${foreign.url}/acme/api.git/info/lfs\n`,
    });
    const run = await machine.pulsestream(['clone', 'acme/api', fresh(), '--quiet'], { env });
    expect(run.code).not.toBe(0);
    expect(foreign.requests.length).toBeGreaterThan(0);
    expect(foreign.credentials).toEqual([]);
  });
});

/** Commits submodules to the default branch. The offline GitHub cannot write a gitlink by an action, so git pushes it. */
async function addSubmodules(
  fullName: string,
  modules: readonly (readonly [folder: string, url: string, of: string])[],
): Promise<{ sha: string }> {
  const lines = modules.map(
    ([folder, url]) => `[submodule "${folder}"]\n\tpath = ${folder}\n\turl = ${url}\n`,
  );
  await github.actions.pushCommit({ repository: fullName, path: '.gitmodules', content: lines.join('') });
  for (const [folder, , of] of modules)
    await github.actions.pushSubmodule({ repository: fullName, path: folder, sha: await github.headOf(of) });
  return { sha: await github.headOf(fullName) };
}
