/** Receives deliveries by probot's middleware in its own process, verifies them, and does nothing with them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveTasks } from './process';

const { BENCH_APP_ID = '', BENCH_PRIVATE_KEY = '', BENCH_SECRET = '', BENCH_PEER = '' } = process.env;

type Middleware = (incoming: IncomingMessage, outgoing: ServerResponse, next: () => void) => Promise<unknown>;

/** The part of `probot` that this server uses. */
type ProbotModule = {
  Probot: new (options: { appId: string; privateKey: string; secret: string; logLevel: string }) => object;
  createNodeMiddleware(
    app: () => void,
    options: { probot: object; webhooksPath: string },
  ): Promise<Middleware>;
};

const { Probot, createNodeMiddleware }: ProbotModule = await import(BENCH_PEER);
const probot = new Probot({
  appId: BENCH_APP_ID,
  privateKey: BENCH_PRIVATE_KEY,
  secret: BENCH_SECRET,
  logLevel: 'fatal',
});
const middleware = await createNodeMiddleware(() => {}, { probot, webhooksPath: '/api/github/webhooks' });

const server = createServer((incoming, outgoing) => {
  void middleware(incoming, outgoing, () => outgoing.writeHead(404).end());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

serveTasks(async () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
