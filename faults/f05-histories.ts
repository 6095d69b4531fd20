/**
 * F5: plays random histories at GitHub while deliveries are dropped, duplicated and shuffled. `HISTORIES_SEED=…` plays
 * other ones.
 */
import { SeededRandom } from 'offline-github/testing';
import { mintInternal } from '../e2e/server/own-server';
import type { Fault, Finding } from './fault';
import { RandomHistory } from './random-history';
import { until } from './world/until';
import { type Connected, connectCustomer, startWorld, type World } from './world/world';

const HISTORIES = 12;
const STEPS = 12;
const SEED = Number(process.env.HISTORIES_SEED ?? 20261127);
const ACCOUNTS = ['north', 'south', 'west'] as const;

type Counted = { steps: number; deliveries: number; mints: number; released: number; wider: string[] };

export const anyHistory: Fault = {
  title: 'Deliveries are dropped, duplicated and shuffled in random histories',
  run: async ({ quick, say }) => {
    const histories = quick ? 2 : HISTORIES;
    say(`starting PostgreSQL, Redis, GitHub and the app; HISTORIES_SEED=${SEED}…`);
    const world = await startWorld({
      env: { RATE_LIMIT_INTERNAL_PER_MINUTE: '100000', RECONCILE_INTERVAL_SECONDS: '0' },
    });
    try {
      const random = new SeededRandom(SEED);
      const history = new RandomHistory(world.github, random, ACCOUNTS);
      const customers = await connectAll(world);
      await history.look();
      const counted: Counted = { steps: 0, deliveries: 0, mints: 0, released: 0, wider: [] };
      const unequal: string[] = [];
      for (let n = 1; n <= histories; n++) {
        await disturb(world, random);
        for (let step = 0; step < STEPS; step++) {
          if (await history.step()) counted.steps++;
          await history.look();
          await lookForWider(world, history, customers, counted);
        }
        const difference = await reconcileAlone(world, history);
        if (difference !== undefined) unequal.push(`${n}: ${difference}`);
        if (n % 5 === 0) say(`${n} histories`);
      }
      counted.deliveries = (await world.github.deliveries.list()).length;
      return [equality(histories, counted, unequal), narrowness(counted)];
    } finally {
      await world.close();
    }
  },
};

async function connectAll(world: World): Promise<Connected[]> {
  const customers: Connected[] = [];
  for (const login of ACCOUNTS) {
    await world.github.actions.createOrganization({ login, owner: 'olivia' });
    for (const name of ['one', 'two', 'three', 'four'])
      await world.github.actions.createRepository({ account: login, name: `${login}-${name}` });
    const repositories = [`${login}-one`, `${login}-two`];
    customers.push(await connectCustomer(world, { account: login, repositories }));
  }
  return customers;
}

async function disturb({ github }: World, random: SeededRandom): Promise<void> {
  await github.knobs.set({
    webhooks: {
      drop: [0, 0.3, 0.7, 1][Math.floor(random.next() * 4)] ?? 0.3,
      duplicate: 0.5,
      shuffle: true,
      shuffleWindowMs: 30,
      concurrency: 3,
      seed: Math.floor(random.next() * 1_000),
    },
  });
}

/** Looks for stored access, and for a token, that GitHub never granted. */
async function lookForWider(
  { app, query }: World,
  history: RandomHistory,
  customers: readonly Connected[],
  counted: Counted,
): Promise<void> {
  const stored = await query<{ installation: string; id: string }>(
    `SELECT installation_id AS installation, r.id FROM repositories r JOIN installations i ON i.id = installation_id
      WHERE removed_at IS NULL AND status = 'active'`,
  );
  for (const { installation, id } of stored)
    if (!history.everShared.has(`${installation}:${id}`)) counted.wider.push(`stored ${installation}:${id}`);
  const repository = history.anyRepository();
  for (const { apiKey } of customers) {
    const { status, body } = await mintInternal(app.url, apiKey, { body: { repositories: [repository] } });
    counted.mints++;
    if (status !== 201) continue;
    counted.released++;
    const granted = `${body.installation_id}:${repository}`;
    if (body.repositories?.length !== 1 || !history.everShared.has(granted))
      counted.wider.push(`token ${granted}`);
  }
}

/** Stops all deliveries and reconciles once. Returns what differs from GitHub then, if anything. */
async function reconcileAlone(world: World, history: RandomHistory): Promise<string | undefined> {
  const { github, app, env, query } = world;
  await github.flush();
  const { webhookUrl } = await github.app();
  await github.configureApp({ webhookUrl: null });
  try {
    const response = await fetch(`${app.url}/api/internal/reconcile`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.CRON_SECRET}` },
    });
    if (response.status !== 200) return `reconcile answered ${response.status}`;
    let difference: string | undefined;
    // An uninstall needs a second look at GitHub, two seconds after the first.
    const isEqual = async () => {
      difference = await history.differenceTo(query);
      return difference === undefined;
    };
    await until('the state of GitHub', isEqual, { timeoutMs: 20_000, everyMs: 250 }).catch(() => {});
    return difference;
  } finally {
    await github.configureApp({ webhookUrl });
  }
}

function equality(histories: number, { steps, deliveries }: Counted, unequal: string[]): Finding {
  return {
    injected: `${histories} random histories of ${steps} changes in all at GitHub; of ${deliveries} deliveries some are dropped, half are doubled, all are shuffled (seed ${SEED})`,
    mustHold: 'state after one reconcile equals GitHub’s',
    observed: `equal after ${histories - unequal.length} of ${histories} histories ${unequal.slice(0, 3).join('; ')}`,
    held: unequal.length === 0 && steps > histories,
  };
}

function narrowness({ steps, mints, released, wider }: Counted): Finding {
  return {
    injected: 'the same, looked at after each change',
    mustHold: 'at no moment wider than GitHub’s past states allow',
    observed: `${steps} looks at the stored access, ${mints} mints of which ${released} were released: ${wider.length} wider ${wider.slice(0, 3).join('; ')}`,
    held: wider.length === 0 && released > 0,
  };
}
