/** F1: kills PostgreSQL between GitHub's response and the commit of the audit row. */
import pg from 'pg';
import { mintInternal } from '../e2e/server/own-server';
import type { Fault, Finding } from './fault';
import { countMints, REVOKE } from './world/github';
import { until } from './world/until';
import { type Connected, connectCustomer, startWorld, type World } from './world/world';

const MINTS = 6;
const ENVIRONMENT = {
  RATE_LIMIT_INTERNAL_PER_MINUTE: '100000',
  // Turn off the reconcile loop: the tokens of its syncs would be counted too.
  RECONCILE_INTERVAL_SECONDS: '0',
};

type Killed = {
  injected: string;
  /** Kills the database while mints run. `mintedBefore` is how many tokens GitHub had issued before them. */
  strike(world: World, customer: Connected, mintedBefore: number): Promise<void>;
};

const untilMinted = ({ github }: World, mintedBefore: number) =>
  until('GitHub’s tokens', async () => (await countMints(github, 201)) - mintedBefore === MINTS);

/** Keeps GitHub's responses back until the database is dead. */
const whileGitHubAnswers = (signal: 'SIGKILL' | 'SIGQUIT'): Killed['strike'] => {
  return async (world, _, mintedBefore) => {
    await untilMinted(world, mintedBefore);
    await world.postgres.kill(signal);
    world.gitHubProxy?.set('pass');
  };
};

const KILLED: Killed[] = [
  {
    injected: `kill -9 of PostgreSQL while ${MINTS} responses of GitHub are on their way`,
    strike: whileGitHubAnswers('SIGKILL'),
  },
  {
    injected: `pg_ctl -m immediate while ${MINTS} responses of GitHub are on their way`,
    strike: whileGitHubAnswers('SIGQUIT'),
  },
  {
    injected: `kill -9 of PostgreSQL while the audit rows of ${MINTS} mints wait in it for the chain`,
    strike: async (world, { slug }, mintedBefore) => {
      const { gitHubProxy, ownerUrl, postgres, countWaiting } = world;
      await untilMinted(world, mintedBefore);
      const holder = new pg.Client(ownerUrl);
      holder.on('error', () => {});
      await holder.connect();
      await holder.query('BEGIN');
      await holder.query(
        'SELECT FROM audit_chains c JOIN workspaces w ON w.id = c.workspace_id WHERE w.slug = $1 FOR UPDATE OF c',
        [slug],
      );
      gitHubProxy?.set('pass');
      await until('a waiting audit row', async () => (await countWaiting('INSERT INTO audit_events')) > 0, {
        everyMs: 10,
      });
      await postgres.kill();
    },
  },
];

export const databaseKilled: Fault = {
  title: 'PostgreSQL is killed between GitHub’s response and the audit commit',
  run: async ({ quick, say }) => {
    say('starting PostgreSQL with fsync, Redis, GitHub and the app…');
    const world = await startWorld({ env: ENVIRONMENT, gitHubThroughProxy: true });
    try {
      const customer = await connectCustomer(world);
      const findings: Finding[] = [];
      for (const killed of quick ? KILLED.slice(0, 1) : KILLED)
        findings.push(await kill(world, customer, killed));
      return findings;
    } finally {
      await world.close();
    }
  },
};

async function kill(world: World, customer: Connected, { injected, strike }: Killed): Promise<Finding> {
  const { github, app, gitHubProxy, postgres } = world;
  const mint = () => mintInternal(app.url, customer.apiKey);
  await until('a mint', async () => (await mint()).status === 201);
  const rowsBefore = await mintRows(world);
  const before = { minted: await countMints(github, 201), revoked: await revocations(world) };
  gitHubProxy?.set('hold');
  const minting = Promise.all(Array.from({ length: MINTS }, mint));
  await strike(world, customer, before.minted);
  const answers = await minting;
  const refused = answers.filter(
    ({ status, headers, body }) =>
      status === 503 && body.code === 'audit_unavailable' && Number(headers.get('retry-after')) > 0,
  ).length;
  const released = answers.filter(({ body }) => JSON.stringify(body).includes('ghs_')).length;
  const minted = (await countMints(github, 201)) - before.minted;
  const revoked = (await revocations(world)) - before.revoked;
  const ready = (await fetch(`${app.url}/api/health/ready`)).status;
  await postgres.restart();
  const recoveredMs = await until('a mint after the restart', async () => (await mint()).status === 201, {
    everyMs: 250,
  });
  const rows = (await mintRows(world)) - rowsBefore;
  return {
    injected,
    mustHold: 'no token leaves; each is revoked at GitHub; 503 with Retry-After; works again by itself',
    observed: `${answers.length} mints: ${released} tokens left, ${refused} × 503 audit_unavailable; GitHub: ${minted} minted, ${revoked} revoked; ready said ${ready}; mints again ${(recoveredMs / 1000).toFixed(1)} s after the restart, ${rows} audit row for it`,
    held:
      released === 0 &&
      refused === MINTS &&
      minted === MINTS &&
      revoked === minted &&
      ready === 503 &&
      rows === 1,
  };
}

const revocations = async ({ github }: World): Promise<number> =>
  (await github.requests.filter({ route: REVOKE, status: 204 })).length;

async function mintRows({ query }: World): Promise<number> {
  const [row] = await query<{ count: number }>(
    "SELECT count(*)::int AS count FROM audit_events WHERE type = 'github.token_minted' AND actor_type = 'api_key'",
  );
  return row?.count ?? 0;
}
