import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OfflineGitHub } from './start';
import { appJwt, Browser, locationOf, request, startQuickly } from './testing';

const SETUP = 'http://localhost:3000/api/github/setup';
let github: OfflineGitHub;
beforeEach(async () => {
  github = await startQuickly({ app: { setupUrl: SETUP } });
});
afterEach(() => github.close());

async function signedIn(login: string): Promise<Browser> {
  const browser = new Browser(github);
  await browser.signIn(login);
  return browser;
}
const idOf = (name: string) => String(github.state.repositoryByName(name)?.id);
const base = () => `/apps/${github.app.slug}`;
const permissions = (target: number, state = 's1') =>
  `${base()}/installations/new/permissions?target_id=${target}&state=${state}`;
const queryOf = (response: Response) => Object.fromEntries(new URL(locationOf(response)).searchParams);
const ACME = 30001;

describe('installing', () => {
  it('asks for account and repositories, then redirects to the Setup URL with state', async () => {
    const olivia = await signedIn('olivia');
    await olivia.get(`${base()}/installations/new?state=s1`);
    expect(olivia.html).toContain('acme');
    expect(olivia.html).not.toContain('globex');
    await olivia.get(permissions(ACME));
    const done = await olivia.submit(`${base()}/installations`, {
      install_target: 'selected',
      repository_ids: [idOf('acme/api'), idOf('acme/web')],
    });
    const [installation] = github.state.installations.values();
    expect(queryOf(done)).toEqual({
      installation_id: String(installation?.id),
      setup_action: 'install',
      state: 's1',
    });
    expect(installation?.repositoryIds.size).toBe(2);
  });

  it('skips the choice of an account if there is only one', async () => {
    github.actions.createUser({ login: 'solo' });
    const solo = await signedIn('solo');
    const answer = await solo.get(`${base()}/installations/new?state=s1`);
    expect(locationOf(answer)).toContain('/installations/new/permissions?target_id=');
    expect(locationOf(answer)).toContain('state=s1');
  });

  it('requires a selection, a session and the page’s own form', async () => {
    const olivia = await signedIn('olivia');
    await olivia.get(permissions(ACME));
    const nothing = await olivia.submit(`${base()}/installations`, { install_target: 'selected' });
    expect(nothing.status).toBe(422);
    const forged = await olivia.post(`${base()}/installations`, {
      target_id: String(ACME),
      install_target: 'all',
    });
    expect(forged.status).toBe(422);
    await olivia.get(permissions(ACME));
    const token = /name="authenticity_token" value="([^"]+)"/.exec(olivia.html)?.[1] ?? '';
    const foreign = await olivia.post(
      `${base()}/installations`,
      { target_id: String(ACME), install_target: 'all', authenticity_token: token },
      { Origin: 'https://evil.test' },
    );
    expect(foreign.status).toBe(403);
    expect(github.state.installations.size).toBe(0);
  });

  it('shows the configuration of an installed App, and redirects to the Setup URL after an update', async () => {
    const { id } = github.actions.install({ account: 'acme', repositories: ['acme/api'] });
    const olivia = await signedIn('olivia');
    const answer = await olivia.get(permissions(ACME));
    const path = `/organizations/acme/settings/installations/${id}`;
    expect(locationOf(answer)).toBe(`${path}?state=s1`);
    await olivia.get(locationOf(answer));
    expect(olivia.html).toMatch(/value="\d+"\s+checked>\s*acme\/api/);
    const saved = await olivia.submit(path, { install_target: 'all' });
    expect(queryOf(saved)).toEqual({ installation_id: String(id), setup_action: 'update', state: 's1' });
    expect(github.state.installations.get(id)?.selection).toBe('all');
    github.configureApp({ setupOnUpdate: false });
    await olivia.get(path);
    expect(locationOf(await olivia.submit(path, { install_target: 'all' }))).toBe(path);
  });

  it('lets a member only request the App, and redirects the approving owner without state', async () => {
    const mona = await signedIn('mona');
    await mona.get(permissions(ACME));
    expect(mona.html).toContain('Request');
    const asked = await mona.submit(`${base()}/installations`, { install_target: 'all' });
    expect(queryOf(asked)).toEqual({ setup_action: 'request', state: 's1' });
    expect(github.state.installations.size).toBe(0);

    const olivia = await signedIn('olivia');
    await olivia.get('/organizations/acme/settings/installations');
    const review = /href="([^"]*installation_requests[^"]*)"/.exec(olivia.html)?.[1] ?? '';
    await olivia.get(review);
    const approved = await olivia.submit(review, {
      install_target: 'selected',
      repository_ids: [idOf('acme/api')],
      decision: 'approve',
    });
    const [installation] = github.state.installations.values();
    expect(queryOf(approved)).toEqual({ installation_id: String(installation?.id), setup_action: 'install' });
    expect(installation?.requesterId).toBe(20002);
  });

  it.each(['mona', 'rahul', 'eve'])('hides an organization’s installation from %s', async (login) => {
    const { id } = github.actions.install({ account: 'acme' });
    const browser = await signedIn(login);
    expect((await browser.get(`/organizations/acme/settings/installations/${id}`)).status).toBe(404);
    expect((await browser.get(`/settings/installations/${id}`)).status).toBe(404);
  });

  it('suspends, unsuspends and uninstalls', async () => {
    const { id } = github.actions.install({ account: 'acme' });
    const olivia = await signedIn('olivia');
    const path = `/organizations/acme/settings/installations/${id}`;
    await olivia.get(path);
    await olivia.submit(`${path}/suspend`);
    expect(github.state.installations.get(id)?.suspendedAt).not.toBeNull();
    await olivia.get(path);
    expect(olivia.html).toContain('has been suspended');
    await olivia.submit(`${path}/unsuspend`);
    expect(github.state.installations.get(id)?.suspendedAt).toBeNull();
    await olivia.get(path);
    const gone = await olivia.submit(`${path}/uninstall`);
    expect(locationOf(gone)).toBe('/organizations/acme/settings/installations');
    expect(github.state.installations.size).toBe(0);
    expect(github.actions.install({ account: 'acme' }).id).not.toBe(id);
  });
});

describe('repository settings', () => {
  it('lets an admin change name, branch, visibility, archive and owner, and delete the repository', async () => {
    const sam = await signedIn('sam');
    const change = async (name: string, form: string, fields: Record<string, string> = {}) => {
      await sam.get(`/${name}/settings`);
      return sam.submit(`/${name}/settings/${form}`, fields);
    };
    await change('acme/api', 'rename', { name: 'core' });
    await change('acme/core', 'default-branch', { branch: 'develop' });
    await change('acme/core', 'visibility');
    await change('acme/core', 'archive');
    expect(github.state.repositoryByName('acme/core')).toMatchObject({
      defaultBranch: 'develop',
      private: false,
      archived: true,
    });
    expect(locationOf(await change('acme/core', 'transfer', { to: 'initech' }))).toBe(
      '/initech/core/settings',
    );
    expect(locationOf(await change('initech/core', 'delete'))).toBe('/initech');
    expect(github.state.repositoryByName('initech/core')).toBeUndefined();
  });

  it('redirects to the repository from its clone URL and its former name', async () => {
    const olivia = await signedIn('olivia');
    expect(locationOf(await olivia.get('/acme/api.git'))).toBe('/acme/api');
    github.actions.renameRepository({ repository: 'acme/api', name: 'core' });
    expect(locationOf(await olivia.get('/acme/api'))).toBe('/acme/core');
  });

  it('shows the settings only to admins of the repository', async () => {
    const rahul = await signedIn('rahul');
    expect((await rahul.get('/acme/api/settings')).status).toBe(200);
    expect((await rahul.get('/acme/web/settings')).status).toBe(404);
    expect((await rahul.get('/acme/web')).status).toBe(200);
    expect((await new Browser(github).get('/acme/web')).status).toBe(404);
  });
});

describe('registering an App from a manifest', () => {
  it('returns a code that is converted to an App once', async () => {
    const olivia = await signedIn('olivia');
    const manifest = JSON.stringify({
      name: 'My App',
      url: 'https://app.example.test',
      redirect_url: 'http://localhost:3000/registered',
      callback_urls: ['https://app.example.test/callback'],
      default_permissions: { contents: 'read' },
      default_events: ['repository'],
    });
    const path = '/organizations/acme/settings/apps/new?state=m1';
    expect((await olivia.post(path, { manifest })).status).toBe(200);
    const back = await olivia.submit('/settings/apps/create-from-manifest');
    const { code, state } = queryOf(back);
    expect(state).toBe('m1');
    const before = github.app.id;
    const made = await request(github, 'POST', `/app-manifests/${code}/conversions`);
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      slug: 'my-app',
      owner: { login: 'acme', type: 'Organization' },
      client_id: github.app.clientId,
      pem: expect.stringContaining('PRIVATE KEY'),
      webhook_secret: expect.any(String),
    });
    expect(made.json.id).not.toBe(before);
    expect((await request(github, 'POST', `/app-manifests/${code}/conversions`)).status).toBe(404);
    expect(JSON.stringify(github.requests.list())).not.toContain(code);
    expect(JSON.stringify(github.requests.list())).not.toContain(made.json.pem);
  });

  it('gives the App to its creator, and to no account that the creator does not own', async () => {
    const olivia = await signedIn('olivia');
    const manifest = JSON.stringify({
      name: 'Own App',
      url: 'https://app.example.test',
      redirect_url: 'http://localhost:3000/registered',
    });
    await olivia.post('/settings/apps/new', { manifest });
    const create = '/settings/apps/create-from-manifest';
    expect((await olivia.submit(create, { owner: 'globex' })).status).toBe(404);
    await olivia.post('/settings/apps/new', { manifest });
    const { code } = queryOf(await olivia.submit(create));
    await request(github, 'POST', `/app-manifests/${code}/conversions`);
    const { json } = await request(github, 'GET', '/app', { token: appJwt(github) });
    expect(json).toMatchObject({ name: 'Own App', owner: { login: 'olivia', type: 'User' } });
  });

  it('complains about fields, events and permissions that GitHub does not document', async () => {
    const olivia = await signedIn('olivia');
    const manifest = JSON.stringify({
      url: 'https://app.example.test',
      default_event: ['push'],
      default_events: ['repositories'],
      default_permissions: { contents: 'admin', content: 'read' },
    });
    expect((await olivia.post('/settings/apps/new', { manifest })).status).toBe(200);
    const what = github.complaints.take().map((complaint) => complaint.what);
    expect(what).toEqual([
      expect.stringContaining('default_event'),
      expect.stringContaining('/default_events/0 must be equal to one of the allowed values'),
      expect.stringContaining('content'),
      expect.stringContaining('/default_permissions/contents must be equal to one of the allowed values'),
    ]);
  });

  it('refuses a webhook URL on localhost and a name that is too long', async () => {
    const olivia = await signedIn('olivia');
    for (const bad of [{ hook_attributes: { url: 'http://localhost:1/x' } }, { name: 'x'.repeat(35) }]) {
      const manifest = JSON.stringify({ name: 'x', url: 'https://app.example.test', ...bad });
      expect((await olivia.post('/settings/apps/new', { manifest })).status).toBe(422);
    }
  });
});

describe('logs', () => {
  it('shows and redelivers deliveries, and exports the audit log', async () => {
    github.actions.install({ account: 'acme' });
    const olivia = await signedIn('olivia');
    await olivia.get(`/settings/apps/${github.app.slug}/advanced`);
    const [delivery] = github.deliveries.list();
    expect(olivia.html).toContain(delivery?.guid);
    await olivia.submit(`/settings/apps/${github.app.slug}/advanced/deliveries/${delivery?.id}`);
    expect(github.deliveries.list().map(({ guid }) => guid)).toEqual([delivery?.guid, delivery?.guid]);
    await olivia.get('/settings/audit-log?format=csv');
    expect(olivia.html).toMatch(/^@timestamp,action,actor/);
    expect(olivia.html).toContain('integration_installation.create');
    await olivia.get('/settings/audit-log');
    expect(olivia.html).toContain('integration_installation.create');
  });
});

describe('an organization’s audit log', () => {
  it('finds entries by a token’s hash, for owners only', async () => {
    for (const hash of ['one=', 'two=', 'three='])
      github.auditLog.add({
        action: 'git.clone',
        actor: 'app[bot]',
        actor_id: null,
        org: hash === 'three=' ? 'globex' : 'acme',
        hashed_token: hash,
      });
    const log = '/organizations/acme/settings/audit-log';
    const olivia = await signedIn('olivia');
    await olivia.get(log);
    expect(['one=', 'two=', 'three='].map((hash) => olivia.html.includes(hash))).toEqual([true, true, false]);
    await olivia.get(`${log}?${new URLSearchParams({ q: 'hashed_token:"two="' })}`);
    expect(olivia.html).toContain('>two=<');
    expect(olivia.html).not.toContain('one=');
    expect((await olivia.get('/organizations/globex/settings/audit-log')).status).toBe(404);
  });
});

describe('under other base paths', () => {
  it('keeps every link and redirect below them', async () => {
    const other = await startQuickly({
      webBasePath: '/gh',
      apiBasePath: '/gh/rest',
      app: { setupUrl: SETUP },
    });
    const olivia = new Browser(other);
    await olivia.post('/gh/login', { login: 'olivia' });
    await olivia.get(`/gh${permissions(ACME)}`);
    const links = [...olivia.html.matchAll(/(?:href|action|src)="(\/[^"]*)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((link) => !link.startsWith('/gh/'))).toEqual([]);
    expect(other.apiUrl).toMatch(/\/gh\/rest$/);
    expect((await request(other, 'GET', '/rate_limit')).status).toBe(200);
    expect((await request(other, 'GET', '/nothing')).status).toBe(501);
    await other.close();
  });
});
