import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from './command';

/** As long as GitHub's code is valid: one hour. */
const GIVE_UP_AFTER_MS = 60 * 60 * 1000;

/** Keeps the page out of other pages' frames and out of caches. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  // Without form-action: GitHub may answer the form with a redirect to the sign-in of a company.
  'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
};

type Form = { action: string; manifest: string };

/**
 * Serves a form on loopback until GitHub redirects the browser back. With the form's state, anybody could hand over the
 * code of another App, and would then own the key that this environment signs with. So only the terminal shows the form's
 * address. Other users and programs on this machine can reach the port, but not the form. Other host names get a 404,
 * because a site could rebind its own name to this machine.
 *
 * @param form makes the form, from the URL that GitHub redirects to and the state
 * @returns GitHub's code
 */
export async function askInBrowser(
  port: number,
  form: (redirectUrl: string, state: string) => Form,
): Promise<string> {
  const [secret, state] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
  const server = createServer();
  await listen(server, port);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked = form(`${address}/created`, state);
  console.error(`Open ${address}/${secret} in a browser on this machine. Waiting…`);
  try {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('Nobody came back from GitHub within an hour.')),
        GIVE_UP_AFTER_MS,
      );
      timer.unref();
      server.on('request', (request, response) => {
        const [pathname = '', query] = (request.url ?? '').split('?', 2);
        const parameters = new URLSearchParams(query);
        const code = parameters.get('code');
        const isAddressed = request.method === 'GET' && `http://${request.headers.host}` === address;
        const isForm = isAddressed && equal(pathname, `/${secret}`);
        const isOurs = isAddressed && pathname === '/created' && equal(parameters.get('state') ?? '', state);
        const found = isForm || (isOurs && code !== null);
        response.writeHead(found ? 200 : 404, HEADERS);
        response.end(
          isForm ? formPage(asked) : document(found ? 'Done. Go back to the terminal.' : 'Nothing here.'),
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
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
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
