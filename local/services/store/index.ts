/** A store that speaks Upstash's REST protocol, for demo, dev and tests. All data is in memory. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepRemains } from '../../remains/keep';
import { localSecret } from '../secret';
import { Commands } from './commands';
import { answer } from './protocol';

export interface StoreOptions {
  /** The port on loopback. By default any free one. */
  port?: number;
  /** The bearer token. By default a random one. */
  token?: string;
}

/** Faults that a test can cause. All are off at first. */
export interface StoreKnobs {
  /** Delays every response by `ms`. */
  delayMs(ms: number): void;
  /** Accepts requests, but neither runs them nor responds. */
  hang(on: boolean): void;
  /** Responds to every request with this status and no result. `undefined` ends the fault. */
  failWith(status: number | undefined): void;
  /** Cuts all connections and refuses new ones, like a dead server. */
  refuse(on: boolean): Promise<void>;
  reset(): Promise<void>;
}

export interface Store {
  /** Accepts one more token, like that of another ACL user of the same database, or no longer accepts it. */
  accept(token: string, isAccepted?: boolean): void;
  url: string;
  token: string;
  knobs: StoreKnobs;
  /** The number of received requests, including failed ones. */
  requests(): number;
  dump(): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function startStore(options: StoreOptions = {}): Promise<Store> {
  const token = options.token ?? localSecret();
  const accepted = new Set([token]);
  const commands = new Commands();
  const faults = { delayMs: 0, hang: false, status: undefined as number | undefined };
  let received = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    received += 1;
    const body = await readBody(request);
    if (faults.delayMs > 0) await sleep(faults.delayMs);
    if (faults.hang) return;
    if (faults.status !== undefined)
      return send(response, faults.status, { error: 'ERR the store was told to fail' });
    if (!isAuthorized(request, accepted))
      return send(response, 401, { error: 'WRONGPASS invalid or missing auth token' });
    const base64 = request.headers['upstash-encoding'] === 'base64';
    const { status, body: result } = await answer(commands, { url: request.url ?? '/', body, base64 });
    send(response, status, result);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  // Keep idle connections open longer than any client does. packages/offline-github/src/server.ts says why.
  server.keepAliveTimeout = 120_000;
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  };
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const port = await listen(options.port ?? 0);

  const knobs: StoreKnobs = {
    delayMs: (ms) => {
      faults.delayMs = ms;
    },
    hang: (on) => {
      faults.hang = on;
      if (!on) server.closeAllConnections();
    },
    failWith: (status) => {
      faults.status = status;
    },
    refuse: async (on) => {
      if (on) await stop();
      else if (!server.listening) await listen(port);
    },
    reset: async () => {
      Object.assign(faults, { delayMs: 0, hang: false, status: undefined });
      await knobs.refuse(false);
    },
  };
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    accept: (one, isAccepted = true) => void (isAccepted ? accepted.add(one) : accepted.delete(one)),
    knobs,
    requests: () => received,
    dump: () => commands.dump(),
    close: async () => {
      await stop();
      await keepRemains('stores', 'the store', JSON.stringify(await commands.dump()));
      commands.close();
    },
  };
}

function isAuthorized(request: IncomingMessage, accepted: ReadonlySet<string>): boolean {
  const inQuery = new URL(request.url ?? '/', 'http://store').searchParams.get('_token');
  return [request.headers.authorization?.replace(/^Bearer /, ''), inQuery].some((it) =>
    accepted.has(it ?? ''),
  );
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
