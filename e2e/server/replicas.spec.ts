/** Covers two processes that share a database and a Redis store. The guarantees must hold across both of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { hashToken } from 'offline-github';
import pg from 'pg';
import type { AppServer } from '../../local/app/server';
import { admin } from '../fixtures';
import { connectedCustomer } from './connected-customer';
import { createCustomer, mintInternal, type OwnServer, startOwnServer, startReplica } from './own-server';

const LIMIT = 30;
const MINTS = 500;

/**
 * An API key, and the repositories that its tokens can read. `all` stands for every repository that the installation
 * shares.
 */
type Key = { secret: string; slug: string; body: object; reads: string[] | 'all' };

let server: OwnServer;
let replicas: AppServer[] = [];
const customers: { slug: string; ownerId: string }[] = [];
const keys: Key[] = [];

test.beforeAll(async () => {
  // Starting many processes one after another takes a long time.
  test.setTimeout(600_000);
  server = await startOwnServer({
    TRUSTED_PROXY_HOPS: '1',
    RATE_LIMIT_INTERNAL_PER_MINUTE: String(LIMIT),
    // A mint waits for a GitHub request slot, but for at most half of this timeout. In this test, every mint has to get
    // a slot, so the timeout is long.
    GITHUB_TIMEOUT_MS: '60000',
  });
  replicas = [server.app, await startReplica(server)];
  for (const [login, account, repositories] of [
    ['olivia', 'acme', ['api', 'web']],
    ['eve', 'globex', ['reactor', 'website']],
  ] as const) {
    const customer = await createCustomer(server.services.env);
    await connectedCustomer(server, customer, login, account, repositories);
    const [first, second] = repositories.map((name) => `${account}/${name}`);
    if (first === undefined || second === undefined) throw new Error('two repositories each');
    const bound = await admin<{ key: string }>(
      ['api-key:create', '--workspace', customer.slug, '--name', 'bound', '--repositories', first],
      server.services.env,
    );
    const { slug } = customer;
    customers.push(customer);
    keys.push(
      { secret: customer.apiKey, slug, body: {}, reads: 'all' },
      { secret: customer.apiKey, slug, body: { repositories: [second] }, reads: [second] },
      { secret: bound.key, slug, body: {}, reads: [first] },
    );
  }
});
test.afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await server?.close();
});

/**
 * Log lines that say a replica now counts requests by itself. `recoveries` counts those that say it's back to counting
 * in Redis.
 */
const outages = () => countInLogs('rate limits are counted in this process');
const recoveries = () => countInLogs('rate limits are counted in Redis again');
const countInLogs = (line: string) =>
  replicas.reduce((sum, replica) => sum + replica.log().split(line).length - 1, 0);

/** Sends mint number `n` from client `ip`. `n` also picks the replica and the key. */
function mint(n: number, ip: string, key: Key | undefined = keys[n % keys.length]) {
  if (key === undefined) throw new Error('no key');
  const options = { body: key.body, headers: { 'x-forwarded-for': ip } };
  return mintInternal(replicas[n % 2]?.url ?? '', key.secret, options).then((answer) => ({ ...answer, key }));
}

test('500 concurrent mints over two replicas, for two workspaces and several keys, each return a token and commit a row in an intact chain', async () => {
  const answers = await Promise.all(Array.from({ length: MINTS }, (_, n) => mintUntilReleased(n)));
  expect(new Set(answers.map(({ body }) => body.token)).size).toBe(MINTS);
  for (const { body, key } of answers)
    expect(body.repositories?.map(({ full_name }) => full_name) ?? 'all').toEqual(key.reads);

  const rows = await mintRows();
  for (const { body, key } of answers)
    expect(rows.filter(({ hash }) => hash === hashToken(body.token))).toEqual([
      { slug: key.slug, hash: hashToken(body.token), reads: key.reads },
    ]);
  // Allow extra rows: if a database timeout makes the app revoke a token, the token's row may have been committed all
  // the same.
  expect(rows.length - MINTS).toBeLessThanOrEqual(rowsThatMayBeThere);
  for (const { slug, ownerId } of customers) {
    const secret = server.services.env.NEXTAUTH_SECRET ?? '';
    const authorization = `Bearer ${await encode({ token: { sub: ownerId }, secret })}`;
    for (const { url } of replicas) {
      const path = `/api/v1/workspaces/${slug}/audit-events/verify`;
      const verified = await fetch(`${url}${path}`, { headers: { authorization } });
      expect(await verified.json()).toMatchObject({ ok: true });
    }
  }
});

let rowsThatMayBeThere = 0;

/** Mints as a client does that retries while the database or GitHub is busy. */
async function mintUntilReleased(n: number): Promise<Awaited<ReturnType<typeof mint>>> {
  for (let attempt = 0; ; attempt++) {
    const answer = await mint(n, `198.51.${100 + attempt}.${n % 250}`);
    if (answer.status === 201) return answer;
    if (answer.body.code === 'audit_unavailable') rowsThatMayBeThere++;
    expect([answer.status, attempt]).toEqual([503, Math.min(attempt, 60)]);
    await sleep(1000);
  }
}

/** Reads the audit rows of all mints made with an API key. */
async function mintRows(): Promise<{ slug: string; hash: string; reads: string[] | 'all' }[]> {
  const database = new pg.Client(server.services.database.ownerUrl);
  await database.connect();
  try {
    const { rows } = await database.query<{ slug: string; hash: string; repositories: unknown }>(
      `SELECT workspace_slug AS slug, details ->> 'hashed_token' AS hash, details -> 'repositories' AS repositories
       FROM audit_events WHERE type = 'github.token_minted' AND actor_type = 'api_key'`,
    );
    return rows
      .map(({ slug, hash, repositories }) => ({
        slug,
        hash,
        reads: Array.isArray(repositories)
          ? repositories.map(({ full_name }) => full_name)
          : ('all' as const),
      }))
      .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  } finally {
    await database.end();
  }
}

test('a client’s limit is exact across both replicas', async () => {
  // A slow Redis store counts as an outage, during which each replica counts by itself. If that happens, repeat the
  // attempt, for as long as the test may take: on a busy machine, many in a row have one.
  for (let attempt = 1; attempt <= 250; attempt++) {
    await expect.poll(askInPassing).toBe(true);
    const before = outages();
    const statuses: number[] = [];
    for (let n = 0; n < 2 * LIMIT; n += 4)
      statuses.push(
        ...(await Promise.all([0, 1, 2, 3].map((more) => spend(n + more, `203.0.113.${attempt}`)))),
      );
    if (outages() > before) continue;
    const [passed, refused] = [404, 429].map((each) => statuses.filter((status) => status === each).length);
    expect([passed, refused]).toEqual([LIMIT, LIMIT]);
    return;
  }
  throw new Error('the store was too slow each time');
});

/** Sends a cheap request that still counts towards the limit. */
async function spend(n: number, ip: string): Promise<number> {
  const [key] = keys;
  return (await mint(n, ip, key && { ...key, body: { installation_id: 1 } })).status;
}

let passers = 0;

/** Sends each replica a request, which makes it check the store again. True if both replicas are using the store. */
async function askInPassing(): Promise<boolean> {
  const ip = `203.0.114.${passers++ % 250}`;
  for (const { url } of replicas)
    await mintInternal(url, 'psk_demo_nonsense', { headers: { 'x-forwarded-for': ip } });
  return outages() === recoveries();
}

const MINT = 'POST /app/installations/{installation_id}/access_tokens';

/** Sends mints to both replicas in turn, without a pause and each from another address, until `end` is called. */
function startLoad() {
  let next = 0;
  let isOver = false;
  const outcomes: { n: number; outcome: string }[] = [];
  const client = async () => {
    while (!isOver) {
      const n = next++;
      const { status, body } = await mint(n, `100.64.${(n >> 8) % 256}.${n % 256}`);
      outcomes.push({ n, outcome: body.code ?? String(status) });
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  const end = () => {
    isOver = true;
    return clients;
  };
  const between = (from: number, to: number) => outcomes.filter(({ n }) => n >= from && n < to);
  return { between, sent: () => next, end };
}

test('no replica asks GitHub for a token, or releases one, after the operator has stopped minting under load', async () => {
  const { env, github } = server.services;
  const minted = () => github.requests.filter({ route: MINT, status: 201 }).length;
  const load = startLoad();
  const replicasThatMint = (from: number) =>
    new Set(
      load
        .between(from, load.sent())
        .filter(({ outcome }) => outcome === '201')
        .map(({ n }) => n % 2),
    ).size;
  try {
    await expect.poll(() => replicasThatMint(0)).toBe(2);
    await admin(['minting:stop', '--reason', 'a drill'], env);
    const stopped = load.sent();
    // The mints that were under way have to end first: GitHub may have got their requests before the stop.
    await expect.poll(() => load.between(0, stopped).length, { timeout: 60_000 }).toBe(stopped);
    const before = minted();
    await expect
      .poll(() => load.between(stopped, load.sent()).length, { timeout: 60_000 })
      .toBeGreaterThan(200);
    expect(minted()).toBe(before);
    const outcomes = new Set(load.between(stopped, load.sent()).map(({ outcome }) => outcome));
    expect(outcomes).toContain('minting_stopped');
    expect(outcomes).not.toContain('201');
    await admin(['minting:start'], env);
    const started = load.sent();
    await expect.poll(() => replicasThatMint(started), { timeout: 60_000 }).toBe(2);
  } finally {
    await load.end();
  }
});
