import type { IdentityRequest } from './ambient.js';
import type { CredentialSource } from './auth.js';
import { type Clock, type Signals, withDeadline } from './clock.js';
import { PulseStreamError } from './errors.js';
import { type Answer, exchange, type Fetch } from './exchange.js';
import { toError } from './problem.js';
import { withRetries } from './retry.js';
import { VERSION } from './version.js';

export type Call = {
  method: 'GET' | 'POST';
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: object;
  signal?: AbortSignal | undefined;
  /** True if sending the request twice has the same effect as sending it once. */
  idempotent: boolean;
};

type SenderOptions = {
  origin: string;
  credential: CredentialSource;
  workspace: string | undefined;
  audience: string;
  timeoutMs: number;
  maxRetries: number;
  userAgent: string | undefined;
  fetch: Fetch;
  clock: Clock;
};

/**
 * A mint that was sent is not cut off by an abort: its token would live on for an hour, and nobody could revoke it. So
 * its response is awaited this long.
 */
const MINT_GRACE_MS = 10_000;

/** A successful response. `sentAt` is when its request was sent. */
export type Received = Answer & { sentAt: number };

/**
 * Returns the function that sends every request of a client.
 *
 * @throws {PulseStreamError} `invalid_options`
 */
export function createSender(options: SenderOptions): (call: Call) => Promise<Received> {
  const { origin, audience, timeoutMs, maxRetries, fetch, clock, credential } = options;
  const fixed = fixedHeaders(options);

  const sendOnce = async (
    { method, path, query = {}, body }: Call,
    { signal, inFlight }: Signals,
  ): Promise<Received> => {
    const identity: IdentityRequest = { audience, signal };
    // Each attempt needs a fresh identity, because an identity token mints once.
    const headers = { ...fixed, authorization: `Bearer ${await credential(identity)}` };
    const sentAt = clock.now();
    const answer = await exchange(fetch, address(origin, path, query), {
      method,
      signal: inFlight,
      ...(body === undefined
        ? { headers }
        : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (answer.status < 200 || answer.status > 299) throw toError(answer, clock.now());
    return { ...answer, sentAt };
  };

  return (call) => {
    const graceMs = call.idempotent ? 0 : MINT_GRACE_MS;
    return withDeadline({ clock, ms: timeoutMs, outer: call.signal, graceMs }, (signals) => {
      const endsAt = clock.now() + timeoutMs;
      const policy = { clock, maxRetries, endsAt, idempotent: call.idempotent, signal: signals.signal };
      return withRetries(policy, () => sendOnce(call, signals));
    });
  };
}

function address(origin: string, path: string, query: NonNullable<Call['query']>): string {
  const url = new URL(path, origin);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

function fixedHeaders({ workspace, userAgent }: SenderOptions): Record<string, string> {
  if (workspace !== undefined && !/^[a-z0-9-]{1,100}$/.test(workspace))
    throw new PulseStreamError('invalid_options', 'workspace must be the slug of a workspace.');
  if (userAgent !== undefined && !/^[\x20-\x7e]{1,200}$/.test(userAgent))
    throw new PulseStreamError('invalid_options', 'userAgent must be one short line of ASCII.');
  return {
    accept: 'application/json, application/problem+json',
    'user-agent': `${userAgent === undefined ? '' : `${userAgent} `}pulsestream/${VERSION} node/${process.versions.node}`,
    ...(workspace === undefined ? {} : { 'x-workspace': workspace }),
  };
}
