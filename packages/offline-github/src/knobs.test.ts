import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createControlClient } from './control-client';
import { type OfflineGitHub, startOfflineGitHub } from './start';
import { appJwt, mintToken, request, startReceiver } from './testing';

const MINT = 'POST /app/installations/{installation_id}/access_tokens';
let github: OfflineGitHub;
let installationId: number;
beforeAll(async () => {
  github = await startOfflineGitHub();
  installationId = github.actions.install({ account: 'acme' }).id;
});
beforeEach(() => {
  github.knobs.reset();
  github.requests.clear();
});
afterAll(() => github.close());

const ask = (path = '/app') => request(github, 'GET', path, { token: appJwt(github) });

describe('knobs', () => {
  it('delays one route and no other', async () => {
    github.knobs.latency('GET /app', 200);
    const started = performance.now();
    await ask();
    expect(performance.now() - started).toBeGreaterThan(190);
    expect(github.knobs.latencyOf('GET /app/installations')).toBe(0);
    github.knobs.latency('GET /app', 0);
    expect(github.knobs.latencyOf('GET /app')).toBe(0);
  });

  it('fails the next n calls with a status, then lets calls pass again', async () => {
    github.knobs.failNext('GET /app', { kind: 'status', status: 502 }, 2);
    expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([502, 502, 200]);
  });

  it('accepts routes in the notation of GitHub’s reference, with * as a wildcard', async () => {
    github.knobs.failNext(MINT, { kind: 'status', status: 500 });
    await expect(mintToken(github, installationId)).rejects.toThrow('500');
    github.knobs.failNext('* /app/*', { kind: 'status', status: 503 });
    expect((await ask('/app/installations')).status).toBe(503);
    expect(github.requests.filter({ route: MINT })).toHaveLength(1);
  });

  it('returns HTML instead of JSON', async () => {
    github.knobs.failNext('GET /app', { kind: 'html' });
    const answer = await ask();
    expect(answer.status).toBe(502);
    expect(answer.headers.get('content-type')).toContain('text/html');
  });

  it('cuts the connection', async () => {
    github.knobs.failNext('GET /app', { kind: 'cut' });
    await expect(ask()).rejects.toThrow('fetch failed');
    expect(github.requests.filter({ route: 'GET /app' })).toMatchObject([{ status: null }]);
    expect((await ask()).status).toBe(200);
  });

  it('loses the response to a request that took effect', async () => {
    const live = () => github.state.installations.get(installationId)?.suspendedAt;
    const suspend = () =>
      request(github, 'PUT', `/app/installations/${installationId}/suspended`, { token: appJwt(github) });
    const route = 'PUT /app/installations/{installation_id}/suspended';
    github.knobs.failNext(route, { kind: 'cut' });
    await expect(suspend()).rejects.toThrow('fetch failed');
    expect(live()).toBeNull();
    github.knobs.failNext(route, { kind: 'cut', afterEffect: true });
    await expect(suspend()).rejects.toThrow('fetch failed');
    expect(live()).not.toBeNull();
    github.actions.unsuspend({ installation: installationId });
  });

  it('lets a request hang until the client gives up', async () => {
    github.knobs.failNext('GET /app', { kind: 'hang' });
    github.requests.clear();
    const client = new AbortController();
    const hanging = expect(fetch(`${github.apiUrl}/app`, { signal: client.signal })).rejects.toThrow(
      'aborted',
    );
    await expect.poll(() => github.requests.filter({ route: 'GET /app' })).toHaveLength(1);
    client.abort();
    await hanging;
    expect((await ask()).status).toBe(200);
  });

  it('holds a response until its release or a reset of the knobs', async () => {
    const first = github.knobs.holdNextAnswer('GET /app');
    const second = github.knobs.holdNextAnswer('GET /app');
    const answers: number[] = [];
    const asking = [0, 1].map(async (which) => {
      await ask();
      answers.push(which);
    });
    await Promise.all([first.arrived, second.arrived]);
    expect(answers).toEqual([]);
    first.release();
    await Promise.race(asking);
    expect(answers).toHaveLength(1);
    github.knobs.reset();
    await Promise.all(asking);
    github.knobs.holdNextAnswer('GET /app');
    github.knobs.reset();
    expect((await ask()).status).toBe(200);
  });

  it('limits requests with GitHub’s headers and messages', async () => {
    github.knobs.failNext('GET /app', { kind: 'secondary-rate-limit', retryAfterSeconds: 7 });
    const secondary = await ask();
    expect(secondary.status).toBe(403);
    expect(secondary.headers.get('retry-after')).toBe('7');
    github.knobs.failNext('GET /app', { kind: 'primary-rate-limit', resetInSeconds: 60 });
    const primary = await ask();
    expect(primary.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(primary.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 + 55);
    github.knobs.set({ rateLimit: { remaining: 1 } });
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 403]);
  });

  it('delays the replication of a token', async () => {
    github.knobs.set({ replicationLagMs: 60_000, replicationStatus: 403 });
    const token = await mintToken(github, installationId);
    const list = () => request(github, 'GET', '/installation/repositories', { token });
    expect((await list()).status).toBe(403);
    github.knobs.set({ clockOffsetMs: 61_000 });
    expect((await list()).status).toBe(200);
  });

  it('grants more permissions than requested', async () => {
    github.knobs.set({ widenPermissions: { contents: 'write' } });
    const { json } = await request(github, 'POST', `/app/installations/${installationId}/access_tokens`, {
      token: appJwt(github),
      body: { permissions: { contents: 'read' } },
    });
    expect(json.permissions).toEqual({ contents: 'write', metadata: 'read' });
  });

  it('widens a mint that names repositories', async () => {
    const mint = async (widenRepositories: 'one_more' | 'all' | 'unsaid' | 'selection') => {
      github.knobs.set({ widenRepositories });
      const { json } = await request(github, 'POST', `/app/installations/${installationId}/access_tokens`, {
        token: appJwt(github),
        body: { repositories: ['api'] },
      });
      const readable = await request(github, 'GET', '/installation/repositories', { token: json.token });
      return [json.repository_selection, json.repositories?.length, readable.json.total_count];
    };
    expect(await mint('one_more')).toEqual(['selected', 2, 2]);
    expect(await mint('all')).toEqual(['all', 3, 3]);
    expect(await mint('unsaid')).toEqual([undefined, undefined, 3]);
    expect(await mint('selection')).toEqual(['all', 1, 1]);
  });

  it('shifts the clock', async () => {
    github.knobs.set({ clockOffsetMs: 3_600_000 });
    const answer = await request(github, 'GET', '/rate_limit');
    expect(Date.parse(answer.headers.get('date') ?? '') - Date.now()).toBeGreaterThan(3_590_000);
  });
});

describe('the request list', () => {
  it('records route, caller and body of each request, without credentials', async () => {
    const body = { repository_ids: [], permissions: { contents: 'read' } };
    const path = `/app/installations/${installationId}/access_tokens`;
    await request(github, 'POST', path, { token: appJwt(github), body });
    expect(github.requests.filter({ route: MINT })).toMatchObject([
      { method: 'POST', status: 201, auth: 'app', body, installationId, path: `/api/v3${path}` },
    ]);
    await request(github, 'GET', '/app', { token: 'ghs_unknown' });
    expect(github.requests.filter({ status: 401 })).toMatchObject([{ auth: 'invalid' }]);
  });
});

describe('control from another process', () => {
  it('drives actions, knobs, requests, deliveries and the App', async () => {
    const control = createControlClient(github.webUrl);
    const receiver = await startReceiver();
    await control.configureApp({ webhookUrl: receiver.url });
    const { id, repositories } = await control.actions.install({
      account: 'globex',
      repositories: ['globex/reactor'],
    });
    await control.flush();
    expect(repositories).toEqual(['globex/reactor']);
    expect(receiver.received).toHaveLength(1);
    await control.knobs.failNext('GET /app', { kind: 'status', status: 500 });
    expect((await ask()).status).toBe(500);
    expect(await control.requests.filter({ status: 500 })).toHaveLength(1);
    await control.knobs.set({ webhooks: { hold: true } });
    await control.actions.uninstall({ installation: id });
    expect(await control.deliveries.release()).toBe(1);
    await control.flush();
    expect((await control.deliveries.list()).at(-1)).toMatchObject({
      event: 'installation',
      action: 'deleted',
      status: 'OK',
    });
    expect((await control.state()).installations.map(({ account }) => account)).toEqual(['acme']);
    expect(await control.headOf('acme/api')).toBe(await github.headOf('acme/api'));
    await expect(control.actions.install({ account: 'nobody' })).rejects.toThrow('no account nobody');
    expect(await control.auditLog({ action: 'integration_installation.destroy' })).toHaveLength(1);
    await control.configureApp({ webhookUrl: null });
    await receiver.close();
  });

  it('rejects a form that a foreign page submits', async () => {
    const answer = await fetch(`${github.webUrl}/_control/actions/ping`, {
      method: 'POST',
      body: new URLSearchParams(),
    });
    expect(answer.status).toBe(415);
  });
});
