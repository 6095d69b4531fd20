import { parseOrigin } from './address.js';
import {
  MINT_PATH,
  type MintAnswer,
  REPOSITORIES_PATH,
  REVOKE_PATH,
  type Repository,
  type RepositoryPage,
} from './api.js';
import { credentialSource } from './auth.js';
import { SYSTEM_CLOCK } from './clock.js';
import { PulseStreamError } from './errors.js';
import { type Job, runJob, type TimedToken, warnOfRevoke } from './job.js';
import type { Cancel, ClientOptions, JobOptions, MintOptions, RepositoriesOptions } from './options.js';
import { parseJson } from './problem.js';
import { proxiedFetch } from './proxied-fetch.js';
import { type Call, createSender, type Received } from './request.js';
import { dateOf } from './retry.js';
import { MintedToken } from './token.js';

export type Client = {
  /**
   * Mints a token for the named repositories, or for all that the caller may read. Revoke it when you no longer need
   * it, or use {@link Client.withToken}, which does.
   */
  mint(options?: MintOptions): Promise<MintedToken>;
  /**
   * Runs work with a token, and revokes every token of the work when it ends, fails or is aborted.
   *
   * Work that takes longer than an hour asks `job.token()` for a token whenever it needs one.
   */
  withToken<T>(options: JobOptions, use: (token: MintedToken, job: Job) => T | Promise<T>): Promise<T>;
  /** Lists the repositories that the caller may read, and requests the pages as they are needed. */
  repositories(options?: RepositoriesOptions): AsyncGenerator<Repository, void, undefined>;
  /** Revokes a token of the workspace. A token that is revoked already stays so. */
  revoke(token: MintedToken | string, options?: Cancel): Promise<void>;
};

/**
 * Creates a client.
 *
 * @throws {PulseStreamError} `invalid_options`
 */
export function createClient(options: ClientOptions): Client {
  const origin = parseOrigin(options.url);
  const { fetch = proxiedFetch, clock = SYSTEM_CLOCK } = options;
  const send = createSender({
    origin,
    credential: credentialSource(options.auth, fetch),
    workspace: options.workspace,
    audience: options.audience ?? origin,
    timeoutMs: options.timeoutMs ?? 60_000,
    maxRetries: options.maxRetries ?? 3,
    userAgent: options.userAgent,
    fetch,
    clock,
  });

  const mint = async ({ signal, ...body }: MintOptions = {}): Promise<TimedToken> => {
    const received = await send({ method: 'POST', path: MINT_PATH, body, signal, idempotent: false });
    const answer = read(received, isMintAnswer);
    return { token: new MintedToken(answer), expiresAt: localExpiry(answer, received) };
  };

  const revoke = async (token: MintedToken | string, { signal }: Cancel = {}): Promise<void> => {
    const body = { token: typeof token === 'string' ? token : token.value };
    await send({ method: 'POST', path: REVOKE_PATH, body, signal, idempotent: true });
  };

  return {
    mint: async (mintOptions) => {
      const { token } = await mint(mintOptions);
      if (mintOptions?.signal?.aborted !== true) return token;
      await revoke(token).catch((error: unknown) => warnOfRevoke(error, token));
      throw mintOptions.signal.reason;
    },
    withToken: (jobOptions, use) => runJob({ mint, revoke, clock }, jobOptions, use),
    repositories: (listOptions) => listRepositories(send, listOptions),
    revoke,
  };
}

async function* listRepositories(
  send: (call: Call) => Promise<Received>,
  { signal, installation_id, q, limit }: RepositoriesOptions = {},
): AsyncGenerator<Repository, void, undefined> {
  let cursor: string | undefined;
  do {
    const query = { installation_id, q, limit, cursor };
    const received = await send({ method: 'GET', path: REPOSITORIES_PATH, query, signal, idempotent: true });
    const page = read(received, isRepositoryPage);
    yield* page.data;
    if (page.next_cursor !== null && page.next_cursor === cursor) throw unreadable();
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

/**
 * Returns when the token expires by this machine's clock. Only the difference of the server's two times counts, so that
 * a wrong clock here neither renews too late nor all the time.
 */
function localExpiry({ expires_at }: MintAnswer, { headers, sentAt }: Received): number {
  return sentAt + Date.parse(expires_at) - (dateOf(headers) ?? sentAt);
}

function read<T>({ text }: Received, isExpected: (value: unknown) => value is T): T {
  const value = parseJson(text);
  if (isExpected(value)) return value;
  throw unreadable();
}

/** Says nothing about the body, because it may hold a token. */
const unreadable = () =>
  new PulseStreamError('unexpected_answer', 'The response is not what the API describes. Is the URL right?');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isMintAnswer = (value: unknown): value is MintAnswer =>
  isObject(value) &&
  typeof value.token === 'string' &&
  /^[\x21-\x7e]+$/.test(value.token) &&
  typeof value.expires_at === 'string' &&
  !Number.isNaN(Date.parse(value.expires_at)) &&
  isObject(value.account) &&
  typeof value.account.login === 'string';

const isRepositoryPage = (value: unknown): value is RepositoryPage =>
  isObject(value) &&
  Array.isArray(value.data) &&
  value.data.every((each) => isObject(each) && typeof each.full_name === 'string') &&
  (value.next_cursor === null || typeof value.next_cursor === 'string');
