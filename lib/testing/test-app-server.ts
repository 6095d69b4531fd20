/** Serves a few of the app's routes over HTTP in this process, for tests in which a client calls the public origin. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NextRequest } from 'next/server';
import { afterAll } from 'vitest';
// Importing this route makes `answerDirectly` serve it.
import '../../app/api/github/webhooks/route';
import { GET as live } from '../../app/api/health/live/route';
import { GET as ready } from '../../app/api/health/ready/route';
import { backgroundWorkEnded } from '../background';
import { answerDirectly } from '../http/direct';

type Get = (request: NextRequest, next: { params: Promise<undefined> }) => Promise<Response>;
const GETS: Record<string, Get> = { '/api/health/live': live, '/api/health/ready': ready };

type TestAppServer = {
  origin: string;
  /** Answers every request with this status instead, like a proxy without a replica. */
  failWith: (status: number | undefined) => void;
};

/** Starts the server before there is a configuration, because its port is a part of `NEXTAUTH_URL`. */
export async function startTestAppServer(): Promise<TestAppServer> {
  let failure: number | undefined;
  const server = createServer(async (incoming, outgoing) => {
    incoming.headers['x-forwarded-for'] = '192.0.2.9';
    const { url = '' } = incoming;
    if (failure !== undefined) outgoing.writeHead(failure).end();
    else if (incoming.method === 'GET') await answerGet(url, outgoing);
    else if (!answerDirectly(incoming, outgoing)) outgoing.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(async () => {
    await backgroundWorkEnded();
    server.close();
    server.closeAllConnections();
  });
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    failWith: (status) => {
      failure = status;
    },
  };
}

async function answerGet(url: string, outgoing: ServerResponse): Promise<void> {
  const request = new NextRequest(`http://localhost${url}`, { headers: { 'x-forwarded-for': '192.0.2.9' } });
  const answer = await GETS[url]?.(request, { params: Promise.resolve(undefined) });
  outgoing.writeHead(answer?.status ?? 404).end(await answer?.text());
}
