/** Tests every known rejection, sent over HTTP and read through Octokit, for each kind of call. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REFUSALS, type RefusalName } from 'offline-github';
import { beforeEach, describe, expect, it } from 'vitest';
import { GITHUB_CAUSES, type GitHubCause } from '../contract/github-causes';
import { metrics } from '../observability/metrics';
import { getAppInfo, identifyApp } from './app-info';
import { callGitHub, forgetGitHub } from './client';
import { GitHubError, githubProblem, toGitHubError } from './errors';
import { readWait, recognise } from './recognise';
import { startTestGitHub } from './test-github';
import { createInstallationToken } from './tokens';
import { withGitHubUser } from './user-oauth';

const github = await startTestGitHub(() => ({ EGRESS_ADDRESSES: '192.0.2.10, 2001:db8::/32' }));
const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const EXCHANGE = 'POST /login/oauth/access_token';

beforeEach(() => {
  github.knobs.reset();
  forgetGitHub();
});

async function refused(work: () => Promise<unknown>): Promise<GitHubError> {
  const error: unknown = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GitHubError)) throw new Error(`no refusal: ${String(error)}`);
  return error;
}

const mint = () => createInstallationToken(1, { permissions: { contents: 'read' } });
const asUser = () => callGitHub({ as: 'user', token: 'ghu_x' }, 'GET /user', {});

/** The expected cause for each rejection of a call made as the App, and the expected wait if there is one. */
const AS_APP: Record<Exclude<RefusalName, `oauth-${string}`>, [cause: GitHubCause, waitSeconds?: number]> = {
  'secondary-limit': ['rate_limited', 17],
  'secondary-limit-429': ['rate_limited', 17],
  'secondary-limit-without-wait': ['rate_limited', 60],
  'abuse-detected': ['rate_limited', 17],
  'primary-limit': ['rate_limited'],
  'primary-limit-429': ['rate_limited'],
  'mint-over-used': ['rate_limited', 17],
  'mint-over-used-nothing-left': ['rate_limited'],
  'unauthorized-with-wait': ['rate_limited', 17],
  'server-error-with-wait': ['github_unavailable', 17],
  'installation-suspended': ['installation_suspended'],
  'account-suspended': ['account_suspended'],
  'app-suspended': ['app_suspended'],
  'app-unknown': ['app_unknown'],
  'app-issuer': ['app_unknown'],
  'app-issuer-missing': ['app_unknown'],
  'app-key': ['app_key_refused'],
  'app-without-key': ['app_key_refused'],
  'too-many-requests': ['rate_limited', 60],
  'app-clock': ['app_clock_off'],
  'app-clock-older': ['app_clock_off'],
  'bad-credentials': ['app_credentials_refused'],
  'permissions-not-granted': ['permissions_not_granted'],
  'not-accessible': ['resource_not_accessible'],
  'repositories-not-accessible': ['repositories_not_accessible'],
  'not-found': ['not_found'],
  'ip-allow-list': ['ip_allow_list'],
  'saml-required': ['saml_required'],
  'legal-block': ['repository_blocked'],
  'access-blocked': ['repository_blocked'],
  maintenance: ['github_maintenance', 60],
  'bad-gateway': ['github_unavailable', 5],
  'empty-502': ['github_unavailable', 5],
  'captive-portal': ['unreadable_answer'],
  'captive-portal-511': ['github_unavailable'],
  'proxy-forbidden': ['not_github'],
  'proxy-not-found': ['not_github'],
  'proxy-unauthorized': ['not_github'],
  'proxy-authentication': ['proxy_refused'],
  'gateway-json': ['github_error'],
  'wrong-content-type': ['not_github'],
  'empty-403': ['not_github'],
  'redirect-301': ['moved'],
  'redirect-307': ['moved'],
  'not-modified': ['not_github'],
  gone: ['github_error'],
  'random-403': ['github_error'],
  'random-422': ['github_error'],
  'random-401': ['github_error'],
  'random-404': ['github_error'],
  'random-418': ['github_error'],
};

describe('a rejection by GitHub', () => {
  it.each(Object.entries(AS_APP) as [RefusalName, [GitHubCause, number?]][])(
    '%s is reported with its own cause and wait',
    async (name, [cause, wait]) => {
      const inSeconds = Math.floor(Date.now() / 1000) + 17;
      github.knobs.failNext(
        MINT,
        { kind: 'refusal', name, headers: { 'X-RateLimit-Reset': String(inSeconds) } },
        2,
      );
      const error = await refused(mint);
      expect(error.reason).toBe(cause);
      const row = GITHUB_CAUSES[cause];
      expect([error.kind, githubProblem(error).code]).toEqual([row.kind, row.code]);
      if (wait !== undefined) expect(error.retryAfterSeconds).toBe(wait);
    },
  );

  it.each(['primary-limit', 'primary-limit-429', 'mint-over-used-nothing-left'] as const)(
    '%s requires a wait until the limit resets',
    async (name) => {
      const headers = { 'X-RateLimit-Reset': String(Math.floor(Date.now() / 1000) + 600) };
      github.knobs.failNext(MINT, { kind: 'refusal', name, headers });
      const { retryAfterSeconds } = await refused(mint);
      expect(retryAfterSeconds).toBeGreaterThan(500);
      expect(retryAfterSeconds).toBeLessThanOrEqual(601);
    },
  );

  it.each([
    ['in another letter case', (words: string) => words.toUpperCase()],
    ['without a dot', (words: string) => words.replace(/\.$/, '')],
    ['with a dot', (words: string) => `${words.replace(/\.$/, '')}.`],
    ['with other spaces', (words: string) => ` ${words.replaceAll(' ', '\n ')} `],
  ])('is recognised by its message %s', (_, change) => {
    const asked = { route: MINT, headers: {} };
    for (const [name, [cause]] of Object.entries(AS_APP)) {
      const answer: { status: number; message?: string; headers?: object } = REFUSALS[name as RefusalName];
      if (answer.message === undefined || answer.headers !== undefined) continue;
      const data = { message: change(answer.message) };
      expect([name, recognise({ ...asked, status: answer.status, data })]).toEqual([name, cause]);
    }
  });

  it('blames the user for bad credentials or a suspended account only if a user token was sent', async () => {
    github.knobs.failNext('GET /user', { kind: 'refusal', name: 'bad-credentials' });
    expect((await refused(asUser)).reason).toBe('token_refused');
    github.knobs.failNext('GET /user', { kind: 'refusal', name: 'account-suspended' });
    expect((await refused(asUser)).reason).toBe('user_suspended');
  });

  it('has an unknown cause if message and status are random, and its message is not shown', () => {
    for (let n = 0; n < 2000; n++) {
      const status = 400 + Math.floor(Math.random() * 100);
      if ([407, 429, 451].includes(status)) continue;
      const message = `The ${Math.random().toString(36)} has been ${Math.random().toString(36)}`;
      const error = toGitHubError(MINT, httpError(status, { message }));
      expect([status, message, error.reason]).toEqual([status, message, 'github_error']);
      const problem = githubProblem(error);
      expect([problem.code, problem.message.includes(message)]).toEqual(['github_error', false]);
    }
  });

  it('names the missing permission, and our addresses for an IP allow list', async () => {
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'not-accessible' });
    expect(githubProblem(await refused(mint)).message).toContain('“contents: read”');
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'ip-allow-list' });
    expect(githubProblem(await refused(mint)).message).toContain('192.0.2.10, 2001:db8::/32');
  });

  it('links to single sign-on only on GitHub’s own host, and without a query', async () => {
    const path = '/orgs/acme/sso';
    for (const [url, ssoPath] of [
      [`${github.webUrl}${path}?authorization_request=abc`, path],
      [`${github.webUrl}/enterprises/acme/sso`, '/enterprises/acme/sso'],
      [`https://evil.example${path}`, undefined],
      [`${github.webUrl}.evil.example${path}`, undefined],
      [`${github.webUrl}/login?return_to=/orgs/acme/sso`, undefined],
      ['javascript:alert(1)', undefined],
    ] as const) {
      const headers = { 'X-GitHub-SSO': `required; url=${url}` };
      github.knobs.failNext('GET /user', { kind: 'refusal', name: 'random-403', headers });
      const error = await refused(asUser);
      expect([url, error.reason, error.details.ssoPath]).toEqual([url, 'saml_required', ssoPath]);
    }
  });

  it('counts rejections of the App itself separately in the metrics', async () => {
    const alarms = async () =>
      (await metrics.githubRefusals.get()).values
        .filter(({ labels }) => labels.fault === 'operator')
        .reduce((sum, { value }) => sum + value, 0);
    const before = await alarms();
    // The app retries with the other issuer, so GitHub sends the rejection twice, but the metric must count it once.
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'app-unknown' }, 2);
    await refused(mint);
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'random-403' });
    await refused(mint);
    expect(await alarms()).toBe(before + 1);
  });
});

describe('no response', () => {
  it('is reported as a rejection by our proxy if the proxy sent one, otherwise as an outage', () => {
    const told = (text: string) => toGitHubError(MINT, new Error(text)).reason;
    expect(told('Proxy response (407) !== 200 when HTTP Tunneling')).toBe('proxy_refused');
    expect(told('fetch failed')).toBe('github_unavailable');
  });
});

describe('the identity of the App', () => {
  it.each([
    ['app-unknown', 'not_ours'],
    ['app-key', 'not_ours'],
    ['bad-credentials', 'not_ours'],
    ['app-clock', 'unknown'],
    ['app-suspended', 'unknown'],
    ['account-suspended', 'unknown'],
    ['ip-allow-list', 'unknown'],
    ['proxy-forbidden', 'unknown'],
    ['proxy-unauthorized', 'unknown'],
    ['random-403', 'unknown'],
    ['random-401', 'unknown'],
    ['captive-portal', 'unknown'],
    ['redirect-301', 'unknown'],
  ] as const)('is concluded only from GitHub’s own messages: %s', async (name, identity) => {
    github.knobs.failNext('GET /app', { kind: 'refusal', name }, 2);
    expect(await identifyApp()).toBe(identity);
  });
});

describe('the exchange of a code', () => {
  it.each([
    ['oauth-client', 'oauth_client_refused', 'incorrect_client_credentials'],
    ['oauth-redirect', 'oauth_redirect_mismatch', 'redirect_uri_mismatch'],
    ['oauth-suspended', 'app_suspended', 'application_suspended'],
    ['oauth-code', 'code_refused', 'bad_verification_code'],
    ['oauth-email', 'email_unverified', 'unverified_user_email'],
    ['oauth-denied', 'authorization_denied', 'access_denied'],
    ['oauth-device', 'oauth_request_refused', 'device_flow_disabled'],
    ['oauth-random', 'github_error', 'the_moon_is_wrong'],
    ['bad-gateway', 'github_unavailable', undefined],
    ['captive-portal', 'unreadable_answer', undefined],
    ['secondary-limit', 'rate_limited', undefined],
    ['redirect-307', 'moved', undefined],
    ['proxy-not-found', 'not_github', undefined],
  ] as const)('reports %s as %s, and logs GitHub’s code', async (name, cause, code) => {
    github.knobs.failNext(EXCHANGE, { kind: 'refusal', name });
    const error = await refused(() => withGitHubUser('code', 'state', async () => 'never'));
    expect(error.reason).toBe(cause);
    if (code !== undefined) expect(error.details.words).toBe(code);
  });

  it('reports an unknown client id as a fault of ours', async () => {
    const { clientId } = github.app;
    github.configureApp({ clientId: 'Iv1.another' });
    try {
      const error = await refused(() => withGitHubUser('code', 'state', async () => 'never'));
      expect(error.reason).toBe('oauth_client_refused');
    } finally {
      github.configureApp({ clientId });
    }
  });
});

describe('a redirect', () => {
  it('is not followed, so neither credentials nor bodies reach its target', async () => {
    const received: string[] = [];
    const elsewhere = createServer((request, response: ServerResponse) => {
      received.push(`${request.method} ${request.url}`);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    try {
      const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
      for (const name of ['redirect-301', 'redirect-307'] as const) {
        for (const route of [MINT, 'GET /app', EXCHANGE])
          github.knobs.failNext(route, { kind: 'refusal', name, headers: { Location: url } });
        for (const work of [mint, getAppInfo, () => withGitHubUser('code', 'state', async () => 'never')])
          expect((await refused(work)).reason).toBe('moved');
      }
      expect(received).toEqual([]);
    } finally {
      elsewhere.close();
    }
  });
});

describe('a JWT whose times an older server rejects', () => {
  it('is signed again once, after the clock is corrected', async () => {
    github.knobs.set({ clockOffsetMs: -600_000 });
    github.requests.clear();
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'app-clock-older' });
    await mint().catch(() => {});
    expect(github.requests.filter({ route: MINT })).toHaveLength(2);
  });
});

describe('the Retry-After header', () => {
  const now = Date.parse('2026-11-29T12:00:00Z');
  it.each([
    ['17', 17],
    ['1.2', 2],
    ['0', 1],
    ['86400', 3600],
    ['17, 17', 17],
    ['5,60', 60],
    ['Sun, 29 Nov 2026 12:01:30 GMT', 90],
    ['Sun, 29 Nov 2026 11:00:00 GMT', 1],
    ['Mon, 30 Nov 2026 12:00:00 GMT', 3600],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('is read as at most an hour when it is %s', (header, seconds) => {
    expect(readWait(header, now)).toBe(seconds);
  });
});

/** Creates the error that Octokit throws for a response with this status and body. */
function httpError(status: number, data: unknown): Error {
  return Object.assign(new Error('refused'), { name: 'HttpError', status, response: { headers: {}, data } });
}
