/** F8: sends 100,000 malformed webhook and API requests. None may be accepted, and none may cost memory. */
import { Agent, request } from 'node:http';
import { encode } from 'next-auth/jwt';
import { type Malformed, malformedRequests } from '../e2e/server/malformed-requests';
import { mintInternal } from '../e2e/server/own-server';
import type { Fault } from './fault';
import { countMints } from './world/github';
import { growth, LIMITED_HEAP, rssMiB } from './world/process-use';
import { connectCustomer, startWorld, untilSynced, type World } from './world/world';

const REQUESTS = 100_000;
const SEED = Number(process.env.FUZZED_SEED ?? 20261127);
const CONNECTIONS = 16;
const SAMPLE_EVERY = 1_000;
const MOST_GROWTH = 1.1;

export const malformed: Fault = {
  title: 'A client sends malformed requests',
  run: async ({ quick, say }) => {
    const total = quick ? 2_000 : REQUESTS;
    say(`starting PostgreSQL, Redis, GitHub and the app; FUZZED_SEED=${SEED}…`);
    const world = await startWorld({
      env: {
        RATE_LIMIT_USER_PER_MINUTE: '1000000',
        RATE_LIMIT_INTERNAL_PER_MINUTE: '1000000',
        RECONCILE_INTERVAL_SECONDS: '0',
        LOG_LEVEL: 'error',
        ...LIMITED_HEAP,
      },
    });
    try {
      const customer = await connectCustomer(world);
      const secret = world.env.NEXTAUTH_SECRET ?? '';
      const next = malformedRequests({
        ...customer,
        seed: SEED,
        app: await world.github.app(),
        authorization: `Bearer ${await encode({ token: { sub: customer.ownerId }, secret })}`,
      });
      const before = await state(world);
      await world.github.requests.clear();
      const found = await sendAll(world, next, total, say);
      await untilSynced(world);
      const changed = (await state(world)) !== before;
      const [minted, after] = [
        await countMints(world.github),
        (await mintInternal(world.app.url, customer.apiKey)).status,
      ];
      const grown = growth(found.memory);
      return [
        {
          injected: `${total} fuzzed requests to the webhook route and the API`,
          mustHold: 'none accepted, no 5xx, memory flat',
          observed: `${found.refused} refused or, signed but senseless, ignored; ${found.wrong.length} others ${found.wrong.slice(0, 3).join('; ')}; ${found.errors} × 5xx; ${minted} mints at GitHub, state ${changed ? 'changed' : 'unchanged'}; memory ${Math.round(found.memory.at(-1) ?? 0)} MiB, last third ${grown.toFixed(2)} × the second; then a mint got ${after}`,
          held:
            found.wrong.length === 0 &&
            found.errors === 0 &&
            found.refused === total &&
            minted === 0 &&
            !changed &&
            after === 201 &&
            (quick || grown <= MOST_GROWTH),
        },
      ];
    } finally {
      await world.close();
    }
  },
};

async function sendAll(
  { app }: World,
  next: () => Malformed,
  total: number,
  say: (line: string) => void,
): Promise<{ refused: number; errors: number; wrong: string[]; memory: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const found = { refused: 0, errors: 0, wrong: [] as string[], memory: [] as number[] };
  let sent = 0;
  const connection = async (): Promise<void> => {
    while (sent < total) {
      sent++;
      if (sent % SAMPLE_EVERY === 0) found.memory.push(await rssMiB(app.pid));
      if (sent % (total / 5) === 0) say(`${sent} sent`);
      const each = next();
      const status = await send(app.url, agent, each);
      if (status >= 500 || status === 0) found.errors++;
      const expected = each.status === undefined ? status >= 300 && status < 500 : status === each.status;
      // A redirect has no effect. A 429 would be wrong too, because the limits are raised for this fault.
      if (expected && status !== 429) found.refused++;
      else found.wrong.push(`${status} ${each.method} ${each.path.slice(0, 80)}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  return found;
}

/** Returns the status, or 0 if the connection broke. */
function send(url: string, agent: Agent, { method, path, headers, body }: Malformed): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request(`${url}${path}`, { method, agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0)).on('error', () => resolve(0));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close an idle connection at the moment of its next use. Every client sends such a request again.
      const isRace = outgoing.reusedSocket && error.code === 'ECONNRESET';
      resolve(isRace ? send(url, new Agent(), { method, path, headers, ...(body && { body }) }) : 0);
    });
    outgoing.end(body);
  });
}

/** Returns everything that an accepted request could have changed. A sync may change only its own times. */
async function state({ query }: World): Promise<string> {
  return JSON.stringify([
    await query('SELECT id, status, workspace_id, repository_selection FROM installations ORDER BY id'),
    await query('SELECT id, owner, name FROM repositories WHERE removed_at IS NULL ORDER BY id'),
    await query('SELECT id, revoked_at FROM api_keys ORDER BY id'),
    await query('SELECT workspace_id, user_id, role FROM memberships ORDER BY 1, 2'),
    await query('SELECT id FROM invitations ORDER BY id'),
  ]);
}
