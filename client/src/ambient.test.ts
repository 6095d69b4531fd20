/** Holds each ambient identity to a server on this machine that speaks the platform's published protocol. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Auth, createClient, PulseStreamError } from './index.js';

const JWT = `eyJ${'a'.repeat(20)}.${'b'.repeat(40)}.${'c'.repeat(40)}`;
const REQUEST_TOKEN = `eyJ${'r'.repeat(20)}.request.token`;

type Seen = { url: URL; headers: IncomingMessage['headers'] };
const seen: Seen[] = [];
let platform: (url: URL, headers: IncomingMessage['headers'], outgoing: ServerResponse) => void;
const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-client-'));
const server = createServer((incoming, outgoing) => {
  const url = new URL(incoming.url ?? '/', origin);
  seen.push({ url, headers: incoming.headers });
  if (url.pathname.startsWith('/api/v1/')) outgoing.writeHead(204).end();
  else platform(url, incoming.headers, outgoing);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
const origin = `http://${host}`;
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  seen.length = 0;
  for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'AZURE_CLIENT_ID']) vi.stubEnv(name, undefined);
  vi.stubEnv('GCE_METADATA_HOST', host);
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', `${origin}/actions/token?api-version=2.0`);
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_TOKEN', REQUEST_TOKEN);
});
afterEach(() => vi.unstubAllEnvs());

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal: AbortSignal) =>
    ms < 60_000
      ? Promise.resolve()
      : new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
};

/** Sends a request, and returns the credential that the control plane received. */
async function credentialOf(auth: Auth, audience?: string): Promise<string | undefined> {
  const client = createClient({ url: origin, auth, clock, ...(audience === undefined ? {} : { audience }) });
  await client.revoke('a token');
  return seen.at(-1)?.headers.authorization;
}

async function refusal(auth: Auth): Promise<PulseStreamError> {
  const error: unknown = await credentialOf(auth).catch((reason: unknown) => reason);
  if (!(error instanceof PulseStreamError)) throw new Error(`no PulseStreamError: ${inspect(error)}`);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(new RegExp(`${JWT}|${REQUEST_TOKEN}`));
  expect(seen.filter(({ url }) => url.pathname.startsWith('/api/v1/'))).toEqual([]);
  return error;
}

it('gets a token of GitHub Actions for the origin of the control plane', async () => {
  platform = (url, headers, outgoing) => {
    const isRight =
      url.searchParams.get('api-version') === '2.0' && headers.authorization === `Bearer ${REQUEST_TOKEN}`;
    outgoing.writeHead(isRight ? 200 : 401).end(JSON.stringify({ count: 1, value: JWT }));
  };
  expect(await credentialOf({ ambient: 'github-actions' })).toBe(`Bearer ${JWT}`);
  expect(seen[0]?.url.searchParams.get('audience')).toBe(origin);
  expect(await credentialOf({ ambient: 'github-actions' }, 'api://another')).toBe(`Bearer ${JWT}`);
  expect(seen[2]?.url.searchParams.get('audience')).toBe('api://another');
});

it('names the permission that a job of GitHub Actions lacks', async () => {
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_TOKEN', undefined);
  const error = await refusal({ ambient: 'github-actions' });
  expect(error).toMatchObject({ code: 'identity_unavailable', retry: 'no' });
  expect(error.message).toContain('id-token: write');
});

it('sends the request token of GitHub Actions over https only', async () => {
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', 'http://actions.example.com/token');
  expect(await refusal({ ambient: 'github-actions' })).toMatchObject({ code: 'identity_unavailable' });
});

it('gets an identity token of Google’s metadata server', async () => {
  platform = (url, headers, outgoing) => {
    const isRight =
      url.pathname === '/computeMetadata/v1/instance/service-accounts/default/identity' &&
      url.searchParams.get('audience') === origin &&
      url.searchParams.get('format') === 'full' &&
      headers['metadata-flavor'] === 'Google';
    outgoing.writeHead(isRight ? 200 : 403, { 'metadata-flavor': 'Google' }).end(JWT);
  };
  expect(await credentialOf({ ambient: 'google' })).toBe(`Bearer ${JWT}`);
});

it('sends nothing of a server that is not Google’s to the control plane', async () => {
  platform = (_url, _headers, outgoing) => outgoing.end(JWT);
  expect(await refusal({ ambient: 'google' })).toMatchObject({ code: 'identity_unavailable' });
});

it('gets a token of a managed identity of Azure’s App Service and Container Apps', async () => {
  vi.stubEnv('IDENTITY_ENDPOINT', `${origin}/msi/token/`);
  vi.stubEnv('IDENTITY_HEADER', 'the header');
  vi.stubEnv('AZURE_CLIENT_ID', 'a client');
  platform = (url, headers, outgoing) => {
    const isRight = url.pathname === '/msi/token/' && headers['x-identity-header'] === 'the header';
    outgoing.writeHead(isRight ? 200 : 401).end(JSON.stringify({ access_token: JWT, token_type: 'Bearer' }));
  };
  expect(await credentialOf({ ambient: 'azure' }, 'api://pulsestream')).toBe(`Bearer ${JWT}`);
  expect(Object.fromEntries(seen[0]?.url.searchParams ?? [])).toEqual({
    resource: 'api://pulsestream',
    'api-version': '2019-08-01',
    client_id: 'a client',
  });
});

it('gets a token of a managed identity of an Azure VM', async () => {
  // No test can listen on the address of the metadata service, so its requests are led here.
  const led: typeof fetch = (input, init) =>
    fetch(String(input).replace('http://169.254.169.254', origin), init);
  platform = (url, headers, outgoing) => {
    const isRight = url.pathname === '/metadata/identity/oauth2/token' && headers.metadata === 'true';
    outgoing.writeHead(isRight ? 200 : 400).end(JSON.stringify({ access_token: JWT }));
  };
  const client = createClient({
    url: origin,
    auth: { ambient: 'azure' },
    audience: 'api://p',
    fetch: led,
    clock,
  });
  await client.revoke('a token');
  expect(Object.fromEntries(seen[0]?.url.searchParams ?? [])).toEqual({
    resource: 'api://p',
    'api-version': '2018-02-01',
  });
  expect(seen[1]?.headers.authorization).toBe(`Bearer ${JWT}`);
});

it.each([
  ['an identity service that starts late', 404],
  ['an identity service that is too busy', 429],
  ['an identity service that fails', 500],
])('asks %s again', async (_, status) => {
  let failures = 2;
  platform = (_url, _headers, outgoing) => {
    failures -= 1;
    if (failures >= 0) outgoing.writeHead(status).end(REQUEST_TOKEN);
    else outgoing.end(JSON.stringify({ value: JWT }));
  };
  expect(await credentialOf({ ambient: 'github-actions' })).toBe(`Bearer ${JWT}`);
});

it.each<[string, (outgoing: ServerResponse) => void]>([
  ['refuses', (outgoing) => outgoing.writeHead(401).end(REQUEST_TOKEN)],
  ['sends no token', (outgoing) => outgoing.end(JSON.stringify({ value: 7 }))],
  ['sends text that begins with a token', (outgoing) => outgoing.end(`${JWT} {`)],
  [
    'sends a token with a line break',
    (outgoing) => outgoing.end(JSON.stringify({ value: `${JWT}\r\nx: y` })),
  ],
  ['sends an oversized token', (outgoing) => outgoing.end(JSON.stringify({ value: 'x'.repeat(17_000) }))],
])('sends nothing to the control plane when the platform %s', async (_, respond) => {
  platform = (_url, _headers, outgoing) => respond(outgoing);
  expect(await refusal({ ambient: 'github-actions' })).toMatchObject({ code: 'identity_unavailable' });
  expect(seen).toHaveLength(1);
});

it('reads a file for each request, so that a rotated credential needs no restart', async () => {
  const file = path.join(folder, 'token');
  for (const kind of ['apiKeyFile', 'identityTokenFile'] as const) {
    const client = createClient({ url: origin, auth: { [kind]: file } as Auth, clock });
    for (const value of ['first', 'second']) {
      await writeFile(file, `${value}\n`);
      await client.revoke('a token');
      expect(seen.at(-1)?.headers.authorization).toBe(`Bearer ${value}`);
    }
  }
});

it('names a file that it cannot read', async () => {
  const error = await refusal({ identityTokenFile: path.join(folder, 'none') });
  expect(error).toMatchObject({ code: 'identity_unavailable' });
  expect(error.message).toMatch(/none cannot be read: ENOENT/);
  expect(await refusal({ ambient: 'kubernetes' })).toMatchObject({ code: 'identity_unavailable' });
});

it('calls a function for each request, and hides the text of its error', async () => {
  let calls = 0;
  const token = ({ audience }: { audience: string }) => `${audience}/${++calls}`;
  expect(await credentialOf({ token })).toBe(`Bearer ${origin}/1`);
  expect(await credentialOf({ token: async (request) => token(request) })).toBe(`Bearer ${origin}/2`);
  const failing = () => Promise.reject(new Error(`401 for ${JWT}`));
  seen.length = 0;
  expect(await refusal({ token: failing })).toMatchObject({ code: 'identity_unavailable' });
});
