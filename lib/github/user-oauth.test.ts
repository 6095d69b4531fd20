import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { metrics } from '../observability/metrics';
import { getAppInfo } from './app-info';
import { forgetGitHub } from './client';
import { GitHubError } from './errors';
import { startTestGitHub } from './test-github';
import { withGitHubUser } from './user-oauth';

const EXCHANGE = 'POST /login/oauth/access_token';
const json = { 'content-type': 'application/json' };

/**
 * The response of a stand-in for GitHub's web origin. As on github.com, the web origin and the API have different
 * hosts.
 */
let answer: (response: ServerResponse) => unknown;
let asked = 0;
const web = createServer((_, response) => {
  asked++;
  answer(response);
}).listen(0, '127.0.0.1');
await once(web, 'listening');
const webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
const github = await startTestGitHub(() => ({ GITHUB_WEB_URL: webUrl, GITHUB_TIMEOUT_MS: '10000' }));

afterAll(() => {
  web.closeAllConnections();
  web.close();
});

beforeEach(() => {
  github.knobs.reset();
  forgetGitHub();
  asked = 0;
});

const unavailable = (response: ServerResponse) =>
  response.writeHead(503, json).end('{"message":"Unavailable"}');
const refusedCode = (response: ServerResponse) =>
  response.writeHead(200, json).end('{"error":"bad_verification_code"}');

async function failure(work: () => Promise<unknown>): Promise<GitHubError> {
  const error: unknown = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GitHubError)) throw new Error(`no error of GitHub: ${String(error)}`);
  return error;
}

const exchange = () => failure(() => withGitHubUser('code', 'state', async () => 'never'));

/** Returns the classes for which GitHub counts as down, each with its host. */
async function down(): Promise<string[]> {
  const { values } = await metrics.githubDown.get();
  return values.flatMap(({ labels, value }) => (value === 1 ? `${labels.host} ${labels.class}` : []));
}

describe('the exchange of a code', () => {
  it.each([
    ['a refused code', refusedCode, 'unauthorized', undefined],
    ['500', (to: ServerResponse) => to.writeHead(500).end(), 'unavailable', 5],
    ['a cut connection', (to: ServerResponse) => to.destroy(), 'unavailable', 5],
    ['no answer', () => {}, 'unavailable', 5],
    ['HTML with status 502', (to: ServerResponse) => to.writeHead(502).end('<html>'), 'unavailable', 5],
    [
      'HTML with status 200',
      (to: ServerResponse) => to.writeHead(200).end('<html>'),
      'unexpected',
      undefined,
    ],
    [
      '429 with a wait',
      (to: ServerResponse) => to.writeHead(429, { 'retry-after': '17' }).end(),
      'rate_limited',
      17,
    ],
  ])('is attempted only once and fails like any other call after %s', async (_, misbehave, kind, wait) => {
    answer = misbehave;
    expect(await exchange()).toMatchObject({ kind, retryAfterSeconds: wait, route: EXCHANGE });
    expect(asked).toBe(1);
  });

  it('reads a form-encoded response as well as JSON', async () => {
    const form = (body: string) => (to: ServerResponse) =>
      to.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }).end(body);
    answer = form('error=bad_verification_code&error_description=The+code+is+incorrect');
    expect(await exchange()).toMatchObject({ reason: 'code_refused', route: EXCHANGE });
    answer = form('error=incorrect_client_credentials&error_description=x');
    expect(await exchange()).toMatchObject({ reason: 'oauth_client_refused', route: EXCHANGE });
    answer = form('access_token=ghu_of_nobody&scope=&token_type=bearer');
    expect(await exchange()).toMatchObject({ reason: 'token_refused', route: 'GET /user' });
  });

  it('counts the exchange in the metrics for calls to GitHub', async () => {
    answer = refusedCode;
    const count = async () =>
      (await metrics.githubCalls.get()).values.find(
        ({ labels }) =>
          labels.route === EXCHANGE && labels.outcome === 'unauthorized' && labels.asked === 'yes',
      )?.value ?? 0;
    const before = await count();
    await exchange();
    expect(await count()).toBe(before + 1);
  });
});

describe('web origin and API on different hosts', () => {
  it('pauses calls to a web host that is down and still calls the API', async () => {
    answer = unavailable;
    for (let n = 0; n < 10; n++) expect((await exchange()).kind).toBe('unavailable');
    expect(asked).toBe(5);
    expect(await down()).toEqual(['web connect']);
    await expect(getAppInfo()).resolves.toMatchObject({ id: github.app.id });
  });

  it('pauses calls to an API that is down and still exchanges codes', async () => {
    answer = refusedCode;
    github.knobs.failNext('GET /app', { kind: 'status', status: 503 }, 100);
    for (let n = 0; n < 10; n++) expect((await failure(getAppInfo)).kind).toBe('unavailable');
    expect(github.requests.filter({ route: 'GET /app', status: 503 }).length).toBeLessThanOrEqual(5);
    expect(await down()).toEqual(['api app']);
    expect((await exchange()).kind).toBe('unauthorized');
  });
});
