/**
 * Runs an outgoing proxy that intercepts TLS, as many companies do. It ends the TLS of a tunnel with a certificate of its
 * own, and forwards the requests. Tests reach local servers through it by any host name.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { CertificateFiles } from './certificate';

export interface InterceptingProxy {
  url: string;
  /** `HOST:PORT` of each tunnel. */
  tunnels: string[];
  /** `METHOD HOST/path` of each request inside. */
  requests: string[];
  /** The `Proxy-Authorization` of each tunnel, or an empty text. */
  credentials: string[];
  close(): Promise<void>;
}

/**
 * Starts the proxy.
 *
 * @param targets the plain HTTP origin that each host name stands for; a tunnel to another host is refused with 403
 */
export async function startInterceptingProxy(
  files: CertificateFiles,
  targets: Record<string, string>,
): Promise<InterceptingProxy> {
  const tunnels: string[] = [];
  const requests: string[] = [];
  const credentials: string[] = [];
  const sockets = new Set<Socket>();
  const certificate = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  const inside = createSecureServer(certificate, (incoming, outgoing) => {
    const host = (incoming.headers.host ?? '').replace(/:\d+$/, '');
    requests.push(`${incoming.method} ${host}${incoming.url?.replace(/\?.*/, '')}`);
    forward(incoming, outgoing, targets[host] ?? '');
  });
  const proxy = createServer((_, response) => response.writeHead(400).end());
  proxy.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  proxy.on('connect', ({ url = '', headers }, socket: Socket) => {
    tunnels.push(url);
    credentials.push(headers['proxy-authorization'] ?? '');
    if (!Object.hasOwn(targets, url.replace(/:\d+$/, ''))) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    inside.emit('connection', socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    tunnels,
    requests,
    credentials,
    close: async () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
      inside.closeAllConnections();
    },
  };
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, origin: string): void {
  const onward = request(
    new URL(incoming.url ?? '/', origin),
    { method: incoming.method, headers: incoming.headers, agent: false },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
