import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import type { Fetch } from './exchange.js';
import { proxyFor } from './outgoing-proxy.js';
import { connectThrough } from './tunnel.js';

/** The parts of a request that this client uses. */
type Init = { method?: string; headers?: Record<string, string>; body?: string; signal: AbortSignal };

/**
 * Sends a request, an https one through the proxy that `HTTPS_PROXY` and `NO_PROXY` name. Node's own `fetch` honours
 * them from version 24 on, and only with `NODE_USE_ENV_PROXY`. Never follows a redirect through a proxy.
 */
export const proxiedFetch = ((url: string, init: Init) => {
  const target = new URL(url);
  const proxy = target.protocol === 'https:' ? proxyFor(process.env, target) : undefined;
  return proxy === undefined ? globalThis.fetch(url, init) : fetchThrough(proxy, target, init);
}) as Fetch;

async function fetchThrough(
  proxy: URL,
  url: URL,
  { method = 'GET', headers = {}, body, signal }: Init,
): Promise<Response> {
  const socket = await connectThrough(proxy, url, signal);
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    // Without an agent, because an agent would ignore `createConnection` and connect directly.
    const options = { method, signal, createConnection: () => socket };
    // The response is read as it is sent: only `fetch` would decompress it.
    const identity = { ...headers, 'accept-encoding': 'identity' };
    const outgoing = request(url, { ...options, headers: identity });
    outgoing.once('error', reject).once('response', resolve).end(body);
  });
  return toResponse(incoming);
}

function toResponse(incoming: IncomingMessage): Response {
  const { statusCode: status = 0, headersDistinct } = incoming;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  if (status === 204 || status === 205 || status === 304) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  return new Response(Readable.toWeb(incoming) as ReadableStream, { status, headers });
}
