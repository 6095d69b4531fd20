import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { USER_AGENT } from '../../lib/github/app';
import { fetchOutgoing, openConnections } from '../../lib/github/connections';
import { appManifest, MAX_APP_NAME } from '../app-manifest';
import { command, UsageError } from '../command';

const origin = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

/** GitHub creates a key pair before it responds. */
const CONVERSION_TIMEOUT_MS = 30_000;

/** As long as GitHub's code is valid: one hour. */
const GIVE_UP_AFTER_MS = 60 * 60 * 1000;

const Conversion = z.object({
  id: z.int(),
  slug: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  webhook_secret: z.string(),
  pem: z.string(),
});

/**
 * Registers an App from a manifest. The operator clicks a button in a browser on this machine. Then the command prints
 * the App's secrets once, as configuration variables for the operator's secret store. It stores neither the secrets nor
 * GitHub's code, because the code alone is enough to get the private key.
 */
export const githubRegister = command({
  summary:
    'Register a GitHub App for this environment; prints its variables, secrets included, for a secret store',
  usage:
    '--name NAME --url https://pulsestream.example [--organization ORG] [--web-url URL] [--api-url URL] [--port N]',
  isOffline: () => true,
  options: z.strictObject({
    name: z.string().min(1).max(MAX_APP_NAME),
    url: origin,
    organization: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,39}$/)
      .optional(),
    'web-url': origin.default('https://github.com'),
    'api-url': origin.default('https://api.github.com'),
    port: z
      .string()
      .regex(/^\d{1,5}$/)
      .default('0')
      .transform(Number),
  }),
  async run({ name, url, organization, 'web-url': webUrl, 'api-url': apiUrl, port }) {
    const owner = organization === undefined ? '' : `/organizations/${organization}`;
    const code = await askInBrowser(port, (redirectUrl, state) => ({
      action: `${webUrl}${owner}/settings/apps/new?${new URLSearchParams({ state })}`,
      manifest: JSON.stringify(appManifest(name, url, redirectUrl)),
    }));
    return convert(apiUrl, code);
  },
});

type Form = { action: string; manifest: string };

/**
 * Serves the form on loopback until GitHub redirects the browser back.
 *
 * @returns GitHub's code
 */
async function askInBrowser(
  port: number,
  form: (redirectUrl: string, state: string) => Form,
): Promise<string> {
  const state = randomBytes(32).toString('base64url');
  const server = createServer();
  await listen(server, port);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = formPage(form(`${address}/created`, state));
  console.error(`Open ${address}/ in a browser on this machine. Waiting…`);
  try {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('Nobody came back from GitHub within an hour.')),
        GIVE_UP_AFTER_MS,
      );
      timer.unref();
      server.on('request', (request, response) => {
        const target = new URL(request.url ?? '/', address);
        const code = target.searchParams.get('code');
        const isOurs = target.pathname === '/created' && equal(target.searchParams.get('state') ?? '', state);
        const found = target.pathname === '/' || (isOurs && code !== null);
        response.writeHead(found ? 200 : 404, {
          'content-type': 'text/html; charset=utf-8',
          'referrer-policy': 'no-referrer',
        });
        response.end(
          target.pathname === '/'
            ? page
            : document(found ? 'Done. Go back to the terminal.' : 'Nothing here.'),
        );
        if (isOurs && code !== null) resolve(code);
      });
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', () => reject(new UsageError(`--port: ${port} cannot be used`)));
    server.listen(port, '127.0.0.1', resolve);
  });
}

function equal(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

function document(body: string): string {
  return `<!doctype html><html lang="en"><title>Register a GitHub App</title><body>${body}</body></html>`;
}

function formPage({ action, manifest }: Form): string {
  return document(`<h1>Register a GitHub App</h1><form method="post" action="${escapeHtml(action)}">
    <input type="hidden" name="manifest" value="${escapeHtml(manifest)}"><button>Go to GitHub</button></form>`);
}

/**
 * Exchanges the code for the App's secrets.
 *
 * @returns the App's configuration variables, secrets included
 * @throws {Error} with a message that contains neither the code nor GitHub's response, because either could reveal a
 *   secret
 */
async function convert(apiUrl: string, code: string): Promise<Record<string, string>> {
  const response = await fetchOutgoing(
    `${apiUrl}/app-manifests/${encodeURIComponent(code)}/conversions`,
    {
      method: 'POST',
      headers: { accept: 'application/vnd.github+json', 'user-agent': USER_AGENT },
      signal: AbortSignal.timeout(CONVERSION_TIMEOUT_MS),
    },
    openConnections(CONVERSION_TIMEOUT_MS),
  );
  const parsed = Conversion.safeParse(parseJson(await response.text()));
  if (!parsed.success)
    throw new Error(`GitHub did not hand over the App (status ${response.status}). Start again.`);
  const app = parsed.data;
  return {
    GITHUB_APP_ID: String(app.id),
    GITHUB_APP_SLUG: app.slug,
    GITHUB_APP_CLIENT_ID: app.client_id,
    GITHUB_APP_CLIENT_SECRET: app.client_secret,
    GITHUB_WEBHOOK_SECRET: app.webhook_secret,
    GITHUB_APP_PRIVATE_KEY: app.pem,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
