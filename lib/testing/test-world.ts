/** Runs the app's connection and token code against a real PostgreSQL and the offline GitHub, for `*.db.test.ts`. */

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OfflineGitHub, type OfflineGitHubOptions, startOfflineGitHub } from 'offline-github';
import { afterAll } from 'vitest';
import { HttpBrowser } from '../../local/clients/http-browser';
import { testPrivateKey } from '../../local/test/private-key';
import type { UserActor } from '../actor';
import { startTestApp, TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { handleCallback, handleSetup, startConnect } from '../connect/flow';
import { isSignedByGitHub, readSignature } from '../http/signed-body';
import { endCheck } from '../installation/confirm-end';
import { leaseTime } from '../sync/lease';
import { syncInBackground, syncPause } from '../sync/queue';
import { compareSoon } from '../sync/reconcile';
import { receiveDelivery } from '../webhooks/receive';

const APP = 'http://localhost:3000';

/** The browser key shared by all users in these tests, as if they all started connecting in the same browser. */
export const TEST_BROWSER = 'the-key-of-a-browser-that-began-to-connect';

export type TestWorld = {
  github: OfflineGitHub;
  environment: Record<string, string>;
  /** With `syncsFollow: false`, each delivery is committed, but the sync that it requests never starts. */
  receiver: { syncsFollow: boolean };
};

/** Starts a GitHub that delivers webhooks to this process, and sets up the app's code with a database. */
export async function startTestWorld(
  overrides: Record<string, string> = {},
  paths: Pick<OfflineGitHubOptions, 'apiBasePath' | 'webBasePath'> = {},
  prepare?: (environment: Record<string, string>) => Record<string, string>,
): Promise<TestWorld> {
  endCheck.patienceMs = 120_000;
  leaseTime.seconds = 600;
  syncPause.ms = 0;
  const receiver = { syncsFollow: true };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const header = (name: string) => request.headers[name]?.toString() ?? null;
    const body = Buffer.concat(chunks);
    try {
      const { webhookSecrets } = getConfig().github;
      const signature = readSignature(header('x-hub-signature-256'));
      if (signature === undefined || !isSignedByGitHub(body, signature, webhookSecrets))
        throw new Error('not signed');
      const { toSync, toCompare } = await receiveDelivery({
        id: header('x-github-delivery'),
        event: header('x-github-event'),
        body,
        origin: { requestId: randomUUID(), clientIp: '192.0.2.1', userAgent: header('user-agent') },
      });
      if (receiver.syncsFollow) await Promise.all(toSync.map(syncInBackground));
      if (receiver.syncsFollow && toCompare) await compareSoon();
      response.writeHead(202).end();
    } catch {
      response.writeHead(500).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const github = await startOfflineGitHub({
    ...paths,
    app: {
      privateKey: testPrivateKey(),
      webhookUrl: `http://127.0.0.1:${port}/`,
      setupUrl: `${APP}/api/github/setup`,
      callbackUrls: [`${APP}/api/github/callback`],
    },
  });
  afterAll(async () => {
    await github.close();
    server.close();
  });
  const { app } = github;
  const variables = {
    GITHUB_APP_ID: String(app.id),
    GITHUB_APP_SLUG: app.slug,
    GITHUB_APP_CLIENT_ID: app.clientId,
    GITHUB_APP_CLIENT_SECRET: app.clientSecret,
    GITHUB_APP_PRIVATE_KEY: app.privateKey,
    GITHUB_WEBHOOK_SECRET: app.webhookSecret,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_WEB_URL: github.webUrl,
    GITHUB_TIMEOUT_MS: '60000',
    ...overrides,
  };
  const environment = await startTestApp(variables, prepare);
  return { github, environment, receiver };
}

/** Returns a browser that is signed in to GitHub as `login`. It stops at the redirect back to the app. */
export async function githubBrowser(github: OfflineGitHub, login: string): Promise<HttpBrowser> {
  const browser = new HttpBrowser((url) => url.origin !== new URL(github.webUrl).origin);
  await browser.open(`${github.webUrl}/login`);
  await browser.press(`Sign in as ${login}`);
  return browser;
}

type Person = { actor: UserActor; workspaceId: string; login: string };

/**
 * Goes through GitHub's authorize page.
 *
 * @returns the parameters that the callback receives
 */
export async function authorize(
  github: OfflineGitHub,
  login: string,
  url: string,
): Promise<{ code: string | undefined; state: string | undefined; error: string | undefined }> {
  const browser = await githubBrowser(github, login);
  await browser.open(url);
  if (browser.url.origin === new URL(github.webUrl).origin) {
    if (browser.status !== 200) throw new Error(`GitHub refused to authorize: ${browser.text}`);
    await browser.press(`Authorize ${github.app.name}`);
  }
  const query = browser.url.searchParams;
  const get = (name: string) => query.get(name) ?? undefined;
  return { code: get('code'), state: get('state'), error: get('error') };
}

/**
 * Connects GitHub as `login`. `claimed` is the installation id that the browser claims at the Setup URL. If it is
 * omitted, the flow is "Link it".
 *
 * @returns the outcome that the settings page receives
 */
export async function connect(
  { github }: TestWorld,
  { actor, workspaceId, login }: Person,
  claimed?: number,
): Promise<string | null> {
  const intent = claimed === undefined ? 'link' : 'install';
  const first = await startConnect({
    browser: TEST_BROWSER,
    workspaceId,
    actor,
    origin: TEST_ORIGIN,
    intent,
  });
  const state = new URL(first).searchParams.get('state') ?? '';
  const authorizeAt =
    claimed === undefined
      ? first
      : await handleSetup(
          { installationId: claimed, setupAction: 'install', state },
          actor,
          TEST_ORIGIN,
          TEST_BROWSER,
        );
  const page = await handleCallback(
    await authorize(github, login, authorizeAt),
    actor,
    TEST_ORIGIN,
    TEST_BROWSER,
  );
  return new URL(page, APP).searchParams.get('notice');
}
