import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from '@playwright/test';
import { asDatabaseOwner } from '../installations';
import { connectedCustomer, customersMints } from './connected-customer';
import {
  type Customer,
  createCustomer,
  mintInternal,
  type OwnServer,
  startOwnServer,
  startReplica,
} from './own-server';

const MINT = 'POST /app/installations/{installation_id}/access_tokens';

/** Mints once by Next, which serves a route's first request itself. The mints after it are direct. */
async function mintByNext({ app }: OwnServer, { apiKey }: Customer): Promise<void> {
  expect((await mintInternal(app.url, apiKey)).status).toBe(201);
}

test('on SIGTERM, the process finishes requests in flight, accepts no new ones and exits with 0', async () => {
  const server = await startOwnServer({ GITHUB_TIMEOUT_MS: '60000' });
  try {
    const customer = await createCustomer(server.services.env);
    await connectedCustomer(server, customer, 'olivia', 'acme');
    await mintByNext(server, customer);
    const { github } = server.services;
    github.requests.clear();
    const held = Array.from({ length: 8 }, () => github.knobs.holdNextAnswer(MINT));
    const inFlight = held.map(() => mintInternal(server.app.url, customer.apiKey));
    await Promise.all(held.map(({ arrived }) => arrived));
    expect(customersMints(github)).toBe(8);
    const stopped = server.app.stop();
    const isTaken = () =>
      fetch(`${server.app.url}/api/health/live`).then(
        () => true,
        () => false,
      );
    await expect.poll(isTaken).toBe(false);
    for (const { release } of held) release();
    const answers = await Promise.all(inFlight);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    await stopped;
    expect(server.app.exitCode()).toBe(0);
  } finally {
    await server.close();
  }
});

test('on SIGTERM, the process finishes the sync that a webhook started', async () => {
  const server = await startOwnServer({ GITHUB_TIMEOUT_MS: '60000' });
  try {
    const customer = await createCustomer(server.services.env);
    const id = await connectedCustomer(server, customer, 'olivia', 'acme', ['api']);
    const { github } = server.services;
    const { arrived, release } = github.knobs.holdNextAnswer('GET /installation/repositories');
    github.actions.addRepositories({ installation: id, repositories: ['acme/web'] });
    await Promise.all([github.flush(), arrived]);
    const stopped = server.app.stop();
    const isTaken = () =>
      fetch(`${server.app.url}/api/health/live`).then(
        () => true,
        () => false,
      );
    await expect.poll(isTaken).toBe(false);
    expect(server.app.exitCode()).toBeNull();
    release();
    await stopped;
    expect(server.app.exitCode()).toBe(0);
    const unfinished = await asDatabaseOwner(
      (db) =>
        db.query('SELECT FROM installations WHERE sync_requested_at IS NOT NULL OR sync_lease IS NOT NULL'),
      server.services.env,
    );
    expect(unfinished.rowCount).toBe(0);
  } finally {
    await server.close();
  }
});

/** Sends a request over a keep-alive connection, as a proxy does. */
async function onKeptConnection(url: string, agent: Agent, apiKey?: string) {
  const headers = { authorization: `Bearer ${apiKey}` };
  const sent = request(url, apiKey === undefined ? { agent } : { agent, method: 'POST', headers });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  sent.end();
  const [[response], [socket]] = await Promise.all([answered, once(sent, 'socket') as Promise<[Socket]>]);
  response.resume();
  await once(response, 'end');
  return { status: response.statusCode, connection: response.headers.connection, socket };
}

test('on SIGTERM, the process does not wait for a connection that is idle, becomes idle or was never used', async () => {
  const server = await startOwnServer({ GITHUB_TIMEOUT_MS: '60000' });
  const [idle, busy] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
  try {
    const customer = await createCustomer(server.services.env);
    await connectedCustomer(server, customer, 'olivia', 'acme');
    await mintByNext(server, customer);
    const { hostname, port } = new URL(server.app.url);
    const unused = connect(Number(port), hostname);
    await once(unused, 'connect');
    const first = await onKeptConnection(`${server.app.url}/api/health/live`, idle);
    expect(first).toMatchObject({ status: 200, connection: 'keep-alive' });
    const { arrived, release } = server.services.github.knobs.holdNextAnswer(MINT);
    const mint = onKeptConnection(`${server.app.url}/api/v1/internal/github/token`, busy, customer.apiKey);
    await arrived;
    const closed = [first.socket, unused].map((socket) => once(socket, 'close'));
    const stopped = server.app.stop();
    await Promise.all(closed);
    release();
    expect(await mint).toMatchObject({ status: 201, connection: 'close' });
    await stopped;
    expect(server.app.exitCode()).toBe(0);
  } finally {
    idle.destroy();
    busy.destroy();
    await server.close();
  }
});

test('no request is lost while one of two replicas is stopped', async () => {
  const server = await startOwnServer({
    RATE_LIMIT_INTERNAL_PER_MINUTE: '10000',
    GITHUB_TIMEOUT_MS: '30000',
  });
  const replica = await startReplica(server);
  try {
    const customer = await createCustomer(server.services.env);
    await connectedCustomer(server, customer, 'olivia', 'acme');
    const { github } = server.services;
    github.knobs.latency(MINT, 100);
    github.requests.clear();
    const urls = [server.app.url, replica.url];
    /** Acts as a load balancer: if the first replica doesn't accept a request, sends it to the other. */
    const balanced = async (turn: number): Promise<number> => {
      const url = urls[turn % urls.length] ?? replica.url;
      try {
        return (await mintInternal(url, customer.apiKey)).status;
      } catch (error) {
        if (url === replica.url) throw error;
        return (await mintInternal(replica.url, customer.apiKey)).status;
      }
    };
    const statuses: number[] = [];
    let stopped: Promise<void> | undefined;
    const caller = async (first: number): Promise<void> => {
      for (let turn = first; turn < first + 25; turn++) {
        statuses.push(await balanced(turn));
        if (statuses.length >= 60) stopped ??= server.app.stop();
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => caller(n)));
    await stopped;
    expect(server.app.exitCode()).toBe(0);
    expect(statuses).toEqual(Array.from({ length: 200 }, () => 201));
    // Every mint ran exactly once: one that was interrupted and repeated would have called GitHub twice.
    expect(customersMints(github)).toBe(200);
  } finally {
    await replica.stop();
    await server.close();
  }
});
