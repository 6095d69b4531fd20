import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OfflineGitHub, startOfflineGitHub } from './start';
import { cloneUrl, git, mintToken } from './testing';
import { hashToken } from './tokens';

let github: OfflineGitHub;
let directory: string;
let installationId: number;
beforeAll(async () => {
  github = await startOfflineGitHub();
  directory = await mkdtemp(join(tmpdir(), 'offline-github-test-'));
  const repositories = ['acme/api', 'acme/web'];
  installationId = github.actions.install({ account: 'acme', repositories }).id;
});
beforeEach(() => github.knobs.reset());
afterAll(async () => {
  await github.close();
  await rm(directory, { recursive: true, force: true });
});

let count = 0;
const folder = () => {
  count += 1;
  return join(directory, `clone-${count}`);
};
const apiOnly = () =>
  mintToken(github, installationId, { repositories: ['api'], permissions: { contents: 'read' } });

describe('git over HTTP', () => {
  it('clones at the SHA of headOf with a token that can read contents, and logs the token’s hash', async () => {
    const token = await apiOnly();
    const target = folder();
    expect(await git('clone', cloneUrl(github, 'acme/api', token), target)).toMatchObject({ code: 0 });
    const head = (await git('-C', target, 'rev-parse', 'HEAD')).stdout.trim();
    expect(head).toBe(await github.headOf('acme/api'));
    expect((await git('-C', target, 'rev-list', '--count', 'HEAD')).stdout.trim()).toBe('3');
    expect((await git('-C', target, 'tag')).stdout.trim()).toBe('v1.0.0');
    expect(await readFile(join(target, 'README.md'), 'utf8')).toContain('acme/api');
    const clones = github.auditLog.list({ action: 'git.clone', hashed_token: hashToken(token) });
    expect(clones).toMatchObject([{ repo: 'acme/api', org: 'acme', actor: `${github.app.slug}[bot]` }]);
  });

  it.each(['0', '1', '2'])('speaks protocol version %s', async (version) => {
    const url = cloneUrl(github, 'acme/api', await apiOnly());
    expect((await git('-c', `protocol.version=${version}`, 'clone', url, folder())).code).toBe(0);
  });

  it('fetches commits that were pushed after the clone', async () => {
    const token = await apiOnly();
    const target = folder();
    await git('clone', cloneUrl(github, 'acme/api', token), target);
    const { sha } = await github.actions.pushCommit({
      repository: 'acme/api',
      path: 'docs/new.md',
      content: 'new',
    });
    expect((await git('-C', target, 'pull', '--ff-only')).code).toBe(0);
    expect((await git('-C', target, 'rev-parse', 'HEAD')).stdout.trim()).toBe(sha);
    expect(github.auditLog.list({ action: 'git.fetch', hashed_token: hashToken(token) })).toHaveLength(1);
  });

  it('responds 401 without credentials, and refuses bad ones', async () => {
    const bare = await fetch(`${cloneUrl(github, 'acme/api')}/info/refs?service=git-upload-pack`);
    expect(bare.status).toBe(401);
    expect(bare.headers.get('www-authenticate')).toBe('Basic realm="GitHub"');
    const bad = await git('ls-remote', cloneUrl(github, 'acme/api', `ghs_${'x'.repeat(36)}`));
    expect(bad.code).not.toBe(0);
    expect(bad.stderr).toContain('Authentication failed');
  });

  it('hides a repository outside the token’s scope', async () => {
    const token = await apiOnly();
    for (const other of ['acme/web', 'acme/infra', 'globex/reactor', 'acme/nothing']) {
      const answer = await git('ls-remote', cloneUrl(github, other, token));
      expect(answer.code).not.toBe(0);
      expect(answer.stderr).toContain('not found');
    }
  });

  it('refuses a read with a token that lacks the contents permission', async () => {
    const token = await mintToken(github, installationId, { permissions: { metadata: 'read' } });
    expect((await git('ls-remote', cloneUrl(github, 'acme/api', token))).stderr).toContain('403');
  });

  it('refuses a push with a read-only token, and changes nothing', async () => {
    const token = await apiOnly();
    const target = folder();
    const before = await github.headOf('acme/api');
    await git('clone', cloneUrl(github, 'acme/api', token), target);
    await writeFile(join(target, 'evil.txt'), 'evil');
    await git('-C', target, 'add', '.');
    await git('-C', target, '-c', 'user.name=x', '-c', 'user.email=x@example.test', 'commit', '-m', 'evil');
    const push = await git('-C', target, 'push', 'origin', 'HEAD:main');
    expect(push.code).not.toBe(0);
    expect(push.stderr).toContain('Write access to repository not granted.');
    expect(await github.headOf('acme/api')).toBe(before);
  });

  it('accepts a push with a token that has contents: write', async () => {
    github.actions.changeAppPermissions({ permissions: { contents: 'write', metadata: 'read' } });
    const { id } = github.actions.install({ account: 'initech' });
    github.actions.changeAppPermissions({ permissions: { contents: 'read', metadata: 'read' } });
    const url = cloneUrl(github, 'initech/tps-reports', await mintToken(github, id));
    const target = folder();
    await git('clone', url, target);
    await git(
      '-C',
      target,
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@example.test',
      'commit',
      '--allow-empty',
      '-m',
      'x',
    );
    expect(await git('-C', target, 'push', 'origin', 'HEAD:main')).toMatchObject({ code: 0 });
    const head = (await git('-C', target, 'rev-parse', 'HEAD')).stdout.trim();
    expect(await github.headOf('initech/tps-reports')).toBe(head);
  });

  it('refuses git access after suspension and after uninstall', async () => {
    const { id } = github.actions.install({ account: 'sam' });
    const url = cloneUrl(github, 'sam/notes', await mintToken(github, id));
    expect((await git('ls-remote', url)).code).toBe(0);
    github.actions.suspend({ installation: id });
    expect((await git('ls-remote', url)).code).not.toBe(0);
    github.actions.unsuspend({ installation: id });
    expect((await git('ls-remote', url)).code).toBe(0);
    github.actions.uninstall({ installation: id });
    expect((await git('ls-remote', url)).code).not.toBe(0);
  });

  it('clones public repositories without credentials, and follows renames', async () => {
    github.actions.setVisibility({ repository: 'globex/website', private: false });
    expect((await git('clone', cloneUrl(github, 'globex/website'), folder())).code).toBe(0);
    expect((await git('ls-remote', cloneUrl(github, 'globex/reactor'))).code).not.toBe(0);
    github.actions.renameRepository({ repository: 'globex/website', name: 'site' });
    expect((await git('ls-remote', cloneUrl(github, 'globex/website'))).code).toBe(0);
  });

  it('rejects a token that is not replicated yet, with GitHub’s status', async () => {
    github.knobs.set({ replicationLagMs: 60_000, replicationStatus: 404 });
    const url = cloneUrl(github, 'acme/api', await apiOnly());
    expect((await git('ls-remote', url)).stderr).toContain('not found');
    github.knobs.set({ clockOffsetMs: 61_000 });
    expect((await git('ls-remote', url)).code).toBe(0);
  });

  it('creates the same commits in every offline GitHub', async () => {
    const other = await startOfflineGitHub();
    expect(await other.headOf('globex/reactor')).toBe(await github.headOf('globex/reactor'));
    expect(await other.headOf('globex/reactor')).not.toBe(await other.headOf('acme/web'));
    await other.close();
  });
});
