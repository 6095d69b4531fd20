import { request as requestPlain } from 'node:http';
import { Agent, type RequestOptions, request as requestSecure } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { outgoingProxy } from '../config';

/** How long an unused connection is kept, as by Node's own agent. Firewalls and proxies drop idle ones without a word. */
const IDLE_MS = 5000;

/**
 * Opens https connections that honour `HTTPS_PROXY` and `NO_PROXY`. Libraries that call `https.request` use it: next-auth's
 * OpenID client and the AWS SDK. Node's own agent does so from version 24 on, with `NODE_USE_ENV_PROXY`. Our own calls go
 * through `fetchOutgoing`.
 */
class OutgoingAgent extends Agent {
  constructor(private readonly deadlineMs: number) {
    super({ keepAlive: true, timeout: IDLE_MS });
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const host = options.host ?? options.hostname ?? 'localhost';
    const authority = { hostname: isIPv6(host) ? `[${host}]` : host, port: Number(options.port ?? 443) };
    const proxy = outgoingProxy(authority.hostname, authority.port);
    if (proxy === undefined) return super.createConnection(options, callback);
    openTunnel(proxy, `${authority.hostname}:${authority.port}`, this.deadlineMs).then(
      (socket) => callback?.(null, tls.connect({ ...(options as tls.ConnectionOptions), socket })),
      // Node ignores the second argument after an error, but its types require one.
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

/**
 * Creates an agent.
 *
 * @param deadlineMs how long the proxy may take to open a tunnel. The client's own timeouts cover the rest
 */
export function httpsAgent(deadlineMs: number): Agent {
  return new OutgoingAgent(deadlineMs);
}

/**
 * Asks a proxy for a tunnel.
 *
 * @throws if it refuses, or does not respond in time
 */
function openTunnel(proxy: URL, authority: string, deadlineMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? requestSecure : requestPlain)({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      agent: false,
      headers: { host: authority, ...credentials(proxy) },
    });
    // A timeout of the socket would start anew with each byte.
    const timer = setTimeout(
      () => request.destroy(new Error('the proxy did not answer in time')),
      deadlineMs,
    );
    request.once('close', () => clearTimeout(timer));
    request.once('error', reject);
    request.once('response', ({ statusCode }) => {
      request.destroy(new Error(`Proxy response (${statusCode}) !== 200 when HTTP Tunneling`));
    });
    request.once('connect', ({ statusCode }, socket) => {
      clearTimeout(timer);
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`Proxy response (${statusCode}) !== 200 when HTTP Tunneling`));
    });
    request.end();
  });
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
