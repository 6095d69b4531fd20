import { Webhooks } from '@octokit/webhooks';
import examples from '@octokit/webhooks-examples/api.github.com/index.json' with { type: 'json' };
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OfflineGitHub } from './start';
import { appJwt, type Received, request, startQuickly, startReceiver } from './testing';
import { signature } from './webhooks/sign';

let github: OfflineGitHub;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeEach(async () => {
  github = await startQuickly();
  receiver = await startReceiver();
  github.configureApp({ webhookUrl: receiver.url });
});
afterEach(async () => {
  await github.close();
  await receiver.close();
});

const names = () => receiver.received.map(({ event, payload }) => `${event}.${payload.action}`);
const last = (): Received => receiver.received.at(-1) ?? expect.fail('nothing was received');
const SHORT = ['full_name', 'id', 'name', 'node_id', 'private'];

/** Returns the keys that every real example of this event and action has. */
function realKeys(event: string, action: string): string[] {
  const found = examples.find(({ name }) => name === event)?.examples ?? [];
  const matching = (found as unknown as { action?: string }[]).filter((each) => each.action === action);
  const [first = {}, ...rest] = matching;
  expect(matching.length).toBeGreaterThan(0);
  return Object.keys(first).filter((key) => rest.every((each) => key in each));
}

describe('webhooks', () => {
  it('signs deliveries so that @octokit/webhooks verifies them with the right secret only', async () => {
    github.actions.install({ account: 'acme' });
    await github.flush();
    const { body, headers } = last();
    const given = String(headers['x-hub-signature-256']);
    expect(await new Webhooks({ secret: github.app.webhookSecret }).verify(body, given)).toBe(true);
    expect(await new Webhooks({ secret: 'another' }).verify(body, given)).toBe(false);
    expect(headers).toMatchObject({
      'x-github-event': 'installation',
      'x-github-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-github-hook-installation-target-id': String(github.app.id),
      'x-github-hook-installation-target-type': 'integration',
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
      connection: 'close',
    });
  });

  it('reproduces the signature that GitHub’s documentation gives as an example', () => {
    expect(signature("It's a Secret to Everybody", 'Hello, World!')).toBe(
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    );
  });

  it('signs requests for tests that send them themselves', async () => {
    github.configureApp({ webhookSecret: "It's a Secret to Everybody" });
    const { body, headers } = github.signDelivery('ping', { zen: 'Hello' }, { guid: 'g-1' });
    const webhooks = new Webhooks({ secret: "It's a Secret to Everybody" });
    expect(await webhooks.verify(body, headers['X-Hub-Signature-256'] ?? '')).toBe(true);
    expect(headers['X-GitHub-Delivery']).toBe('g-1');
  });

  it('sends payloads in GitHub’s shapes through the life of an installation', async () => {
    const { id } = github.actions.install({ account: 'acme', repositories: ['acme/api'] });
    github.actions.addRepositories({ installation: id, repositories: ['acme/web'] });
    github.actions.removeRepositories({ installation: id, repositories: ['acme/api'] });
    github.actions.suspend({ installation: id });
    github.actions.unsuspend({ installation: id });
    github.actions.changeAppPermissions({
      permissions: { contents: 'read', metadata: 'read', issues: 'read' },
    });
    github.actions.acceptPermissions({ installation: id });
    github.actions.uninstall({ installation: id });
    await github.flush();
    expect(names()).toEqual([
      'installation.created',
      'installation_repositories.added',
      'installation_repositories.removed',
      'installation.suspend',
      'installation.unsuspend',
      'installation.new_permissions_accepted',
      'installation.deleted',
    ]);
    const [created, added, , suspend] = receiver.received.map(({ payload }) => payload);
    expect(Object.keys(created?.repositories[0] ?? {}).sort()).toEqual(SHORT);
    expect(Object.keys(added?.repositories_added[0] ?? {}).sort()).toEqual(SHORT);
    expect(suspend?.repositories).toBeUndefined();
    expect(suspend?.installation.suspended_by.login).toBe('olivia');
    for (const { event, payload } of receiver.received) {
      const missing = realKeys(event, payload.action).filter((key) => !(key in payload));
      expect([event, payload.action, missing]).toEqual([event, payload.action, []]);
    }
  });

  it('names the requester after an owner’s approval', async () => {
    const { requestId } = github.actions.requestInstallation({ account: 'acme', by: 'mona' });
    const open = await request(github, 'GET', '/app/installation-requests', { token: appJwt(github) });
    expect(open.json).toMatchObject([{ account: { login: 'acme' }, requester: { login: 'mona' } }]);
    github.actions.approveRequest({ requestId, by: 'olivia' });
    await github.flush();
    expect(last().payload).toMatchObject({
      action: 'created',
      requester: { login: 'mona' },
      sender: { login: 'olivia' },
    });
    expect(github.state.installationRequests.size).toBe(0);
  });

  it('sends webhooks through the life of a repository, each with the installation', async () => {
    github.actions.install({ account: 'acme' });
    github.actions.createRepository({ account: 'acme', name: 'new' });
    github.actions.renameRepository({ repository: 'acme/new', name: 'newer' });
    await github.actions.changeDefaultBranch({ repository: 'acme/newer', branch: 'trunk' });
    github.actions.archiveRepository({ repository: 'acme/newer' });
    github.actions.unarchiveRepository({ repository: 'acme/newer' });
    github.actions.setVisibility({ repository: 'acme/newer', private: false });
    github.actions.setVisibility({ repository: 'acme/newer', private: true });
    await github.actions.deleteRepository({ repository: 'acme/newer' });
    await github.flush();
    const events = receiver.received
      .filter(({ event }) => event === 'repository')
      .map(({ payload }) => payload);
    expect(events.map(({ action }) => action)).toEqual([
      'created',
      'renamed',
      'edited',
      'archived',
      'unarchived',
      'publicized',
      'privatized',
      'deleted',
    ]);
    expect(events[1]?.changes).toEqual({ repository: { name: { from: 'new' } } });
    expect(events[2]?.changes).toEqual({ default_branch: { from: 'main' } });
    for (const { repository, installation } of events) {
      expect(repository).toMatchObject({ clone_url: expect.any(String), default_branch: expect.any(String) });
      expect(installation).toEqual({ id: expect.any(Number), node_id: expect.any(String) });
    }
    const real = examples.find(({ name }) => name === 'repository')?.examples ?? [];
    const renamed = (real as unknown as { action: string; repository: object }[]).find(
      ({ action }) => action === 'renamed',
    );
    expect(
      Object.keys(renamed?.repository ?? {}).filter((key) => !(key in (events[1]?.repository ?? {}))),
    ).toEqual([]);
  });

  it('reports a transfer to the new owner, and a removed repository to the former owner', async () => {
    github.actions.install({ account: 'acme', repositories: ['acme/api', 'acme/web'] });
    const gaining = github.actions.install({ account: 'initech' });
    github.actions.transferRepository({ repository: 'acme/api', to: 'initech', by: 'sam' });
    await github.flush();
    expect(names().slice(2)).toEqual([
      'installation_repositories.removed',
      'repository.transferred',
      'installation_repositories.added',
    ]);
    const transferred = receiver.received[3]?.payload;
    expect(transferred?.installation.id).toBe(gaining.id);
    expect(transferred?.changes.owner.from.organization.login).toBe('acme');
    expect(github.state.installationOf(github.state.account(30001))?.repositoryIds.size).toBe(1);
  });

  it('reports a renamed account', async () => {
    github.actions.install({ account: 'acme' });
    github.actions.renameAccount({ account: 'acme', login: 'acme-inc' });
    await github.flush();
    expect(last()).toMatchObject({
      event: 'installation_target',
      payload: { action: 'renamed', account: { login: 'acme-inc' }, changes: { login: { from: 'acme' } } },
    });
    expect(github.state.repositoryByName('acme-inc/api')).toBeDefined();
  });

  it('redelivers only on demand, with the same GUID', async () => {
    receiver.status = 500;
    github.actions.install({ account: 'acme' });
    await github.flush();
    expect(receiver.received).toHaveLength(1);
    const token = appJwt(github);
    const failed = await request(github, 'GET', '/app/hook/deliveries?status=failure', { token });
    expect(failed.json).toMatchObject([
      { status_code: 500, redelivery: false, event: 'installation', action: 'created' },
    ]);
    receiver.status = 202;
    const firstId = (text: string) => /"id":(\d+)/.exec(text)?.[1];
    const attempt = `/app/hook/deliveries/${firstId(failed.text)}/attempts`;
    expect((await request(github, 'POST', attempt, { token })).status).toBe(202);
    await github.flush();
    const [first, second] = receiver.received;
    expect(second?.guid).toBe(first?.guid);
    expect(second?.body).toBe(first?.body);
    const all = await request(github, 'GET', '/app/hook/deliveries', { token });
    expect(all.json[0]).toMatchObject({ redelivery: true, status: 'OK', guid: first?.guid });
    const detail = await request(github, 'GET', `/app/hook/deliveries/${firstId(all.text)}`, { token });
    expect(detail.json.request.payload.action).toBe('created');
    expect(detail.json.request.headers['X-Hub-Signature-256']).toMatch(/^sha256=/);
  });

  it('pages deliveries by cursor', async () => {
    for (let index = 0; index < 5; index += 1) github.actions.ping();
    const token = appJwt(github);
    const seen: string[] = [];
    let next: string | undefined = '/app/hook/deliveries?per_page=2';
    while (next !== undefined) {
      const answer = await request(github, 'GET', next, { token });
      seen.push(...[...answer.text.matchAll(/"id":(\d+)/g)].map(([, id]) => id ?? ''));
      next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen.map(BigInt)).toEqual([...seen.map(BigInt)].sort((a, b) => (a > b ? -1 : 1)));
  });

  it('logs deliveries but does not send them without a webhook URL, which the API can set', async () => {
    github.configureApp({ webhookUrl: null });
    github.actions.ping();
    await github.flush();
    expect(github.deliveries.list()).toMatchObject([
      { event: 'ping', status: 'no webhook URL', attempts: 0 },
    ]);
    const body = { url: receiver.url, secret: 'changed' };
    const config = await request(github, 'PATCH', '/app/hook/config', { token: appJwt(github), body });
    expect(config.json).toMatchObject({ url: receiver.url, secret: '********' });
    github.actions.ping();
    await github.flush();
    const webhooks = new Webhooks({ secret: 'changed' });
    expect(await webhooks.verify(last().body, String(last().headers['x-hub-signature-256']))).toBe(true);
  });
});

describe('webhook knobs', () => {
  const install = () => github.actions.install({ account: 'acme' }).id;
  const toggle = (id: number, times: number) => {
    for (let index = 0; index < times; index += 1) {
      github.actions.suspend({ installation: id });
      github.actions.unsuspend({ installation: id });
    }
  };

  it('drops all deliveries, or only the named events', async () => {
    github.knobs.set({ webhooks: { drop: 1, only: ['installation.suspend'] } });
    toggle(install(), 1);
    await github.flush();
    expect(names()).toEqual(['installation.created', 'installation.unsuspend']);
    expect(github.deliveries.list().map(({ status }) => status)).toContain('dropped by knob');
  });

  it('sends a delivery twice with the same GUID', async () => {
    github.knobs.set({ webhooks: { duplicate: 1 } });
    install();
    await github.flush();
    expect(receiver.received).toHaveLength(2);
    expect(new Set(receiver.received.map(({ guid }) => guid)).size).toBe(1);
  });

  it('holds deliveries until they are released', async () => {
    github.knobs.set({ webhooks: { hold: true } });
    install();
    await github.flush();
    expect(receiver.received).toHaveLength(0);
    expect(github.releaseWebhooks()).toBe(1);
    await github.flush();
    expect(names()).toEqual(['installation.created']);
  });

  it('delays deliveries', async () => {
    github.knobs.set({ webhooks: { delayMs: 150 } });
    const started = performance.now();
    install();
    await github.flush();
    expect(performance.now() - started).toBeGreaterThan(140);
    expect(receiver.received).toHaveLength(1);
  });

  it('shuffles deliveries in an order that depends only on the seed', async () => {
    const id = install();
    const orders: string[][] = [];
    for (const seed of [7, 7, 8]) {
      await github.flush();
      receiver.received.length = 0;
      github.knobs.set({ webhooks: { shuffle: true, seed } });
      toggle(id, 6);
      await github.flush();
      orders.push(names());
      github.knobs.reset();
    }
    const [first, again, other] = orders;
    expect(first).toHaveLength(12);
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect(first).not.toEqual(
      first?.map((_, index) => `installation.${index % 2 ? 'unsuspend' : 'suspend'}`),
    );
  });
});
