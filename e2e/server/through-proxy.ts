/** Sends requests to a proxy on this machine, from any loopback address. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** The public origin, as clients see it. */
export const ORIGIN = 'https://pulsestream.test';

export interface Sent {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** The client's IP address. */
  from?: string;
  agent?: Agent;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends a request over HTTP/1.1, on a new connection unless an agent is given. */
export function ask(port: number, sent: Sent): Promise<Answer> {
  const { path, method = 'GET', headers = {}, body, from = '127.0.0.1', agent } = sent;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      localAddress: from,
      agent: agent ?? new Agent(),
      rejectUnauthorized: false,
      headers: { host: new URL(ORIGIN).host, ...headers },
    });
    outgoing.on('response', async (response) => {
      let text = '';
      try {
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
      } catch (error) {
        return reject(error);
      }
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/**
 * Sends a request over HTTP/2 and returns its status.
 *
 * @throws if the proxy doesn't support HTTP/2
 */
export async function askHttp2(port: number, sent: Sent): Promise<number> {
  const { path, method = 'GET', headers = {}, from = '127.0.0.1' } = sent;
  const plain = connect({ host: '127.0.0.1', port, localAddress: from });
  const socket = connectTls({ socket: plain, ALPNProtocols: ['h2'], rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  if (socket.alpnProtocol !== 'h2') throw new Error(`the proxy chose ${socket.alpnProtocol}`);
  const session = connectHttp2(ORIGIN, { createConnection: () => socket });
  try {
    const stream = session.request({ ...headers, ':path': path, ':method': method }).end();
    const [answered] = await once(stream, 'response');
    stream.resume();
    await once(stream, 'end');
    return answered[':status'];
  } finally {
    session.close();
  }
}

/** Returns the local ports that are connected to `port`, or were until recently. Works only on Linux. */
export async function peersOf(port: number): Promise<Set<string>> {
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').slice(1);
  const own = port.toString(16).toUpperCase().padStart(4, '0');
  const ends = lines.map((line) => [...line.matchAll(/[0-9A-F]{8}:([0-9A-F]{4})/g)].map(([, end]) => end));
  const peers = ends.flatMap(([local, remote]) => (local === own ? [remote] : remote === own ? [local] : []));
  return new Set(peers.filter((peer) => peer !== undefined && peer !== '0000') as string[]);
}
