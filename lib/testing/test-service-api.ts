/** Serves the API for services over HTTP in this process, for tests in which a real client calls it. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NextRequest } from 'next/server';
import { afterAll } from 'vitest';
import * as repositories from '../../app/api/v1/internal/github/repositories/route';
import * as revoke from '../../app/api/v1/internal/github/token/revoke/route';
import * as mint from '../../app/api/v1/internal/github/token/route';
import { backgroundWorkEnded } from '../background';

type Handler = (request: NextRequest, next: { params: Promise<undefined> }) => Promise<Response>;

export const MINT = 'POST /api/v1/internal/github/token';
export const REVOKE = 'POST /api/v1/internal/github/token/revoke';
export const REPOSITORIES = 'GET /api/v1/internal/github/repositories';

const HANDLERS: Record<string, Handler> = {
  [MINT]: mint.POST,
  [REVOKE]: revoke.POST,
  [REPOSITORIES]: repositories.GET,
};

type Received = { route: string; status: number; headers: IncomingMessage['headers'] };

/** Takes the place of a response, before or after the request has had its effect. */
type Fault = (outgoing: ServerResponse) => unknown;

export type ServiceApi = {
  origin: string;
  /** Every request that had its effect, oldest first. */
  received: Received[];
  /** Responds to the next request of a route with this. With `afterEffect`, only the response is lost. */
  failNext: (route: string, fault: Fault, given?: { afterEffect?: boolean; times?: number }) => void;
  /** The clock of the `Date` header. */
  now: { offsetMs: number };
};

/** Starts the server. Each request comes from another client, so that no test meets a rate limit by accident. */
export async function startServiceApi(): Promise<ServiceApi> {
  const received: Received[] = [];
  const faults: { route: string; fault: Fault; afterEffect: boolean }[] = [];
  const now = { offsetMs: 0 };
  let clients = 0;
  const takeFault = (route: string): (typeof faults)[number] | undefined => {
    const at = faults.findIndex((each) => each.route === route);
    return at === -1 ? undefined : faults.splice(at, 1)[0];
  };
  const server = createServer(async (incoming, outgoing) => {
    const route = `${incoming.method} ${incoming.url?.split('?')[0]}`;
    const planned = takeFault(route);
    if (planned !== undefined && !planned.afterEffect) return void planned.fault(outgoing);
    clients += 1;
    const response = await handle(route, incoming, `10.9.${clients >> 8}.${clients & 255}`);
    received.push({ route, status: response.status, headers: incoming.headers });
    if (planned !== undefined) return void planned.fault(outgoing);
    outgoing.setHeader('date', new Date(Date.now() + now.offsetMs).toUTCString());
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(async () => {
    await backgroundWorkEnded();
    server.close();
    server.closeAllConnections();
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    failNext: (route, fault, { afterEffect = false, times = 1 } = {}) => {
      for (let n = 0; n < times; n++) faults.push({ route, fault, afterEffect });
    },
    now,
  };
}

async function handle(route: string, incoming: IncomingMessage, client: string): Promise<Response> {
  const handler = HANDLERS[route];
  if (handler === undefined) return new Response(null, { status: 404 });
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const headers = new Headers({ 'x-forwarded-for': client });
  for (const name of ['authorization', 'content-type', 'user-agent', 'x-workspace']) {
    const value = incoming.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const request = new NextRequest(`http://localhost:3000${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers,
    ...(body.length === 0 ? {} : { body }),
  });
  return handler(request, { params: Promise.resolve(undefined) });
}
