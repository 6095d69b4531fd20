/** Breaks the public origin, the webhook and single connections, and shows that each check turns red. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startStore } from '../../local/services/store';
import { makeWorkspace } from '../auth/test-fixtures';
import { assertAppIdentity } from '../db/app-identity';
import { execute, sql } from '../db/sql';
import { forgetAppNames } from '../github/app';
import { forgetGitHub } from '../github/client';
import { startTestAppServer } from '../testing/test-app-server';
import { connectedScene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { connectionChecks } from './connection-checks';
import { createFacts, runChecks } from './run';
import { findingOf } from './test-findings';

const app = await startTestAppServer();
const store = await startStore();
afterAll(() => store.close());
const world = await startTestWorld({
  NEXTAUTH_URL: app.origin,
  REDIS_URL: '',
  UPSTASH_REDIS_REST_URL: store.url,
  UPSTASH_REDIS_REST_TOKEN: store.token,
});
const { github } = world;
await assertAppIdentity();
github.configureApp({
  webhookUrl: `${app.origin}/api/github/webhooks`,
  setupUrl: `${app.origin}/api/github/setup`,
  callbackUrls: [`${app.origin}/api/github/callback`],
});
const registered = structuredClone(github.app);
const otherSecret = randomBytes(32).toString('base64url');

beforeEach(() => {
  app.failWith(undefined);
  github.configureApp(registered);
  github.knobs.reset();
  forgetGitHub();
  forgetAppNames();
});

/** Makes GitHub deliver something that the app accepts and that changes nothing. */
async function deliver(): Promise<void> {
  const { id } = github.actions.install({ account: 'globex', by: 'eve' });
  await github.flush();
  github.actions.uninstall({ installation: id });
  await github.flush();
}

const GREEN = [
  'origin',
  'origin-ready',
  'webhook-secret',
  'webhook-url',
  'webhook-settings',
  'webhook-ping',
  'webhook-deliveries',
  'webhook-redelivery',
  'proxy-hops',
  'egress-addresses',
  'key',
  'key-rotation',
];

describe('the way in', () => {
  it.each(GREEN)('finds nothing wrong with a sound environment: %s', async (id) => {
    github.deliveries.clear();
    await deliver();
    expect(await findingOf(id)).toEqual({ id, status: 'ok', found: expect.any(String), todo: '' });
  });

  it.each<[id: string, what: string, breakIt: () => unknown, status: string, found: RegExp]>([
    ['origin', 'a proxy without a replica', () => app.failWith(502), 'fail', /status 502/],
    [
      'webhook-url',
      'a webhook of another environment',
      () => github.configureApp({ webhookUrl: 'https://other.test/api/github/webhooks' }),
      'fail',
      /other\.test/,
    ],
    ['webhook-url', 'no webhook', () => github.configureApp({ webhookUrl: null }), 'fail', /no webhook URL/],
    [
      'webhook-settings',
      'a webhook without a secret',
      () => alterHook({ secret: undefined }),
      'fail',
      /does not sign/,
    ],
    [
      'webhook-settings',
      'certificates that are not verified',
      () => alterHook({ insecure_ssl: '1' }),
      'fail',
      /certificate/,
    ],
    ['webhook-settings', 'a form', () => alterHook({ content_type: 'form' }), 'warn', /form/],
    ['webhook-ping', 'an app that does not take deliveries', () => app.failWith(503), 'fail', /status 503/],
    [
      'webhook-redelivery',
      'another secret at GitHub',
      async () => {
        await deliver();
        github.configureApp({ webhookSecret: otherSecret });
      },
      'fail',
      /status 401, the signature is wrong/,
    ],
    [
      'webhook-deliveries',
      'deliveries that were refused',
      async () => {
        app.failWith(404);
        await deliver();
      },
      'fail',
      /status 404, nothing is at this URL/,
    ],
    ['webhook-deliveries', 'no delivery at all', () => github.deliveries.clear(), 'warn', /no delivery/],
    [
      'key-rotation',
      'a key that GitHub does not list',
      () => github.knobs.failNext('GET /app', { kind: 'refusal', name: 'app-key' }, 9),
      'fail',
      /none of the configured keys/,
    ],
  ])('turns %s red by %s', async (id, _, breakIt, status, found) => {
    await breakIt();
    const finding = await findingOf(id);
    expect(finding).toMatchObject({ id, status, found: expect.stringMatching(found) });
    expect(finding.todo).not.toBe('');
  });

  it('reports failed deliveries as a warning once later ones were accepted', async () => {
    github.deliveries.clear();
    app.failWith(502);
    await deliver();
    app.failWith(undefined);
    await deliver();
    expect(await findingOf('webhook-deliveries')).toMatchObject({
      status: 'warn',
      found: expect.stringMatching(/^2 of the last 4 deliveries failed.*a proxy reached no replica/),
    });
  });

  it('turns origin-ready red by a store that only the replica does not reach', async () => {
    await store.knobs.refuse(true);
    expect(await findingOf('origin-ready')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('redis'),
    });
    await store.knobs.refuse(false);
  });
});

/** Changes what GitHub returns as the webhook's configuration. */
function alterHook(changes: Record<string, unknown>): void {
  github.knobs.alterNextAnswers('GET /app/hook/config', ({ json }) => ({
    json: { ...(json as object), ...changes },
  }));
}

describe('the URLs that users come back to', () => {
  it('asks for a comparison until a user has come back from GitHub, and then says when', async () => {
    await execute('work', sql`DELETE FROM connect_attempts`);
    for (const [id, url] of [
      ['app-setup-url', `${app.origin}/api/github/setup`],
      ['app-callback-url', `${app.origin}/api/github/callback`],
    ] as const)
      expect(await findingOf(id)).toMatchObject({
        status: 'warn',
        todo: expect.stringMatching(
          new RegExp(`^Open ${github.webUrl}/organizations/.*/settings/apps/${github.app.slug} .*${url}\\.`),
        ),
      });
    await connectedScene(world, { account: 'initech', by: 'sam' });
    expect(await findingOf('app-setup-url')).toMatchObject({ status: 'ok' });
    expect(await findingOf('app-callback-url')).toMatchObject({ status: 'ok' });
  });
});

describe('a connection', () => {
  it('names the accounts at which permissions are pending', async () => {
    expect(await findingOf('app-accounts')).toMatchObject({ status: 'ok' });
    github.configureApp({ permissions: { metadata: 'read' } });
    const { id } = github.actions.install({ account: 'globex', by: 'eve' });
    github.configureApp(registered);
    expect(await findingOf('app-accounts')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('pending at globex.'),
    });
    github.actions.uninstall({ installation: id });
  });

  const findConnections = async (slug: string) => {
    const before = await runChecks([], createFacts());
    return runChecks(await connectionChecks(slug), createFacts(), { earlier: before });
  };

  it('reads each connection, and gives the cause from the table when GitHub refuses', async () => {
    const { slug, installationId } = await connectedScene(world, { account: 'acme', by: 'olivia' });
    const id = `connection-${installationId}`;
    expect(await findConnections(slug)).toEqual([
      { id, status: 'ok', found: expect.stringMatching(/^acme: its \d+ repositories/), todo: '' },
    ]);

    const list = 'GET /installation/repositories';
    for (const [cause, name, todo] of [
      ['ip_allow_list', 'ip-allow-list', /IP allow list on GitHub/],
      ['saml_required', 'saml-required', /Sign in/],
    ] as const) {
      github.knobs.failNext(list, { kind: 'refusal', name }, 2);
      expect(await findConnections(slug)).toMatchObject([
        { status: 'fail', found: expect.stringContaining(cause), todo: expect.stringMatching(todo) },
      ]);
      github.knobs.reset();
    }

    github.knobs.alterNextAnswers(
      'GET /app/installations/{installation_id}',
      ({ json }) => ({ json: { ...(json as object), permissions: { metadata: 'read' } } }),
      2,
    );
    expect(await findConnections(slug)).toMatchObject([
      { status: 'fail', found: 'acme has not accepted contents: read.' },
    ]);

    // No delivery tells the app of what follows.
    github.configureApp({ webhookUrl: null });
    github.actions.suspend({ installation: installationId });
    expect(await findConnections(slug)).toMatchObject([
      {
        status: 'fail',
        found: expect.stringContaining('installation_suspended'),
        todo: expect.stringContaining('Unsuspend'),
      },
    ]);
    github.actions.unsuspend({ installation: installationId });

    github.actions.uninstall({ installation: installationId });
    expect(await findConnections(slug)).toMatchObject([
      { status: 'fail', found: expect.stringContaining('not_found') },
    ]);
  });

  it('says so when a workspace has no connection or does not exist', async () => {
    const { slug } = await makeWorkspace('admin');
    expect(await findConnections(slug)).toMatchObject([{ id: 'connections', status: 'warn' }]);
    expect(await findConnections('nobody')).toMatchObject([{ id: 'connections', status: 'fail' }]);
  });
});
