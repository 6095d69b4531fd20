/** Opens TLS connections through an HTTP proxy. */
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

/**
 * Opens a TLS connection to the origin of a URL. The proxy sees its host and port, and nothing that is sent.
 *
 * @throws Error with `syscall: 'connect'`, which says that no request was sent
 * @throws the signal's reason, if it was aborted
 */
export async function connectThrough(proxy: URL, url: URL, signal: AbortSignal): Promise<tls.TLSSocket> {
  const socket = await openTunnel(proxy, `${url.hostname}:${url.port || 443}`, signal);
  const host = bare(url.hostname);
  // An address is no name to send, but the certificate is compared with it all the same.
  return tls.connect({ socket, host, servername: isIP(host) ? '' : host, ALPNProtocols: ['http/1.1'] });
}

function openTunnel(proxy: URL, authority: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? requestSecure : requestPlain)({
      host: bare(proxy.hostname),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      agent: false,
      signal,
      headers: { host: authority, ...credentialsOf(proxy) },
    });
    request.once('error', ({ code }: NodeJS.ErrnoException) => reject(notConnected(code ?? 'PROXY_FAILED')));
    request.once('response', (response) => {
      response.destroy();
      reject(notConnected(`PROXY_STATUS_${response.statusCode}`));
    });
    request.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(notConnected(`PROXY_STATUS_${statusCode}`));
    });
    request.end();
  });
}

/** The text of the original error is left out, because it may quote the proxy's password. */
const notConnected = (code: string): Error =>
  Object.assign(new Error('no tunnel'), { code, syscall: 'connect' });

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
