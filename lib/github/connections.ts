import * as undici from 'undici';
import { onePerProcess } from '../async';

/**
 * Keep-alive connections to GitHub. They honour `HTTPS_PROXY` and `NO_PROXY`. Plain HTTP, which only tests use, never
 * goes through a proxy.
 */
const getConnections = onePerProcess(
  'github connections',
  () => new undici.EnvHttpProxyAgent({ httpProxy: '' }),
);

/** The part of a `Response` that Octokit reads. */
type ShortResponse = {
  status: number;
  url: string;
  headers: ReadonlyMap<string, string>;
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
 * Replaces `fetch` for Octokit's short JSON requests. It creates no web streams, so it takes a quarter of the CPU time.
 * It follows no redirects and does not decompress, so it forbids compression: without the header, any would be allowed.
 */
export async function fetchShort(
  url: string,
  { method, headers, body, signal }: ShortRequest,
): Promise<ShortResponse> {
  const sent = undici.request(url, {
    dispatcher: getConnections(),
    method,
    headers: { ...headers, 'accept-encoding': 'identity' },
    body: body ?? null,
    signal: signal ?? null,
  });
  const response = await (signal === undefined ? sent : unlessAborted(sent, signal));
  const received = new Map<string, string>();
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) received.set(name, typeof value === 'string' ? value : value.join(', '));
  return {
    status: response.statusCode,
    url,
    headers: received,
    text: () => response.body.text(),
    arrayBuffer: () => response.body.arrayBuffer(),
  };
}

/**
 * Rejects as soon as the signal aborts. `undici.request` rejects only once it has a connection, which may take minutes
 * through a proxy; it never sends an aborted request.
 */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * `fetch` on the same connections as {@link fetchShort}. Node's own ignores `HTTPS_PROXY`, so a token that was minted
 * through the proxy could not be revoked. It follows no redirect.
 *
 * @throws the actual cause, such as a proxy's refusal, which `fetch` wraps in errors that do not name it
 */
export async function fetchGitHub(url: string, options: undici.RequestInit): Promise<undici.Response> {
  try {
    return await undici.fetch(url, { ...options, redirect: 'manual', dispatcher: getConnections() });
  } catch (error) {
    let cause = error;
    while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
    throw cause;
  }
}
