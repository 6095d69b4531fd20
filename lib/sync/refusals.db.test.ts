/** Tests the effect of every recorded refusal by GitHub on a mint, a sync, a reconcile pass and a connect attempt. */

import { REFUSALS, type RefusalAnswer, type RefusalName } from 'offline-github';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { handleCallback, handleSetup, startConnect } from '../connect/flow';
import { CONNECT_OUTCOMES } from '../connect/outcomes';
import { causeRow, GITHUB_CAUSES, type GitHubCause, isGitHubCause } from '../contract/github-causes';
import { getDb } from '../db/client';
import { forgetGitHub } from '../github/client';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';
import { PROBLEMS, Problem } from '../problem';
import {
  clearWorld,
  connectedScene,
  newPerson,
  type Scene,
  storedInstallation,
  storedNames,
} from '../testing/test-scene';
import { authorize, startTestWorld, TEST_BROWSER } from '../testing/test-world';
import { mintToken } from '../token/mint';
import { syncOnDemand } from './on-demand';
import { reconcile } from './reconcile';
import { syncInstallation } from './sync';

const world = await startTestWorld({ EGRESS_ADDRESSES: '192.0.2.10', GITHUB_TIMEOUT_MS: '10000' });
const { github } = world;

const MINT = 'POST /app/installations/{installation_id}/access_tokens';
const REVOKE = 'DELETE /installation/token';
const LIST = 'GET /installation/repositories';
const USER_LIST = 'GET /user/installations';
const EXCHANGE = 'POST /login/oauth/access_token';

let scene: Scene;

beforeEach(async () => {
  await clearWorld(world);
  forgetGitHub();
  scene = await connectedScene(world, {
    account: 'acme',
    by: 'olivia',
    repositories: ['acme/api', 'acme/web'],
  });
});

/** Reads all of the customer's state that a refusal might change, except a failed sync's stored error. */
async function customerState() {
  const { status, suspendedAt, deletedAt, syncRequestedAt, accountLogin, repositorySelection } =
    await storedInstallation(scene.installationId);
  const names = await storedNames(scene.installationId);
  return { status, suspendedAt, deletedAt, syncRequestedAt, accountLogin, repositorySelection, names };
}

async function mint(verify = false) {
  const { workspaceId, slug } = scene;
  const actor = await makeApiKeyActor({ id: workspaceId, slug });
  const request = { repositories: ['acme/api'], ...(verify ? { verify } : {}) };
  return mintToken({ workspaceId, actor, origin: TEST_ORIGIN, request });
}

async function thrown(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

/** Returns the message in GitHub's response. Only the log may contain it. */
function wordsOf(name: RefusalName): string | undefined {
  const answer: RefusalAnswer = REFUSALS[name];
  return answer.message;
}

/** All refusals except those that end or suspend an installation or belong to OAuth, which are tested separately. */
const NAMES = (Object.keys(REFUSALS) as RefusalName[]).filter(
  (name) => !name.startsWith('oauth-') && name !== 'not-found' && name !== 'installation-suspended',
);

describe('a mint', () => {
  it('reports the cause of GitHub’s refusal, and changes none of the customer’s state', async () => {
    for (const name of NAMES) {
      forgetGitHub();
      await getDb().installation.update({
        where: { id: scene.installationId },
        data: { syncRequestedAt: null },
      });
      const before = await customerState();
      const errors = vi.spyOn(log, 'error');
      github.knobs.failNext(MINT, { kind: 'refusal', name }, 2);
      const problem = await thrown(mint());
      github.knobs.reset();
      if (!(problem instanceof Problem)) throw new Error(`${name}: ${String(problem)}`);
      const { githubCause } = problem;
      if (githubCause === undefined) throw new Error(`${name} has no cause`);
      const row = causeRow(githubCause);
      expect([name, problem.code]).toEqual([name, row.code]);
      if (PROBLEMS[problem.code].status >= 500)
        expect([name, (problem.retryAfterSeconds ?? 0) > 0]).toEqual([name, true]);
      const words = wordsOf(name);
      if (words !== undefined) expect([name, problem.message.includes(words)]).toEqual([name, false]);
      const alarms = errors.mock.calls.filter(
        ([fields]) => (fields as { fault?: string }).fault === 'operator',
      );
      expect([name, alarms.length > 0]).toEqual([name, row.fault === 'operator']);
      errors.mockRestore();
      const { syncRequestedAt, ...after } = await customerState();
      expect([name, { ...after, syncRequestedAt: before.syncRequestedAt }]).toEqual([name, before]);
      expect([name, syncRequestedAt !== null]).toEqual([name, row.effect === 'asks']);
    }
    await expect(mint()).resolves.toHaveProperty('token');
  });

  it('suspends the installation only if GitHub uses its exact words for a suspended one', async () => {
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'random-403' });
    expect(await thrown(mint())).toMatchObject({ code: 'github_error' });
    expect((await storedInstallation(scene.installationId)).status).toBe('active');
    github.knobs.failNext(MINT, { kind: 'refusal', name: 'installation-suspended' });
    expect(await thrown(mint())).toMatchObject({ code: 'installation_suspended' });
    expect((await storedInstallation(scene.installationId)).status).toBe('suspended');
  });
});

describe('a mint with verify', () => {
  it('releases the token if only our own address is blocked by an IP allow list', async () => {
    github.knobs.failNext(LIST, { kind: 'refusal', name: 'ip-allow-list' }, 10);
    await expect(mint(true)).resolves.toHaveProperty('token');
    expect(github.requests.filter({ route: REVOKE })).toEqual([]);
  });

  it('revokes the token and passes GitHub’s wait on to the caller', async () => {
    github.knobs.failNext(LIST, { kind: 'refusal', name: 'secondary-limit' });
    expect(await thrown(mint(true))).toMatchObject({ code: 'github_unavailable', retryAfterSeconds: 17 });
    expect(github.requests.filter({ route: LIST })).toHaveLength(1);
    expect(github.requests.filter({ route: REVOKE, status: 204 })).toHaveLength(1);
  });
});

describe('handing a token back', () => {
  it('does not treat a proxy’s 401 as proof that the token has expired', async () => {
    const { endToken } = await import('../github/tokens');
    const { token } = await mint();
    for (const name of ['proxy-unauthorized', 'random-401', 'app-unknown'] as const) {
      github.knobs.failNext(REVOKE, { kind: 'refusal', name });
      expect(await thrown(endToken(token, false))).toBeInstanceOf(GitHubError);
    }
    github.knobs.failNext(REVOKE, { kind: 'refusal', name: 'bad-credentials' });
    expect(await endToken(token, false)).toBe('was_over');
  });
});

describe('a sync', () => {
  it('stores the cause of GitHub’s refusal for the card, and changes nothing else', async () => {
    for (const name of NAMES) {
      forgetGitHub();
      const before = await customerState();
      github.knobs.failNext(LIST, { kind: 'refusal', name }, 2);
      const outcome = await syncInstallation(scene.installationId);
      github.knobs.reset();
      expect([name, outcome]).toEqual([name, 'failed']);
      const { syncError } = await storedInstallation(scene.installationId);
      expect([name, isGitHubCause(syncError ?? '')]).toEqual([name, true]);
      expect([name, await customerState()]).toEqual([name, before]);
    }
  });

  it('tells the caller about an IP allow list, and stores it for the card', async () => {
    github.knobs.failNext(LIST, { kind: 'refusal', name: 'ip-allow-list' });
    const problem = await thrown(syncOnDemand(scene.workspaceId, scene.installationId, scene.actor));
    expect(problem).toMatchObject({ code: 'github_error', githubCause: 'ip_allow_list' });
    expect((await storedInstallation(scene.installationId)).syncError).toBe('ip_allow_list');
  });
});

describe('a pass', () => {
  it('changes no installation, whatever GitHub’s refusal', async () => {
    for (const name of [...NAMES, 'not-found', 'installation-suspended'] as const) {
      forgetGitHub();
      const before = await customerState();
      await getDb().$executeRaw`UPDATE reconcile_state SET retry_at = NULL, error = NULL, checked_at = NULL`;
      github.knobs.failNext('GET /app/installations', { kind: 'refusal', name }, 2);
      const error = await thrown(reconcile());
      github.knobs.reset();
      expect([name, error instanceof GitHubError]).toEqual([name, true]);
      expect([name, await customerState()]).toEqual([name, before]);
    }
  });
});

describe('a connect attempt', () => {
  async function attempt() {
    const person = await newPerson('eve');
    const { workspaceId, actor } = person;
    const url = await startConnect({
      workspaceId,
      actor,
      origin: TEST_ORIGIN,
      browser: TEST_BROWSER,
      intent: 'link',
    });
    return { actor, answer: await authorize(github, 'eve', url) };
  }

  const outcomeOf = (page: string) => new URL(page, 'http://app.test').searchParams;

  it.each([
    [EXCHANGE, 'oauth-client', 'our_app_refused'],
    [EXCHANGE, 'oauth-redirect', 'our_app_refused'],
    [EXCHANGE, 'oauth-suspended', 'our_app_refused'],
    [EXCHANGE, 'oauth-code', 'authorization_failed'],
    [EXCHANGE, 'oauth-email', 'email_unverified'],
    [EXCHANGE, 'oauth-denied', 'access_denied'],
    [EXCHANGE, 'oauth-random', 'github_refused'],
    [EXCHANGE, 'secondary-limit', 'github_limited'],
    [EXCHANGE, 'bad-gateway', 'github_unavailable'],
    [EXCHANGE, 'captive-portal', 'github_refused'],
    [EXCHANGE, 'proxy-not-found', 'github_refused'],
    [USER_LIST, 'ip-allow-list', 'ip_allow_list'],
    [USER_LIST, 'saml-required', 'saml_required'],
    [USER_LIST, 'account-suspended', 'github_account_suspended'],
    [USER_LIST, 'maintenance', 'github_unavailable'],
    [USER_LIST, 'random-403', 'github_refused'],
  ] as const)('ends, if %s fails with %s, on a page that says %s', async (route, name, outcome) => {
    const { actor, answer } = await attempt();
    const before = await customerState();
    github.knobs.failNext(route, { kind: 'refusal', name });
    const page = await handleCallback(answer, actor, TEST_ORIGIN, TEST_BROWSER);
    expect(outcomeOf(page).get('notice')).toBe(outcome);
    expect(CONNECT_OUTCOMES).toHaveProperty(outcome);
    expect(await customerState()).toEqual(before);
  });

  it('links to single sign-on if an organization requires it, and only to GitHub’s own page', async () => {
    for (const [url, sso] of [
      [`${github.webUrl}/orgs/acme/sso?authorization_request=x`, '/orgs/acme/sso'],
      ['https://evil.example/orgs/acme/sso', null],
    ] as const) {
      const { actor, answer } = await attempt();
      const headers = { 'X-GitHub-SSO': `required; url=${url}` };
      github.knobs.failNext(USER_LIST, { kind: 'refusal', name: 'saml-required', headers });
      const query = outcomeOf(await handleCallback(answer, actor, TEST_ORIGIN, TEST_BROWSER));
      expect([url, query.get('notice'), query.get('sso')]).toEqual([url, 'saml_required', sso]);
    }
  });

  it.each([
    ['access_denied', 'access_denied'],
    ['application_suspended', 'our_app_refused'],
    ['redirect_uri_mismatch', 'our_app_refused'],
    ['<script>alert(1)</script>', 'github_refused'],
    ['constructor', 'github_refused'],
  ])('shows GitHub’s error %s as one of our own codes', async (error, outcome) => {
    const { actor, answer } = await attempt();
    const page = await handleCallback(
      { code: undefined, state: answer.state, error },
      actor,
      TEST_ORIGIN,
      TEST_BROWSER,
    );
    expect(outcomeOf(page).get('notice')).toBe(outcome);
    expect(page).not.toContain('script');
  });

  it('does not call an installation foreign if GitHub only blocked our address', async () => {
    const { workspaceId, actor } = await newPerson('olivia');
    for (const [name, outcome] of [
      ['ip-allow-list', 'ip_allow_list'],
      ['random-403', 'github_refused'],
    ] as const) {
      const first = await startConnect({
        workspaceId,
        actor,
        origin: TEST_ORIGIN,
        browser: TEST_BROWSER,
        intent: 'install',
      });
      const state = new URL(first).searchParams.get('state') ?? '';
      const setup = { installationId: scene.installationId, setupAction: 'install', state } as const;
      const answer = await authorize(
        github,
        'olivia',
        await handleSetup(setup, actor, TEST_ORIGIN, TEST_BROWSER),
      );
      github.knobs.failNext('GET /app/installations/{installation_id}', { kind: 'refusal', name });
      const page = await handleCallback(answer, actor, TEST_ORIGIN, TEST_BROWSER);
      expect(outcomeOf(page).get('notice')).toBe(outcome);
    }
  });
});

it('lets only three causes change a customer’s stored data', () => {
  const changing = (Object.keys(GITHUB_CAUSES) as GitHubCause[]).filter(
    (cause) => causeRow(cause).effect !== 'none',
  );
  expect(changing.sort()).toEqual(['installation_suspended', 'not_found', 'repositories_not_accessible']);
});
