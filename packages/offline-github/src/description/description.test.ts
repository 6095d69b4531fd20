import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { OfflineGitHub } from '../start';
import { appJwt, mintToken, request, startQuickly } from '../testing';
import { checkAnswer, checkRequest, checkWebhook, operationOf } from './check';
import { assertNoComplaints } from './complaints';
import { UNDESCRIBED_ROUTES, WRONG_SCHEMAS } from './exceptions';
import { answersOf, payloadsOf } from './generate';
import { findOperation } from './operations';

const APP = { 'User-Agent': 'some-client/1.0' };
let github: OfflineGitHub;
afterEach(async () => {
  github?.complaints.take();
  await github?.close();
});

const words = (of: OfflineGitHub) =>
  of.complaints.take().map(({ kind, where, what }) => `${kind} ${where}: ${what}`);

/**
 * Installs the App, then gives the installation a repository selection that doesn't exist on GitHub. Returns its id.
 */
function breakInstallation(of: OfflineGitHub): number {
  const { id } = of.actions.install({ account: 'acme' });
  const installation = of.state.installations.get(id);
  Object.assign(installation ?? {}, { selection: 'some' });
  return id;
}

describe('the offline GitHub', () => {
  it('detects when its own response violates GitHub’s description', async () => {
    github = await startQuickly();
    const id = breakInstallation(github);
    await request(github, 'GET', `/app/installations/${id}`, { token: appJwt(github) });
    expect(words(github)).toEqual([
      'answer GET /app/installations/{installation_id}: /repository_selection must be equal to one of the allowed values (["all","selected"])',
    ]);
  });

  it('detects when its own webhook violates GitHub’s description', async () => {
    github = await startQuickly();
    github.actions.suspend({ installation: breakInstallation(github) });
    expect(words(github)).toContainEqual(
      expect.stringContaining('webhook installation.suspend: /installation/repository_selection must be'),
    );
  });

  it('fails the test that caused a complaint, or else the close of its server', async () => {
    github = await startQuickly();
    await request(github, 'GET', '/app?surprise=1', { token: appJwt(github), headers: APP });
    expect(assertNoComplaints).toThrow('request GET /app: query / must NOT have additional properties');
    expect(assertNoComplaints).not.toThrow();
    await request(github, 'GET', '/app?surprise=1', { token: appJwt(github), headers: APP });
    await expect(github.close()).rejects.toThrow('not as GitHub describes itself');
  });

  it('ends its process with exit code 1 and prints the complaint', async () => {
    const child = spawn(process.execPath, ['packages/offline-github/bin/offline-github.mjs', '--json']);
    const [line] = await once(child.stdout, 'data');
    const { apiUrl } = JSON.parse(String(line)) as { apiUrl: string };
    await fetch(`${apiUrl}/app/no-such-thing`, { headers: APP });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += String(chunk);
    });
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(errors).toContain('GitHub describes no GET /app/no-such-thing');
  });

  it('does not complain about a response that a knob breaks on purpose', async () => {
    github = await startQuickly();
    github.knobs.failNext('GET /app', { kind: 'status', status: 418 });
    await request(github, 'GET', '/app', { token: appJwt(github), headers: APP });
    expect(words(github)).toEqual([]);
  });
});

describe('a request from the app', () => {
  it.each([
    ['an unknown operation', 'GET', '/installations', undefined, 'GitHub describes no GET /installations'],
    ['a misspelt parameter', 'GET', '/app/installations?perpage=1', undefined, 'query / must NOT have'],
    [
      'a parameter of the wrong type',
      'GET',
      '/app/installations?page=one',
      undefined,
      'query /page must be integer',
    ],
    [
      'an id that is no number',
      'GET',
      '/app/installations/acme',
      undefined,
      'path /installation_id must be integer',
    ],
    ['a body where none is read', 'DELETE', '/installation/token', { token: 'x' }, 'body is sent where'],
  ])('causes a complaint: %s', async (_, method, path, body, complaint) => {
    github = await startQuickly();
    await request(github, method, path, { token: appJwt(github), headers: APP, body });
    expect(words(github)).toContainEqual(expect.stringContaining(complaint));
  });

  it.each([
    [
      'a field that GitHub ignores',
      { permission: {} },
      'body / must NOT have additional properties ("permission")',
    ],
    ['an unknown permission', { permissions: { code: 'read' } }, 'body /permissions must NOT have'],
    [
      'a name where an id belongs',
      { repository_ids: ['acme/api'] },
      'body /repository_ids/0 must be integer',
    ],
  ])('causes a complaint for a mint with %s', async (_, body, complaint) => {
    github = await startQuickly();
    const { id } = github.actions.install({ account: 'acme' });
    const path = `/app/installations/${id}/access_tokens`;
    await request(github, 'POST', path, { token: appJwt(github), headers: APP, body });
    expect(words(github)).toContainEqual(expect.stringContaining(complaint));
  });

  it('is not checked when a test sends it, because tests send invalid requests on purpose', async () => {
    github = await startQuickly();
    await request(github, 'GET', '/app?surprise=1', { token: appJwt(github) });
    expect(words(github)).toEqual([]);
  });
});

describe('an exception', () => {
  it('is needed, because GitHub’s description lacks the route or rejects the real response', async () => {
    for (const { heldTo } of UNDESCRIBED_ROUTES) expect(findOperation('GET', heldTo)).not.toBeNull();
    expect(findOperation('GET', '/repositories/1')).toBeNull();
    expect(findOperation('GET', '/repos/acme/api/contents')).toBeNull();
    for (const name of Object.keys(WRONG_SCHEMAS)) {
      const [, route = '', status = ''] = /^(.*) (\d+)$/.exec(name) ?? [];
      github = await startQuickly();
      const { id } = github.actions.install({ account: 'acme' });
      await mintToken(github, id);
      const { text } = await request(github, 'GET', '/app/installations', { token: appJwt(github) });
      const operation = findOperation('GET', '/app/installations')?.operation;
      if (!operation) throw new Error('no operation');
      const asDescribed = { ...operation, name: 'as it is described' };
      const answer = { status: Number(status), contentType: 'application/json', text, link: null };
      expect(checkAnswer(asDescribed, answer), route).not.toEqual([]);
    }
  });
});

/** The responses that the app reads. */
const READ = [
  ['GET /app', 200],
  ['GET /app/installations', 200],
  ['GET /app/installations/{installation_id}', 200],
  ['POST /app/installations/{installation_id}/access_tokens', 201],
  ['GET /app/installation-requests', 200],
  ['GET /installation/repositories', 200],
  ['GET /user', 200],
  ['GET /user/installations', 200],
  ['GET /user/installations/{installation_id}/repositories', 200],
  ['GET /app/hook/deliveries', 200],
] as const;
const SENT = [
  'installation-created',
  'installation-deleted',
  'installation-suspend',
  'installation-unsuspend',
  'installation-new-permissions-accepted',
  'installation-repositories-added',
  'installation-repositories-removed',
  'installation-target-renamed',
  'repository-created',
  'repository-deleted',
  'repository-renamed',
  'repository-transferred',
  'github-app-authorization-revoked',
] as const;
const RUNS = { numRuns: 20 };

describe('data generated from the description', () => {
  it.each(READ)('generates only responses that the description allows: %s %i', (route, status) => {
    const [method = '', path = ''] = route.split(' ');
    const operation = operationOf({ method, path: path.replace('{installation_id}', '1') });
    if (!operation) throw new Error(`no ${route}`);
    fc.assert(
      fc.property(answersOf(route, status), (value) => {
        const answer = { status, contentType: 'application/json', text: JSON.stringify(value), link: null };
        expect(checkAnswer(operation, answer)).toEqual([]);
      }),
      RUNS,
    );
  });

  it.each(SENT)('generates only payloads that the description allows: %s', (name) => {
    const payloads = payloadsOf(name);
    const [event = '', action] = splitEvent(name);
    fc.assert(
      fc.property(payloads, (payload) => {
        const given = payload as Record<string, unknown>;
        expect(checkWebhook(event, { ...given, ...(action && { action }) })).toEqual([]);
      }),
      RUNS,
    );
  });
});

function splitEvent(name: string): [string, string | undefined] {
  const events = [
    'github_app_authorization',
    'installation_repositories',
    'installation_target',
    'installation',
    'repository',
  ];
  const dashed = name.replaceAll('-', '_');
  const event = events.find((each) => dashed.startsWith(each)) ?? dashed;
  return [event, dashed.slice(event.length + 1) || undefined];
}

it('matches an operation by its literal parts before its variables', () => {
  expect(findOperation('GET', '/app/hook/config')?.operation.name).toBe('GET /app/hook/config');
  expect(findOperation('GET', '/repos/Acme-Labs/.github/contents/a/b.md')?.values).toEqual({
    owner: 'Acme-Labs',
    repo: '.github',
    path: 'a/b.md',
  });
  expect(checkRequest({ method: 'PUT', path: '/app', query: {}, body: undefined })).toEqual([
    'GitHub describes no PUT /app',
  ]);
});
