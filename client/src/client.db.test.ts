/** Holds the client to the real app over HTTP, and to the list of living tokens of the offline GitHub. */
import { inspect } from 'node:util';
import { createControlClient, hashToken } from 'offline-github';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey } from '../../lib/api-keys/manage';
import { readAudit, TEST_ORIGIN } from '../../lib/auth/test-fixtures';
import { forgetGitHub } from '../../lib/github/client';
import { connectedScene, type Scene } from '../../lib/testing/test-scene';
import { MINT, REPOSITORIES, REVOKE, startServiceApi } from '../../lib/testing/test-service-api';
import { startTestWorld } from '../../lib/testing/test-world';
import {
  type Client,
  type ClientOptions,
  createClient,
  type MintedToken,
  PulseStreamError,
} from './index.js';

const world = await startTestWorld();
const { github } = world;
const api = await startServiceApi();
const control = createControlClient(github.webUrl);
let scene: Scene;
let apiKey: string;
let client: Client;

const MINT_AT_GITHUB = 'POST /app/installations/{installation_id}/access_tokens';

/** A clock by which waits before a retry take no time, while deadlines never pass. */
const IMPATIENT = {
  now: () => Date.now(),
  sleep: async (ms: number, signal: AbortSignal) => {
    if (ms < LEAST_DEADLINE_MS) return;
    await new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  },
};
const LEAST_DEADLINE_MS = 10_000;

const makeClient = (options: Partial<ClientOptions> = {}): Client =>
  createClient({ url: api.origin, auth: { apiKey }, clock: IMPATIENT, ...options });

/** Returns the hashes of the minted tokens that GitHub still accepts. The app's own tokens for syncs are not minted. */
async function livingTokens(): Promise<string[]> {
  const { liveTokens } = await control.state();
  const minted = (await readAudit(scene.workspaceId)).flatMap(({ type, details }) =>
    type === 'github.token_minted' ? [(details as { hashed_token: string }).hashed_token] : [],
  );
  return liveTokens.map(({ hash }) => hash).filter((hash) => minted.includes(hash));
}

const works = async (token: MintedToken): Promise<boolean> => {
  const headers = { authorization: `Bearer ${token.value}`, 'user-agent': 'curl/8' };
  return (await fetch(`${github.apiUrl}/installation/repositories`, { headers })).status === 200;
};

const failure = async (work: Promise<unknown>): Promise<PulseStreamError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PulseStreamError)) throw new Error(`no PulseStreamError: ${inspect(error)}`);
  return error;
};

const cut = (outgoing: { destroy: () => void }) => outgoing.destroy();
const countOf = (route: string) => api.received.filter((each) => each.route === route).length;

beforeAll(async () => {
  scene = await connectedScene(world, { account: 'acme', by: 'olivia' });
  const { workspaceId, actor } = scene;
  const created = await createApiKey({ workspaceId, actor, origin: TEST_ORIGIN }, { name: 'engine' });
  apiKey = created.key;
  client = makeClient();
});
beforeEach(async () => {
  github.knobs.reset();
  forgetGitHub();
  expect(await livingTokens()).toEqual([]);
  api.received.length = 0;
});

it('mints a token that reads the named repositories, and revokes it', async () => {
  const token = await client.mint({ repositories: ['acme/api'] });
  expect(token.repositories?.map(({ full_name }) => full_name)).toEqual(['acme/api']);
  expect(token.account.login).toBe('acme');
  expect(await works(token)).toBe(true);
  await client.revoke(token);
  expect(await works(token)).toBe(false);
  await client.revoke(token.value);
});

it('lists the repositories page by page, and requests no page before it is needed', async () => {
  const names: string[] = [];
  for await (const { full_name } of client.repositories({ limit: 2 })) {
    names.push(full_name);
    expect(countOf(REPOSITORIES)).toBe(Math.ceil(names.length / 2));
  }
  expect(names.sort()).toEqual(['acme/api', 'acme/infra', 'acme/web']);
});

describe('errors', () => {
  it('carries the code, the status, the request id and the candidates of the control plane', async () => {
    const error = await failure(client.mint({ repositories: ['acme/none'] }));
    expect(error).toMatchObject({ code: 'repository_not_accessible', status: 422, retry: 'no' });
    expect(error.requestId).toMatch(/./);
    const invalid = await failure(client.mint({ repositories: [] }));
    expect(invalid).toMatchObject({ code: 'invalid_request', errors: [{ path: 'repositories' }] });
  });

  it('holds neither the key nor the body that was rejected', async () => {
    const wrong = `${apiKey.slice(0, -6)}AAAAAA`;
    const error = await failure(makeClient({ auth: { apiKey: wrong } }).mint());
    expect(error.code).toBe('unauthenticated');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(wrong);
  });
});

describe('retries', () => {
  it('repeats a mint after 429, and after a 503 of the control plane that names a time', async () => {
    github.knobs.failNext(MINT_AT_GITHUB, { kind: 'status', status: 500 });
    api.failNext(MINT, (outgoing) => outgoing.writeHead(429, { 'retry-after': '1' }).end());
    const token = await client.mint();
    expect(api.received.map(({ status }) => status)).toEqual([503, 201]);
    await client.revoke(token);
  });

  it('sends a mint only once if the connection broke, because a token may have been issued', async () => {
    api.failNext(MINT, cut);
    expect(await failure(client.mint())).toMatchObject({ code: 'unreachable', retry: 'if_idempotent' });
    expect(countOf(MINT)).toBe(0);
  });

  it.each([
    ['a proxy that answers 503 with a time', 503, { 'retry-after': '1', 'content-type': 'text/html' }],
    ['a proxy that answers 502', 502, {}],
    ['an error of the control plane', 500, { 'content-type': 'application/problem+json' }],
  ])('sends a mint only once after %s', async (_, status, headers) => {
    api.failNext(MINT, (outgoing) => outgoing.writeHead(status, headers).end('{}'));
    expect(await failure(client.mint())).toMatchObject({ code: 'unexpected_answer', status });
    expect(countOf(MINT)).toBe(0);
  });

  it('repeats a revocation and a list after every failure of a server or a connection', async () => {
    const token = await client.mint();
    api.failNext(REVOKE, cut, { afterEffect: true });
    api.failNext(REVOKE, (outgoing) => outgoing.writeHead(502).end());
    api.failNext(REPOSITORIES, cut);
    await client.revoke(token);
    expect(await works(token)).toBe(false);
    expect(countOf(REVOKE)).toBe(2);
    expect((await client.repositories().next()).done).toBe(false);
  });

  it('gives up after the retries that were allowed', async () => {
    api.failNext(REPOSITORIES, cut, { times: 3 });
    expect(await failure(makeClient({ maxRetries: 2 }).repositories().next())).toMatchObject({
      code: 'unreachable',
    });
    expect((await client.repositories().next()).done).toBe(false);
    expect(countOf(REPOSITORIES)).toBe(1);
  });

  it('does not wait for a time after its deadline', async () => {
    api.failNext(MINT, (outgoing) => outgoing.writeHead(429, { 'retry-after': '3600' }).end());
    const error = await failure(client.mint());
    expect(error).toMatchObject({ status: 429, retryAfterSeconds: 3600 });
    expect(countOf(MINT)).toBe(0);
  });
});

describe('withToken', () => {
  it('revokes the token after success, and returns the result', async () => {
    const result = await client.withToken({ repositories: ['acme/api'] }, async (token) => {
      expect(await works(token)).toBe(true);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await livingTokens()).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('the job');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('the job');
      },
    ],
  ])('revokes the token when the work %s, and passes the error on', async (_, use) => {
    await expect(client.withToken({}, use)).rejects.toThrow('the job');
    expect(await livingTokens()).toEqual([]);
    expect(countOf(REVOKE)).toBe(1);
  });

  it('revokes the token when the caller aborts, although the work goes on', async () => {
    const caller = new AbortController();
    const reason = new Error('the caller has left');
    const work = client.withToken({ signal: caller.signal }, async (_token, job) => {
      caller.abort(reason);
      expect(job.signal.aborted).toBe(true);
      await expect(job.token()).rejects.toBe(reason);
      await new Promise(() => {});
    });
    await expect(work).rejects.toBe(reason);
    expect(await livingTokens()).toEqual([]);
    expect(countOf(REVOKE)).toBe(1);
  });

  it('revokes a token whose mint was under way when the caller aborted', async () => {
    for (const start of [
      (signal: AbortSignal) => client.withToken({ signal }, () => expect.unreachable()),
      (signal: AbortSignal) => client.mint({ signal }),
    ]) {
      const caller = new AbortController();
      const held = github.knobs.holdNextAnswer(MINT_AT_GITHUB);
      const work = start(caller.signal);
      const settled = expect(work).rejects.toThrow('left');
      await held.arrived;
      caller.abort(new Error('left'));
      held.release();
      await settled;
      expect(await livingTokens()).toEqual([]);
    }
    expect(countOf(REVOKE)).toBe(2);
  });

  it('hides neither the result nor the error of the work behind a failed revocation', async () => {
    const failed: MintedToken[] = [];
    const onRevokeError = (error: unknown, token: MintedToken) => {
      expect(error).toBeInstanceOf(PulseStreamError);
      failed.push(token);
    };
    api.failNext(REVOKE, cut, { times: 8 });
    expect(await client.withToken({ onRevokeError }, () => 'done')).toBe('done');
    const work = client.withToken({ onRevokeError }, () => Promise.reject(new Error('the job')));
    await expect(work).rejects.toThrow('the job');
    expect(failed.map(({ value }) => hashToken(value)).sort()).toEqual((await livingTokens()).sort());
    expect(failed).toHaveLength(2);
    await Promise.all(failed.map((token) => client.revoke(token)));
  });
});
