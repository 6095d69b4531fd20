/**
 * Tests that mints for one customer work while GitHub fails or hangs for another customer. Calls to GitHub go over
 * HTTP, with the production limits.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeApiKeyActor, TEST_ORIGIN } from '../auth/test-fixtures';
import { getConfig } from '../config';
import { forgetGitHub } from '../github/client';
import { syncInstallation } from '../sync/sync';
import { connectedScene, type Scene } from '../testing/test-scene';
import { startTestWorld } from '../testing/test-world';
import { mintToken } from './mint';

// Calls for a hanging installation occupy their slots until this timeout.
const world = await startTestWorld({ GITHUB_TIMEOUT_MS: '20000' });
const { github } = world;

/** How the gateway in front of the local GitHub treats calls for failing installations. */
let treat: 'fail' | 'fail tokens' | 'hang' = 'fail';
let failing: ReadonlySet<number> = new Set();
const hanging = new Set<() => void>();

/** Starts a gateway that forwards calls to the local GitHub, except those for failing installations. */
async function startGateway(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const id = Number(/\/app\/installations\/(\d+)/.exec(request.url ?? '')?.[1]);
    const isTreated = treat !== 'fail tokens' || request.url?.endsWith('/access_tokens') === true;
    if (failing.has(id) && isTreated) {
      if (treat !== 'hang') {
        response.writeHead(502, { 'content-type': 'text/html' }).end('<html>');
        return;
      }
      await new Promise<void>((resolve) => hanging.add(resolve));
      response.destroy();
      return;
    }
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const answer = await fetch(new URL(request.url ?? '/', new URL(github.apiUrl).origin), {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const {
      'content-encoding': _encoding,
      'transfer-encoding': _transfer,
      ...rest
    } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, rest).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

let well: Scene;
let ill: Scene[];

beforeAll(async () => {
  well = await connectedScene(world, { account: 'acme', by: 'olivia', repositories: ['acme/api'] });
  ill = [
    await connectedScene(world, { account: 'globex', by: 'eve' }),
    await connectedScene(world, { account: 'initech', by: 'sam' }),
  ];
  const gateway = await startGateway();
  const { pathname } = new URL(getConfig().github.apiUrl);
  const { port } = gateway.address() as AddressInfo;
  Object.assign(getConfig().github, { apiUrl: `http://127.0.0.1:${port}${pathname}` });
  return () => {
    gateway.closeAllConnections();
    gateway.close();
  };
});

beforeEach(() => {
  forgetGitHub();
  failing = new Set(ill.map(({ installationId }) => installationId));
});

afterEach(() => {
  failing = new Set();
  for (const end of hanging) end();
  hanging.clear();
});

async function minterOf({ workspaceId, slug, installationId }: Scene) {
  const actor = await makeApiKeyActor({ id: workspaceId, slug });
  const request = { installation_id: installationId };
  return () => mintToken({ workspaceId, actor, origin: TEST_ORIGIN, request });
}

const times = <T>(count: number, work: () => Promise<T>) =>
  Promise.allSettled(Array.from({ length: count }, work));

it('mints for one customer while another customer’s installation fails at every mint and sync', async () => {
  treat = 'fail';
  const [first] = ill;
  if (first === undefined) throw new Error('no scene');
  failing = new Set([first.installationId]);
  const [mint, mintIll] = [await minterOf(well), await minterOf(first)];
  for (let round = 0; round < 4; round++) {
    const [bad, good] = await Promise.all([
      times(10, mintIll),
      times(5, mint),
      syncInstallation(first.installationId),
    ]);
    expect(bad.every(({ status }) => status === 'rejected')).toBe(true);
    expect(good.map(({ status }) => status)).toEqual(Array(5).fill('fulfilled'));
    // Mints for the other customer work even if many calls failed just before and none succeeded in between.
    await times(10, mintIll);
    await expect(mint()).resolves.toHaveProperty('token');
  }
  // By now, the app rejects calls for the failing installation, but for no other.
  await expect(mintIll()).rejects.toMatchObject({ code: 'github_unavailable' });
  await expect(mint()).resolves.toHaveProperty('token');
});

it('mints while syncs of several installations fail, and for those installations too once GitHub recovers', async () => {
  treat = 'fail tokens';
  for (let n = 0; n < 6; n++) for (const { installationId } of ill) await syncInstallation(installationId);
  failing = new Set();
  for (const scene of [well, ...ill])
    await expect((await minterOf(scene))()).resolves.toHaveProperty('token');
});

it('mints for one customer while GitHub hangs for the installations of others', async () => {
  treat = 'hang';
  const slow = await Promise.all(
    ill.map(async (scene) => {
      const mint = await minterOf(scene);
      return Array.from({ length: 40 }, () => mint().catch(() => undefined));
    }),
  );
  // Wait until the hanging installations occupy every slot that they can get.
  await expect.poll(() => hanging.size).toBeGreaterThanOrEqual(25);
  const mint = await minterOf(well);
  for (let n = 0; n < 5; n++) await expect(mint()).resolves.toHaveProperty('token');
  failing = new Set();
  for (const end of hanging) end();
  await Promise.all(slow.flat());
});
