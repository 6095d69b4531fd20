import { execFile } from 'node:child_process';
import { createSign } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App } from '@octokit/app';
import { Octokit } from '@octokit/core';
import { generatePrivateKey } from './settings';
import { type OfflineGitHub, type OfflineGitHubOptions, startOfflineGitHub } from './start';

let sharedKey: string | undefined;

/**
 * Starts a GitHub with one private key for all tests of a file, because generating an RSA key takes most of the
 * start-up time.
 */
export function startQuickly(options: OfflineGitHubOptions = {}): Promise<OfflineGitHub> {
  sharedKey ??= generatePrivateKey();
  return startOfflineGitHub({ ...options, app: { privateKey: sharedKey, ...options.app } });
}

/** Returns the real Octokit, configured for this GitHub. */
export function octokitApp(github: OfflineGitHub): App {
  const { app, apiUrl } = github;
  return new App({
    appId: app.id,
    privateKey: app.privateKey,
    oauth: { clientId: app.clientId, clientSecret: app.clientSecret },
    Octokit: Octokit.defaults({ baseUrl: apiUrl }),
  });
}

/** Signs an App JWT with the given claims. */
export function signJwt(claims: object, pem: string, header: object = { alg: 'RS256', typ: 'JWT' }): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(pem, 'base64url')}`;
}

export function appJwt(github: OfflineGitHub, claims: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  return signJwt(
    { iss: github.app.clientId, iat: now - 60, exp: now + 540, ...claims },
    github.app.privateKey,
  );
}

interface WireAccount {
  login: string;
  id: number;
}
interface WireRepository {
  id: number;
  full_name: string;
  name: string;
  permissions: { admin: boolean };
}
interface WireDelivery {
  status_code: number;
  guid: string;
  request: { payload: { action: string }; headers: Record<string, string> };
}

/**
 * The fields of JSON responses that tests read. We don't validate responses: a missing field is undefined, which makes
 * the test's assertion fail.
 */
export interface Wire extends WireRepository, WireDelivery {
  message: string;
  token: string;
  expires_at: string;
  repository_selection: string;
  total_count: number;
  repositories: WireRepository[];
  account: WireAccount;
  content: string;
  access_token: string;
  refresh_token: string;
  error: string;
  pem: string;
}

/** A response: `json` is an object or a list, `text` the raw body. */
export interface Answer {
  status: number;
  headers: Headers;
  json: Wire & readonly Wire[];
  text: string;
}

/** Sends one API request. */
export async function request(
  github: OfflineGitHub,
  method: string,
  path: string,
  given: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(path.startsWith('http') ? path : `${github.apiUrl}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(given.token !== undefined && { Authorization: `Bearer ${given.token}` }),
      ...(given.body !== undefined && { 'Content-Type': 'application/json' }),
      ...given.headers,
    },
    ...(given.body !== undefined && { body: JSON.stringify(given.body) }),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const json = isJson && text !== '' ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, json, text };
}

export async function mintToken(
  github: OfflineGitHub,
  installationId: number,
  body: object = {},
): Promise<string> {
  const path = `/app/installations/${installationId}/access_tokens`;
  const answer = await request(github, 'POST', path, { token: appJwt(github), body });
  if (answer.status !== 201) throw new Error(`mint: ${answer.status} ${answer.json.message}`);
  return answer.json.token;
}

interface WireChanges {
  owner: { from: { organization: { login: string } } };
}

/** The fields of webhook payloads that tests read. Like `Wire`, they are not validated. */
export interface WirePayload {
  action: string;
  installation: { id: number; node_id: string; suspended_by: WireAccount };
  repository: object;
  repositories: object[];
  repositories_added: object[];
  changes: WireChanges;
}

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  event: string;
  guid: string;
  payload: WirePayload;
}

/** Starts a webhook receiver that records deliveries. A test may change the `status` of its responses. */
export async function startReceiver() {
  const received: Received[] = [];
  const receiver = { url: '', status: 202, received, close: () => Promise.resolve() };
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    incoming.on('end', () => {
      const { headers } = incoming;
      const event = String(headers['x-github-event']);
      received.push({
        headers,
        body,
        event,
        guid: String(headers['x-github-delivery']),
        payload: JSON.parse(body),
      });
      outgoing.writeHead(receiver.status).end('received');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
  receiver.close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return receiver;
}

/** Runs the real git, without prompts. */
export function git(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  return new Promise((resolve) => {
    execFile('git', args, { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

export function cloneUrl(github: OfflineGitHub, fullName: string, token?: string): string {
  const url = new URL(`${github.webUrl}/${fullName}.git`);
  if (token !== undefined) {
    url.username = 'x-access-token';
    url.password = token;
  }
  return url.toString();
}

export { SeededRandom } from './random';
export { signDelivery } from './webhooks/sign';

/** A browser without scripts. It keeps cookies, submits forms and does not follow redirects. */
export class Browser {
  #cookies = new Map<string, string>();
  html = '';

  constructor(readonly github: OfflineGitHub) {}

  async get(path: string): Promise<Response> {
    return this.#fetch(path, {});
  }

  async signIn(login: string): Promise<void> {
    await this.post('/login', { login });
  }

  async post(path: string, fields: Record<string, string | string[]>, headers: Record<string, string> = {}) {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields))
      for (const each of [value].flat()) body.append(name, each);
    return this.#fetch(path, { method: 'POST', body, headers });
  }

  /** Submits the form with this action, including its hidden fields and CSRF token. */
  async submit(action: string, fields: Record<string, string | string[]> = {}): Promise<Response> {
    const forms = [...this.html.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
    const form = forms.find(([, found]) => found === action);
    if (!form) throw new Error(`no form ${action} in: ${forms.map(([, found]) => found).join(', ')}`);
    const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const given = Object.fromEntries(hidden.map(([, name, value]) => [name, unescapeHtml(value ?? '')]));
    return this.post(action, { ...given, ...fields });
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const url = path.startsWith('http') ? path : new URL(path, this.github.webUrl).toString();
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    this.html = await response.text();
    return response;
  }
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

export function locationOf(response: Response): string {
  return response.headers.get('location') ?? '';
}
