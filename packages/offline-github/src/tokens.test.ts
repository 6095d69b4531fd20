import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OfflineGitHub } from './start';
import { appJwt, mintToken, octokitApp, request, startQuickly } from './testing';
import { hashToken } from './tokens';

let github: OfflineGitHub;
let installationId: number;
beforeEach(async () => {
  github = await startQuickly();
  const repositories = ['acme/api', 'acme/web'];
  installationId = github.actions.install({ account: 'acme', repositories }).id;
});
afterEach(() => github.close());

const idOf = (name: string) => github.state.repositoryByName(name)?.id ?? 0;
const mint = (body: object, headers: Record<string, string> = {}, id = installationId) =>
  request(github, 'POST', `/app/installations/${id}/access_tokens`, { token: appJwt(github), body, headers });
const names = (answer: { json: { repositories: { full_name: string }[] } }) =>
  answer.json.repositories.map(({ full_name }) => full_name);

describe('installation tokens', () => {
  it('mints a token with exactly the requested scope', async () => {
    const { json, status } = await mint({
      repository_ids: [idOf('acme/api')],
      permissions: { contents: 'read' },
    });
    expect(status).toBe(201);
    expect(json.permissions).toEqual({ contents: 'read', metadata: 'read' });
    expect(json.repository_selection).toBe('selected');
    expect(json.repositories).toHaveLength(1);
    expect(Date.parse(json.expires_at) - Date.now()).toBeGreaterThan(3_595_000);
    const listed = await request(github, 'GET', '/installation/repositories', { token: json.token });
    expect(names(listed)).toEqual(['acme/api']);
  });

  it('mints a token for all repositories when the requested scope is absent or empty', async () => {
    for (const body of [{}, { repository_ids: [], permissions: {} }]) {
      const { json } = await mint(body);
      expect(json.repositories).toBeUndefined();
      const listed = await request(github, 'GET', '/installation/repositories', { token: json.token });
      expect(names(listed)).toEqual(['acme/api', 'acme/web']);
    }
  });

  it.each([
    ['a repository outside of the installation', () => ({ repository_ids: [idOf('acme/infra')] })],
    ['a repository of somebody else', () => ({ repository_ids: [idOf('globex/reactor')] })],
    ['an unknown name', () => ({ repositories: ['nothing'] })],
    ['a permission that was not granted', () => ({ permissions: { issues: 'read' } })],
    ['a higher level than granted', () => ({ permissions: { contents: 'write' } })],
    [
      'more than 500 repositories',
      () => ({ repository_ids: Array.from({ length: 501 }, (_, index) => index) }),
    ],
  ])('refuses with 422 to mint for %s', async (_name, body) => {
    expect((await mint(body())).status).toBe(422);
  });

  it('refuses to mint for a suspended, an unknown and an uninstalled installation', async () => {
    github.actions.suspend({ installation: installationId });
    expect(await mint({})).toMatchObject({
      status: 403,
      json: { message: 'This installation has been suspended' },
    });
    expect((await mint({}, {}, 1)).status).toBe(404);
    github.actions.uninstall({ installation: installationId });
    expect((await mint({})).status).toBe(404);
  });

  it('rejects a token during a suspension, accepts it afterwards, and rejects it after the uninstall', async () => {
    const token = await mintToken(github, installationId);
    const list = () => request(github, 'GET', '/installation/repositories', { token });
    github.actions.suspend({ installation: installationId });
    expect((await list()).status).toBe(403);
    github.actions.unsuspend({ installation: installationId });
    expect((await list()).status).toBe(200);
    github.actions.uninstall({ installation: installationId });
    expect(await list()).toMatchObject({ status: 401, json: { message: 'Bad credentials' } });
  });

  it('takes a repository away from a token when the installation loses it', async () => {
    const token = await mintToken(github, installationId);
    github.actions.removeRepositories({ installation: installationId, repositories: ['acme/web'] });
    expect(names(await request(github, 'GET', '/installation/repositories', { token }))).toEqual([
      'acme/api',
    ]);
    expect((await request(github, 'GET', '/repos/acme/web', { token })).status).toBe(404);
  });

  it('lets a token revoke itself, and expires a token after an hour', async () => {
    const revoked = await mintToken(github, installationId);
    expect((await request(github, 'DELETE', '/installation/token', { token: revoked })).status).toBe(204);
    expect((await request(github, 'GET', '/installation/repositories', { token: revoked })).status).toBe(401);
    const old = await mintToken(github, installationId);
    github.knobs.set({ clockOffsetMs: 3_601_000 });
    expect((await request(github, 'GET', '/installation/repositories', { token: old })).status).toBe(401);
  });

  it('mints both token formats, chosen by knob and by header', async () => {
    expect((await mint({})).json.token).toMatch(/^ghs_[0-9A-Za-z]{36}$/);
    const enabled = { 'X-GitHub-Stateless-S2S-Token': 'enabled' };
    const stateless: string = (await mint({}, enabled)).json.token;
    expect(stateless).toMatch(new RegExp(`^ghs_${github.app.id}_[\\w-]+\\.[\\w-]+\\.[\\w-]+$`));
    expect(Math.abs(stateless.length - 520)).toBeLessThan(40);
    expect((await request(github, 'GET', '/installation/repositories', { token: stateless })).status).toBe(
      200,
    );
    github.knobs.set({ tokenFormat: 'stateless' });
    expect((await mint({})).json.token).toContain('.');
    expect((await mint({}, { 'X-GitHub-Stateless-S2S-Token': 'disabled' })).json.token).not.toContain('.');
  });

  it('stores tokens only as hashes, in logs, lists and state', async () => {
    const token = await mintToken(github, installationId);
    await request(github, 'GET', '/installation/repositories', { token });
    const everything = JSON.stringify([
      github.requests.list(),
      github.auditLog.list(),
      github.deliveries.list(),
    ]);
    expect(everything).not.toContain(token);
    expect(everything).toContain(hashToken(token));
    const control = await request(github, 'GET', `${new URL(github.webUrl).origin}/_control/state`);
    expect(JSON.stringify(control.json)).not.toContain(token);
  });

  it('refuses a write with contents: read', async () => {
    const token = await mintToken(github, installationId);
    const write = { token, body: { message: 'x', content: '' } };
    expect(await request(github, 'PUT', '/repos/acme/api/contents/x', write)).toMatchObject({
      status: 403,
      json: { message: 'Resource not accessible by integration' },
    });
    const readme = await request(github, 'GET', '/repos/acme/api/contents/README.md', { token });
    expect(Buffer.from(readme.json.content, 'base64').toString()).toContain('acme/api');
  });
});

describe('paging', () => {
  it('links all pages with Link headers that Octokit follows', async () => {
    github.actions.createRepositories({ account: 'globex', count: 248 });
    const { id } = github.actions.install({ account: 'globex' });
    const seen: string[] = [];
    for await (const { repository } of octokitApp(github).eachRepository.iterator({ installationId: id })) {
      seen.push(repository.full_name);
    }
    expect(new Set(seen).size).toBe(250);
    const token = await mintToken(github, id);
    const page = await request(github, 'GET', '/installation/repositories?per_page=500&page=2', { token });
    expect(page.json.repositories).toHaveLength(100);
    expect(page.json.total_count).toBe(250);
    expect(page.headers.get('link')).toMatch(/page=1>; rel="prev".*page=3>; rel="next".*page=3>; rel="last"/);
  });

  it('pages the list of installations', async () => {
    github.actions.install({ account: 'globex' });
    const token = appJwt(github);
    const first = await request(github, 'GET', '/app/installations?per_page=1', { token });
    expect(first.json).toHaveLength(1);
    expect(first.headers.get('link')).toContain('rel="next"');
    const second = await request(github, 'GET', '/app/installations?per_page=1&page=2', { token });
    expect(second.json[0]?.account.login).toBe('globex');
    expect(second.headers.get('link')).not.toContain('rel="next"');
  });

  it('creates ten thousand repositories in one call', () => {
    github.actions.createRepositories({ account: 'globex', count: 10_000 });
    const { repositoryCount } = github.actions.install({ account: 'globex' });
    expect(repositoryCount).toBe(10_002);
  });
});

describe('repositories', () => {
  it('returns 301 for a former name, 404 for an unknown one and 501 for an unknown route', async () => {
    const token = await mintToken(github, installationId);
    github.actions.renameRepository({ repository: 'acme/api', name: 'core' });
    const moved = await request(github, 'GET', '/repos/acme/api', { token });
    expect(moved.status).toBe(301);
    const target = await request(github, 'GET', moved.headers.get('location') ?? '', { token });
    expect(target.json.full_name).toBe('acme/core');
    expect((await request(github, 'GET', '/repos/acme/infra', { token })).status).toBe(404);
    expect((await request(github, 'GET', '/zen', { token })).status).toBe(501);
  });
});
