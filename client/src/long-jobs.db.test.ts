/** Jobs that outlast their tokens, in simulated time: GitHub's clock, the server's and the client's move together. */
import { createControlClient } from 'offline-github';
import { beforeEach, expect, it } from 'vitest';
import { createApiKey } from '../../lib/api-keys/manage';
import { readAudit, TEST_ORIGIN } from '../../lib/auth/test-fixtures';
import { forgetGitHub } from '../../lib/github/client';
import { connectedScene } from '../../lib/testing/test-scene';
import { MINT, REVOKE, startServiceApi } from '../../lib/testing/test-service-api';
import { startTestWorld } from '../../lib/testing/test-world';
import { createClient, type MintedToken } from './index.js';

const MINUTE_MS = 60_000;
const STARTED = Date.now();
const world = await startTestWorld();
const { github } = world;
const api = await startServiceApi();
const { workspaceId, actor } = await connectedScene(world, { account: 'acme', by: 'olivia' });
const { key } = await createApiKey({ workspaceId, actor, origin: TEST_ORIGIN }, { name: 'engine' });

/** How far this machine's clock is wrong. */
let wrongBy = 0;
const client = createClient({
  url: api.origin,
  auth: { apiKey: key },
  clock: {
    // Only the test moves this clock, so that a slow machine renews at the same minutes.
    now: () => STARTED + api.now.offsetMs + wrongBy,
    // No test here waits for a deadline or a retry.
    sleep: (_ms, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  },
});

/** When the present test began. Time only passes, so that an expired token of an earlier test stays expired. */
let beganAt = 0;

beforeEach(() => {
  wrongBy = 0;
  api.received.length = 0;
  github.knobs.reset();
  beganAt = api.now.offsetMs + 3 * 60 * MINUTE_MS;
  goTo(0);
});

function goTo(minutes: number): void {
  const offsetMs = beganAt + minutes * MINUTE_MS;
  api.now.offsetMs = offsetMs;
  github.knobs.set({ clockOffsetMs: offsetMs });
  // The app corrects its own clock by GitHub's once. Forget that, as if both had moved.
  forgetGitHub();
}

async function works(token: MintedToken): Promise<boolean> {
  const headers = { authorization: `Bearer ${token.value}`, 'user-agent': 'curl/8' };
  return (await fetch(`${github.apiUrl}/installation/repositories`, { headers })).status === 200;
}

async function livingTokens(): Promise<string[]> {
  const { liveTokens } = await createControlClient(github.webUrl).state();
  const minted = (await readAudit(workspaceId)).map(({ details }) => Object(details).hashed_token);
  return liveTokens.map(({ hash }) => hash).filter((hash) => minted.includes(hash));
}

const countOf = (route: string) => api.received.filter((each) => each.route === route).length;

it.each([
  ['right', 0],
  ['half an hour slow', -30],
  ['two hours fast', 120],
])('works for two hours on a machine whose clock is %s, and leaves no token alive', async (_, minutes) => {
  wrongBy = minutes * MINUTE_MS;
  const seen = new Set<MintedToken>();
  await client.withToken({ repositories: ['acme/api'] }, async (first, job) => {
    seen.add(first);
    for (let minute = 0; minute <= 120; minute += 2) {
      goTo(minute);
      const token = await job.token();
      seen.add(token);
      expect([minute, await works(token)]).toEqual([minute, true]);
    }
  });
  // 0 to 55 minutes, to 110, and to the end.
  expect(seen.size).toBe(3);
  expect(countOf(MINT)).toBe(3);
  // The first token expired an hour ago.
  expect(countOf(REVOKE)).toBe(2);
  expect(await livingTokens()).toEqual([]);
});

it('shares one renewal between concurrent tasks of a job', async () => {
  await client.withToken({}, async (first, job) => {
    goTo(58);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => job.token()));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens).not.toContain(first);
    // The tasks that still use the first token are not interrupted.
    expect(await works(first)).toBe(true);
  });
  expect(countOf(MINT)).toBe(2);
  expect(countOf(REVOKE)).toBe(2);
  expect(await livingTokens()).toEqual([]);
});

it('keeps the old token while a renewal fails, until the token expires', async () => {
  const work = client.withToken({}, async (first, job) => {
    const refuse = (outgoing: { destroy: () => void }) => outgoing.destroy();
    api.failNext(MINT, refuse, { times: 2 });
    goTo(56);
    expect(await job.token()).toBe(first);
    goTo(56.1);
    // Not tried again yet, so that each call of a busy job does not wait for a server that is down.
    expect(await job.token()).toBe(first);
    goTo(61);
    return job.token();
  });
  await expect(work).rejects.toMatchObject({ code: 'unreachable' });
  expect(await livingTokens()).toEqual([]);
});

it('revokes a token whose renewal was under way when the work ended', async () => {
  await client.withToken({}, async (_first, job) => {
    goTo(56);
    const renewal = github.knobs.holdNextAnswer('POST /app/installations/{installation_id}/access_tokens');
    job.token().catch(() => {});
    await renewal.arrived;
    // The work ends now, and the renewal's response arrives later.
    queueMicrotask(() => setImmediate(renewal.release));
  });
  expect(countOf(MINT)).toBe(2);
  expect(countOf(REVOKE)).toBe(2);
  expect(await livingTokens()).toEqual([]);
});

it('gives no token after the work has ended', async () => {
  const job = await client.withToken({}, (_token, job) => job);
  await expect(job.token()).rejects.toMatchObject({ code: 'ended' });
  expect(job.signal.aborted).toBe(true);
  expect(countOf(MINT)).toBe(1);
});

it('refuses a renewal time by which every call would mint', async () => {
  for (const renewBeforeMs of [-1, 31 * MINUTE_MS, Number.NaN])
    await expect(client.withToken({ renewBeforeMs }, () => {})).rejects.toMatchObject({
      code: 'invalid_options',
    });
  expect(countOf(MINT)).toBe(0);
});
