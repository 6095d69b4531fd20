/**
 * Tests client ids and slugs configured in a different letter case from GitHub's, and servers that accept only one kind
 * of issuer.
 */
import { symbols } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { log } from '../observability/log';
import { appNames, forgetAppNames } from './app';
import { identifyApp } from './app-info';
import { callGitHub, forgetGitHub } from './client';
import { startTestGitHub } from './test-github';

/** The configured names differ from GitHub's in letter case. */
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

it('adopts GitHub’s spelling of client id and slug where only the letter case differs', async () => {
  expect(appNames()).toEqual({ clientId: clientId.toUpperCase(), slug: slug.toUpperCase() });
  expect(await identifyApp()).toBe('ours');
  expect(appNames()).toEqual({ clientId, slug });
  expect(lines).toEqual([]);
  // GitHub accepts this client id: it answers 404 or 422 for an unknown token, but 401 for an unknown client.
  const refused = await callGitHub({ as: 'client' }, 'DELETE /applications/{client_id}/token', {
    client_id: appNames().clientId,
    access_token: 'ghu_unknown',
  }).catch((error: unknown) => error);
  expect(refused).not.toMatchObject({ status: 401 });
});

it('identifies the App although a server omits the optional slug and client id', async () => {
  const withoutNames = ({ json }: { json: unknown }) => {
    const { slug: _slug, client_id: _clientId, ...rest } = json as Record<string, unknown>;
    return { json: rest };
  };
  // Alter two responses, because the first response rejects the issuer.
  github.knobs.alterNextAnswers('GET /app', withoutNames, 2);
  expect(await identifyApp()).toBe('ours');
  expect(appNames()).toEqual({ clientId: clientId.toUpperCase(), slug: slug.toUpperCase() });
});

it('signs as the App id after a server has rejected the client id', async () => {
  github.configureApp({ clientId: clientId.toUpperCase(), issuers: 'id' });
  await Promise.all(Array.from({ length: 5 }, ask));
  expect(asked().filter((status) => status === 200)).toHaveLength(5);
  github.requests.clear();
  await ask();
  expect(asked()).toEqual([200]);
});

it('reports that the client id belongs to another App, although GitHub accepts the key', async () => {
  github.configureApp({ clientId: 'Iv23another' });
  expect(await identifyApp()).toBe('not_ours');
});

it('logs an error for a different slug and still identifies the App', async () => {
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

it('sends at most two requests when GitHub accepts neither issuer', async () => {
  github.configureApp({ id: 999_999, clientId: 'Iv23another' });
  await expect(ask()).rejects.toThrow();
  expect(asked()).toHaveLength(2);
  github.requests.clear();
  await expect(ask()).rejects.toThrow();
  expect(asked()).toHaveLength(1);
});
