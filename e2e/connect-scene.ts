/** Starts a server for `connect-*.spec.ts`, and plays the people who connect GitHub in a browser. */
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { createControlClient } from 'offline-github';
import pg from 'pg';
import { type OwnServer, startOwnServer } from './server/own-server';

const ORGANIZATION = 'acme';

/** A server just for one spec file, with the steps that take a browser from our settings page to GitHub and back. */
export class ConnectScene {
  #addresses = 0;

  private constructor(
    readonly server: OwnServer,
    readonly database: pg.Client,
  ) {}

  /** Starts the server. Reconcile runs only on request, and a test can choose its client's IP address. */
  static async start(): Promise<ConnectScene> {
    const server = await startOwnServer({ TRUSTED_PROXY_HOPS: '1', RECONCILE_INTERVAL_SECONDS: '0' });
    const database = new pg.Client({ connectionString: server.services.database.ownerUrl });
    await database.connect();
    return new ConnectScene(server, database);
  }

  get github() {
    return this.server.services.github;
  }

  get env() {
    return this.server.services.env;
  }

  /** Removes all installations, requests and authorizations, and resets the local GitHub's knobs. */
  async clear(): Promise<void> {
    const { state, actions, knobs, requests } = this.github;
    knobs.reset();
    for (const { id } of [...state.installations.values()]) actions.uninstall({ installation: id });
    for (const { id } of [...state.installationRequests.values()]) actions.denyRequest({ requestId: id });
    for (const login of ['olivia', 'mona', 'rahul', 'eve', 'sam'])
      await Promise.resolve()
        .then(() => actions.revokeAuthorization({ login }))
        .catch(() => {});
    await this.github.flush();
    requests.clear();
  }

  /** Gives the browser a new IP address, because the connect routes are rate-limited per IP address. */
  async comeFromElsewhere(context: BrowserContext): Promise<void> {
    await context.setExtraHTTPHeaders({ 'x-forwarded-for': `192.0.2.${++this.#addresses}` });
  }

  url(path: string): string {
    return `${this.server.app.url}${path}`;
  }

  async signInAtGitHub(page: Page, login: string): Promise<void> {
    await page.goto(`${this.github.webUrl}/login`);
    await page.getByRole('button', { name: `Sign in as ${login}` }).click();
  }

  /** Goes from our settings page to GitHub's authorize page, installing the App on `acme` on the way. */
  async installOnAcme(page: Page, slug: string): Promise<void> {
    await page.goto(this.url(`/w/${slug}/settings/github`));
    await page.getByRole('button', { name: 'Connect GitHub' }).click();
    await page.getByRole('link', { name: ORGANIZATION }).click();
    await page.getByRole('button', { name: 'Install' }).click();
    await page.waitForURL(/\/login\/oauth\/authorize/);
    await this.github.flush();
  }

  /** Presses "Link it" on our settings page, which goes straight to GitHub's authorize page. */
  async link(page: Page, slug: string): Promise<void> {
    await page.goto(this.url(`/w/${slug}/settings/github`));
    await page.getByRole('button', { name: 'Link it' }).click();
    await page.waitForURL(/\/login\/oauth\/authorize/);
  }

  /** Opens the Setup URL with an installation id, which the user may or may not own, and completes the flow. */
  async claim(page: Page, workspaceName: string, installationId: number): Promise<void> {
    const query = new URLSearchParams({ installation_id: String(installationId), setup_action: 'install' });
    await page.goto(this.url(`/api/github/setup?${query}`));
    await page.getByRole('button', { name: `Connect to ${workspaceName}` }).click();
    await page.waitForURL(/\/login\/oauth\/authorize/);
    await this.authorize(page);
  }

  async authorize(page: Page): Promise<void> {
    await page.getByRole('button', { name: /^Authorize/ }).click();
    await page.waitForURL((url) => url.origin === new URL(this.server.app.url).origin);
  }

  installOnAcmeAtGitHub(by = 'olivia'): number {
    return this.github.actions.install({ account: ORGANIZATION, by }).id;
  }

  async expectNothingBoundTo(slug: string): Promise<void> {
    const { rows } = await this.database.query(
      'SELECT i.id FROM installations i JOIN workspaces w ON w.id = i.workspace_id WHERE w.slug = $1',
      [slug],
    );
    expect(rows).toEqual([]);
  }

  /** Expects that the app revoked this many user tokens, and that none is still valid. */
  async expectUserTokensRevoked(given: number): Promise<void> {
    const route = 'DELETE /applications/{client_id}/token';
    expect(this.github.requests.filter({ route, status: 204 })).toHaveLength(given);
    const { liveTokens } = await createControlClient(this.github.webUrl).state();
    expect(liveTokens.filter(({ kind }) => kind === 'user')).toEqual([]);
  }

  async close(): Promise<void> {
    await this.database.end();
    await this.server.close();
  }
}
