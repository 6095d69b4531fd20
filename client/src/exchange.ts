/** Sends one HTTP request and reads its response within limits. */
import { PulseStreamError } from './errors.js';

export type Fetch = typeof globalThis.fetch;

/** A whole response. The names of its headers are read in any case. */
export type Answer = { status: number; headers: Headers; text: string };

/** Ten times the largest response of the API: a token for 500 repositories with the longest names. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** `cache` is for frameworks that replace `fetch` by one with a cache. */
const ALWAYS = { redirect: 'manual', cache: 'no-store' } as const;

/**
 * Sends a request. Never follows a redirect, because the next server would receive the credential.
 *
 * @throws {PulseStreamError} `unreachable`, or `unexpected_answer` for a redirect or an oversized body
 * @throws the signal's reason, if it was aborted
 */
export async function exchange(
  fetch: Fetch,
  url: string,
  init: RequestInit & { headers: Record<string, string>; signal: AbortSignal },
): Promise<Answer> {
  const { origin } = new URL(url);
  try {
    const response = await fetch(url, { ...init, ...ALWAYS });
    const text = await readBody(response, origin);
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400))
      throw new PulseStreamError(
        'unexpected_answer',
        `${origin} redirects elsewhere. That is never followed.`,
        {
          status: response.status,
        },
      );
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    init.signal.throwIfAborted();
    if (error instanceof PulseStreamError) throw error;
    const { code, unsent } = causeOf(error);
    const retry = unsent ? 'safe' : 'if_idempotent';
    throw new PulseStreamError('unreachable', `The connection to ${origin} failed: ${code}.`, { retry });
  }
}

/** Reads a body, and stops once it is too long, whatever its `Content-Length` says. */
async function readBody({ body }: Response, origin: string): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop cancels the body, which closes the connection.
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES)
      throw new PulseStreamError('unexpected_answer', `${origin} sent more than ${MAX_BODY_BYTES} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

type NodeError = { code?: unknown; syscall?: unknown; errors?: readonly NodeError[] };

/** System calls that come before the first byte of a request. */
const CONNECTING: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo']);

/**
 * Reads the error of Node or undici, which `fetch` wraps in a `TypeError`. An error for several addresses wraps one for
 * each. The error itself is never passed on, because its text may quote a header.
 */
function causeOf(error: unknown): { code: string; unsent: boolean } {
  const cause = ((error as { cause?: unknown }).cause ?? error) as NodeError;
  const all = cause.errors ?? [cause];
  const code = cause.code ?? all[0]?.code;
  const unsent =
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    (all.length > 0 && all.every(({ syscall }) => CONNECTING.has(syscall)));
  return { code: typeof code === 'string' && /^[A-Z_0-9]{1,60}$/.test(code) ? code : 'no response', unsent };
}
