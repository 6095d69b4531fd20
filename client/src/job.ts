import type { Clock } from './clock.js';
import { PulseStreamError } from './errors.js';
import type { JobOptions, MintOptions } from './options.js';
import type { MintedToken } from './token.js';

/** Passed to the work, besides its first token. */
export type Job = {
  /** Returns a token with enough time left, and mints another one if there is none. Concurrent calls share one. */
  token(): Promise<MintedToken>;
  /** Aborted when the caller's signal is aborted, and when the work has ended. */
  signal: AbortSignal;
};

/** A token, and when it expires by this machine's clock. */
export type TimedToken = { token: MintedToken; expiresAt: number };

type Tools = {
  mint: (options: MintOptions) => Promise<TimedToken>;
  revoke: (token: MintedToken) => Promise<void>;
  clock: Clock;
};

const RENEW_BEFORE_MS = 5 * 60_000;
/** Half of a token's life. With more, every call would mint. */
const MAX_RENEW_BEFORE_MS = 30 * 60_000;
/** A token needs no revocation once it has been expired for this long. A clock may be set meanwhile, but rarely so far. */
const CERTAINLY_OVER_MS = 10 * 60_000;
/** After a renewal failed, the old token serves until the next attempt. */
const RETRY_RENEWAL_AFTER_MS = 30_000;

/** Runs work with tokens that are renewed before they expire, and revokes all of them when the work ends. */
export async function runJob<T>(
  { mint, revoke, clock }: Tools,
  { renewBeforeMs = RENEW_BEFORE_MS, onRevokeError = warnOfRevoke, signal, ...scope }: JobOptions,
  use: (token: MintedToken, job: Job) => T | Promise<T>,
): Promise<T> {
  if (!(renewBeforeMs >= 0 && renewBeforeMs <= MAX_RENEW_BEFORE_MS))
    throw new PulseStreamError('invalid_options', `renewBeforeMs must be from 0 to ${MAX_RENEW_BEFORE_MS}.`);
  signal?.throwIfAborted();
  const ended = new AbortController();
  const abort = () => ended.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const tokens = new Tokens(() => mint({ ...scope, signal: ended.signal }), clock, renewBeforeMs);
  const token = async () => {
    ended.signal.throwIfAborted();
    const current = await tokens.current();
    ended.signal.throwIfAborted();
    return current;
  };
  try {
    const aborted = rejectOnAbort(ended.signal);
    return await Promise.race([
      token().then((first) => use(first, { token, signal: ended.signal })),
      aborted,
    ]);
  } finally {
    signal?.removeEventListener('abort', abort);
    ended.abort(new PulseStreamError('ended', 'The work that this token was for has ended.'));
    await revokeAll(await tokens.close(), revoke, onRevokeError);
  }
}

/** The tokens of one job. */
class Tokens {
  #minted: TimedToken[] = [];
  #renewal: Promise<TimedToken> | undefined;
  #renewAgainAt = 0;

  constructor(
    private readonly mint: () => Promise<TimedToken>,
    private readonly clock: Clock,
    private readonly renewBeforeMs: number,
  ) {}

  async current(): Promise<MintedToken> {
    const newest = this.#minted.at(-1);
    const left = (newest?.expiresAt ?? 0) - this.clock.now();
    const mayWait = this.clock.now() < this.#renewAgainAt;
    if (newest !== undefined && (left > this.renewBeforeMs || (mayWait && left > 0))) return newest.token;
    try {
      return (await this.#renew()).token;
    } catch (error) {
      if (newest === undefined || newest.expiresAt <= this.clock.now()) throw error;
      this.#renewAgainAt = this.clock.now() + RETRY_RENEWAL_AFTER_MS;
      return newest.token;
    }
  }

  #renew(): Promise<TimedToken> {
    this.#renewal ??= this.mint()
      .then((minted) => {
        this.#minted = [...this.#notOver(), minted];
        return minted;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  /** Waits for a renewal that is under way, and returns every token that may still be valid. */
  async close(): Promise<readonly MintedToken[]> {
    await this.#renewal?.catch(() => {});
    return this.#notOver().map(({ token }) => token);
  }

  #notOver(): TimedToken[] {
    const now = this.clock.now();
    return this.#minted.filter(({ expiresAt }) => expiresAt > now - CERTAINLY_OVER_MS);
  }
}

/** Revokes concurrently. A failure neither hides the error of the work nor loses its result. */
async function revokeAll(
  tokens: readonly MintedToken[],
  revoke: Tools['revoke'],
  onRevokeError: NonNullable<JobOptions['onRevokeError']>,
): Promise<void> {
  await Promise.all(
    tokens.map((token) => revoke(token).catch((error: unknown) => onRevokeError(error, token))),
  );
}

/** Warns that a token lives on. Its text names the account and the expiry, never the token. */
export function warnOfRevoke(error: unknown, token: MintedToken): void {
  const why = error instanceof Error ? error.message : 'unknown error';
  process.emitWarning(`${token} could not be revoked: ${why}`, 'PulseStreamWarning');
}

const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
