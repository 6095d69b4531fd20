import * as undici from 'undici';
import { onePerProcess } from '../async';
import { getConfig, isProxyConfigured } from '../config';
import { activeSpan, inClientSpan, serverOf } from '../observability/tracing';

/**
 * Cap on a response's body, after decompression. The longest responses are a mint for 500 repositories, which lists them
 * as full objects, and a list's page of 100. Such an object takes 6 to 10 kB, and 20 kB with a long description and many
 * topics. So this is above 500 of the longest, and 45 calls in flight cannot exhaust a process's memory with it.
 */
export const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/**
 * Opens keep-alive connections that honour `HTTPS_PROXY` and `NO_PROXY`. Plain HTTP, which only tests use, never goes
 * through a proxy.
 *
 * @param deadlineMs closes the socket of a server or proxy that does not respond for this long. An abort signal alone
 *   ends the call, but leaves a half-open tunnel to undici's own timeouts of up to 300 s
 */
export function openConnections(deadlineMs: number): undici.Dispatcher {
  const connect = { timeout: deadlineMs };
  const timeouts = { headersTimeout: deadlineMs, bodyTimeout: deadlineMs };
  return new undici.EnvHttpProxyAgent({
    httpProxy: '',
    maxResponseSize: MAX_RESPONSE_BYTES,
    ...timeouts,
    connect,
    // TLS with the proxy, and with the server inside the proxy's tunnel.
    proxyTls: connect,
    requestTls: connect,
    // The proxy's response to CONNECT.
    clientFactory: (proxy, options) => new undici.Pool(proxy, { ...options, ...timeouts }),
  });
}

const getConnections = onePerProcess('github connections', () =>
  openConnections(getConfig().github.timeoutMs),
);

/**
 * Sends `fetch` of libraries, such as Upstash's, through `HTTPS_PROXY` as well. Node does so only from version 24 on, with
 * `NODE_USE_ENV_PROXY`. Without a proxy, `fetch` stays as it is.
 *
 * @param deadlineMs closes the connection to a proxy that does not respond. The library ends its request by itself
 */
export function proxyGlobalFetch(deadlineMs: number): void {
  if (isProxyConfigured())
    onePerProcess('proxy of fetch', () => undici.setGlobalDispatcher(openConnections(deadlineMs)))();
}

/** The part of a `Response` that Octokit reads. The body has arrived already. */
type WholeResponse = {
  status: number;
  url: string;
  headers: Iterable<[string, string]> & { get(name: string): string | null | undefined };
  text(): Promise<string>;
  /** Octokit calls this for a body that is neither JSON nor text. */
  arrayBuffer(): Promise<ArrayBuffer>;
};

type ShortRequest = {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
};

/**
 * Replaces `fetch` for Octokit's short JSON requests. It creates no streams, so it takes a fraction of the CPU time. It
 * follows no redirects and does not decompress, so it forbids compression: without the header, any would be allowed.
 *
 * Rejects as soon as the signal aborts. Undici itself rejects only once it has a connection, which may take minutes
 * through a proxy.
 *
 * @throws also if the body breaks off or is too long. Octokit would take such a body for an empty one
 */
export function fetchShort(
  url: string,
  { method, headers, body, signal }: ShortRequest,
): Promise<WholeResponse> {
  return new Promise((resolve, reject) => {
    let cancel = () => {};
    const abort = () => {
      reject(signal?.reason);
      cancel();
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    const span = activeSpan();
    noteInSpan(url);
    const { origin, pathname, search } = new URL(url);
    let status = 0;
    const received = new Map<string, string>();
    const chunks: Buffer[] = [];
    const stop = () => signal?.removeEventListener('abort', abort);
    getConnections().dispatch(
      {
        origin,
        path: `${pathname}${search}`,
        method,
        headers: { ...headers, 'accept-encoding': 'identity' },
        body: body ?? null,
      },
      {
        onRequestStart: (controller) => {
          cancel = () => controller.abort(signal?.reason);
          // Never send a request that was aborted while it waited for a connection.
          if (signal?.aborted) cancel();
        },
        onResponseStart: (_controller, statusCode, responseHeaders) => {
          status = statusCode;
          noteInSpan(url, status, span);
          received.clear();
          for (const [name, value] of Object.entries(responseHeaders))
            if (value !== undefined) received.set(name, typeof value === 'string' ? value : value.join(', '));
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => {
          stop();
          resolve(whole(status, url, received, Buffer.concat(chunks)));
        },
        onResponseError: (_controller, error) => {
          stop();
          reject(error);
        },
      },
    );
  });
}

/** Runs a request in the span of its call. A request that is no call of GitHub's API gets a span of its own. */
function inCallSpan<T>(method: string, send: () => Promise<T>): Promise<T> {
  if (activeSpan()?.kind === 'client') return send();
  return inClientSpan(() => ({ name: method, attributes: { 'http.request.method': method } }), send);
}

/** Adds what was sent, and the status that came back, to the span of the call. The query may hold a code. */
function noteInSpan(url: string, status?: number, span = activeSpan()): void {
  if (span?.kind !== 'client') return;
  const { origin, pathname } = new URL(url);
  span.set({
    'url.full': `${origin}${pathname}`,
    ...serverOf(url),
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
  });
}

const decoder = new TextDecoder();

function whole(
  status: number,
  url: string,
  headers: WholeResponse['headers'],
  bytes: Uint8Array<ArrayBuffer>,
): WholeResponse {
  return {
    status,
    url,
    headers,
    text: async () => decoder.decode(bytes),
    arrayBuffer: async () => bytes.slice().buffer,
  };
}

/**
 * `fetch` on the same connections as {@link fetchShort}. Node's own ignores `HTTPS_PROXY`, so a token that was minted
 * through the proxy could not be revoked. It follows no redirect.
 *
 * @param through the app's own connections by default; `openConnections` for other hosts and other limits
 * @throws the actual cause, such as a proxy's refusal, which `fetch` wraps in errors that do not name it; also for a body
 *   that is too long
 */
export function fetchOutgoing(
  url: string,
  options: undici.RequestInit,
  through: Partial<Through> = {},
): Promise<WholeResponse> {
  const { connections = getConnections(), maxBytes = MAX_RESPONSE_BYTES } = through;
  return inCallSpan(options.method ?? 'GET', () => sendOutgoing(url, options, { connections, maxBytes }));
}

type Through = {
  connections: undici.Dispatcher;
  /** Cap on the body, after decompression. */
  maxBytes: number;
};

async function sendOutgoing(
  url: string,
  options: undici.RequestInit,
  { connections, maxBytes }: Through,
): Promise<WholeResponse> {
  noteInSpan(url);
  try {
    const response = await undici.fetch(url, { ...options, redirect: 'manual', dispatcher: connections });
    noteInSpan(url, response.status);
    return whole(response.status, url, response.headers, await readWhole(response, maxBytes));
  } catch (error) {
    let cause = error;
    while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
    throw cause;
  }
}

/** Reads a body. `fetch` decompresses, and undici counts only compressed bytes, so this counts what they expand to. */
async function readWhole({ body }: undici.Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the body, which closes the connection.
    if (length > maxBytes) throw new Error('the response is too long');
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
