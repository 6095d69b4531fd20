/** A machine with git and the built `pulsestream`, beside the app and the offline GitHub in this process. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { NextRequest } from 'next/server';
import { afterAll } from 'vitest';
import { GET as live } from '../../../app/api/health/live/route.js';
import { GET as list } from '../../../app/api/v1/internal/github/repositories/route.js';
import { POST as revoke } from '../../../app/api/v1/internal/github/token/revoke/route.js';
import { POST as mint } from '../../../app/api/v1/internal/github/token/route.js';
import { createApiKey } from '../../../lib/api-keys/manage.js';
import { TEST_ORIGIN } from '../../../lib/auth/test-fixtures.js';
import { CLIENT_PACKAGE } from '../../../lib/contract/client-package.js';
import type { CreateTrustRule } from '../../../lib/contract/trust-rules.js';
import { connectedScene, type Scene } from '../../../lib/testing/test-scene.js';
import { startTestWorld, type TestWorld } from '../../../lib/testing/test-world.js';
import { createTrustRule } from '../../../lib/workload/manage-rules.js';
import { startTestIssuer, type TestIssuer } from '../../../lib/workload/test-issuer.js';
import { ensureClientBuilt } from '../../../local/client/build.mjs';
import { PACKAGE } from '../../../local/client/pack.mjs';

type Route = (request: NextRequest, next: { params: Promise<Record<never, never>> }) => Promise<Response>;

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /api/health/live': live as Route,
  'GET /api/v1/internal/github/repositories': list,
  'POST /api/v1/internal/github/token': mint,
  'POST /api/v1/internal/github/token/revoke': revoke,
};

export const ROOT = path.resolve(import.meta.dirname, '../../..');
export const BINARY = path.join(ROOT, 'client/bin/pulsestream.js');

export interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  env?: Record<string, string>;
  input?: string;
  cwd?: string;
  /** Called with the process id as soon as the process runs. */
  started?: (pid: number) => void;
  /** Called with the first output. The input stays open until `end` is called. */
  firstOutput?: (text: string, end: () => void) => void;
}

export interface Machine {
  world: TestWorld;
  scene: Scene;
  /** Where the control plane listens. */
  origin: string;
  apiKey: string;
  /** An issuer of identity tokens that the control plane trusts. Nothing else does until {@link Machine.trust}. */
  issuer: TestIssuer;
  /** Adds a trust rule for subjects of the issuer, and returns the rule's id. */
  trust(rule: Pick<CreateTrustRule, 'subject' | 'claims' | 'repositories'>): Promise<string>;
  /** The user's home, with an empty configuration of git. */
  home: string;
  /** A folder that a test may fill. It does not exist yet. */
  folder(name: string): string;
  /** Runs `pulsestream`. */
  pulsestream(args: readonly string[], options?: RunOptions): Promise<Run>;
  git(args: readonly string[], options?: RunOptions): Promise<Run>;
  run(command: string, args: readonly string[], options?: RunOptions): Promise<Run>;
  /** The hashes of the installation tokens that are valid at GitHub. */
  livingTokens(): Promise<string[]>;
}

/** Starts the machine, with a key that may read the named repositories of `acme`, or all of them. */
export async function startMachine(bound?: string[]): Promise<Machine> {
  await ensureClientBuilt();
  const origin = await serveApi();
  const issuer = await startTestIssuer(origin);
  afterAll(issuer.stop);
  const world = await startTestWorld({
    RATE_LIMIT_INTERNAL_PER_MINUTE: '100000',
    WORKLOAD_ISSUERS: issuer.url,
    WORKLOAD_AUDIENCE: origin,
  });
  const scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  const { workspaceId, actor } = scene;
  const by = { workspaceId, actor, origin: TEST_ORIGIN };
  const { key } = await createApiKey(by, {
    name: 'engine',
    ...(bound && { repositories: bound }),
  });
  const base = await mkdtemp(path.join(tmpdir(), 'pulsestream-machine-'));
  const home = path.join(base, 'home');
  await mkdir(home);
  afterAll(() => rm(base, { recursive: true, force: true }));
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TMPDIR: base,
    GIT_CONFIG_NOSYSTEM: '1',
    PULSESTREAM_URL: origin,
    PULSESTREAM_API_KEY: key,
  };
  const run: Machine['run'] = (command, args, { env = {}, ...options } = {}) =>
    runProcess(command, args, { ...options, cwd: options.cwd ?? base, env: { ...environment, ...env } });
  return {
    world,
    scene,
    origin,
    apiKey: key,
    issuer,
    trust: async (rule) => (await createTrustRule(by, { name: 'ci', issuer: issuer.url, ...rule })).id,
    home,
    folder: (name) => path.join(base, name),
    run,
    pulsestream: (args, options) => run(process.execPath, [BINARY, ...args], options),
    git: (args, options) => run('git', args, options),
    livingTokens: async () => {
      const response = await fetch(`${world.github.webUrl}/_control/state`);
      const { liveTokens }: { liveTokens: { kind: string; hash: string }[] } = await response.json();
      return liveTokens.filter(({ kind }) => kind === 'installation').map(({ hash }) => hash);
    },
  };
}

async function serveApi(): Promise<string> {
  let address = 0;
  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming;
    if (url === CLIENT_PACKAGE) return outgoing.end(await readFile(PACKAGE));
    const route = ROUTES[`${method} ${url.split('?')[0]}`];
    if (route === undefined) return outgoing.writeHead(404).end();
    const headers = new Headers(incoming.headers as Record<string, string>);
    // Each request comes from another network, so that no limit per address ends a test.
    address += 1;
    headers.set(
      'x-forwarded-for',
      `2001:db8:${(address >> 16).toString(16)}:${(address & 0xffff).toString(16)}::1`,
    );
    const body = method === 'POST' ? await text(incoming) : undefined;
    const request = new NextRequest(`http://localhost${url}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const response = await route(request, { params: Promise.resolve({}) });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

function runProcess(
  command: string,
  args: readonly string[],
  { env, input = '', cwd, started, firstOutput }: RunOptions & { env: Record<string, string>; cwd: string },
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env as NodeJS.ProcessEnv, stdio: 'pipe' });
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    child.once('error', reject);
    child.once('spawn', () => started?.(child.pid ?? 0));
    child.stdin.on('error', () => undefined);
    if (firstOutput)
      child.stdout.once('data', (chunk: Buffer) => firstOutput(chunk.toString(), () => child.stdin.end()));
    else child.stdin.end(input);
    child.once('close', (code, signal) => {
      output.then(([stdout, stderr]) => resolve({ code, signal, stdout, stderr }), reject);
    });
  });
}
