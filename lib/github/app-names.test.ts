/** The App's names as operators type them, and servers that accept only one of them. */
import { symbols } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { log } from '../observability/log';
import { appNames, forgetAppNames } from './app';
import { identifyApp } from './app-info';
import { callGitHub, forgetGitHub } from './client';
import { startTestGitHub } from './test-github';

/** The configured names, in another letter case than GitHub's. */
const github = await startTestGitHub(({ app }) => ({
  GITHUB_APP_CLIENT_ID: app.clientId.toUpperCase(),
  GITHUB_APP_SLUG: app.slug.toUpperCase(),
}));
const { clientId, slug } = github.app;

let lines: string[] = [];
beforeEach(() => {
  lines = [];
  const stream = Reflect.get(log, symbols.streamSym) as { write(line: string): void };
  vi.spyOn(stream, 'write').mockImplementation((line) => void lines.push(line));
  github.requests.clear();
  forgetGitHub();
  forgetAppNames();
});
afterEach(() => {
  github.configureApp({ clientId, slug, issuers: undefined });
});

const asked = () => github.requests.filter({ route: 'GET /app' }).map(({ status }) => status);
const ask = () => callGitHub({ as: 'app' }, 'GET /app', {});

it('takes client id and slug from GitHub where they differ in letter case only', async () => {
  expect(appNames()).toEqual({ clientId: clientId.toUpperCase(), slug: slug.toUpperCase() });
  expect(await identifyApp()).toBe('ours');
  expect(appNames()).toEqual({ clientId, slug });
  expect(lines).toEqual([]);
  // The client's credentials are accepted with it: an unknown token of a known client is 404 or 422, and not 401.
  const refused = await callGitHub({ as: 'client' }, 'DELETE /applications/{client_id}/token', {
    client_id: appNames().clientId,
    access_token: 'ghu_unknown',
  }).catch((error: unknown) => error);
  expect(refused).not.toMatchObject({ status: 401 });
});

it('identifies the App although a server omits slug and client id, as the description allows', async () => {
  const withoutNames = ({ json }: { json: unknown }) => {
    const { slug: _slug, client_id: _clientId, ...rest } = json as Record<string, unknown>;
    return { json: rest };
  };
  // The first response rejects the issuer.
  github.knobs.alterNextAnswers('GET /app', withoutNames, 2);
  expect(await identifyApp()).toBe('ours');
  expect(appNames()).toEqual({ clientId: clientId.toUpperCase(), slug: slug.toUpperCase() });
});

it('uses the App id from the first rejection on with a server that accepts no client id', async () => {
  github.configureApp({ clientId: clientId.toUpperCase(), issuers: 'id' });
  await Promise.all(Array.from({ length: 5 }, ask));
  expect(asked().filter((status) => status === 200)).toHaveLength(5);
  github.requests.clear();
  await ask();
  expect(asked()).toEqual([200]);
});

it('reports that a client id is another App’s, although the key is accepted', async () => {
  github.configureApp({ clientId: 'Iv23another' });
  expect(await identifyApp()).toBe('not_ours');
});

it('logs an error for a different slug, and continues', async () => {
  github.configureApp({ slug: 'renamed-app' });
  expect(await identifyApp()).toBe('ours');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      level: 'error',
      slug: 'renamed-app',
      msg: expect.stringContaining('GITHUB_APP_SLUG'),
    }),
  ]);
});

it('sends two requests at most when neither issuer is accepted', async () => {
  github.configureApp({ id: 999_999, clientId: 'Iv23another' });
  await expect(ask()).rejects.toThrow();
  expect(asked()).toHaveLength(2);
  github.requests.clear();
  await expect(ask()).rejects.toThrow();
  expect(asked()).toHaveLength(1);
});
