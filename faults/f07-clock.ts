/** F7: GitHub's clock is five minutes off ours, in both directions. */
import { mintInternal } from '../e2e/server/own-server';
import type { Fault, Finding } from './fault';
import { countMints } from './world/github';
import { type Connected, connectCustomer, startWorld, type World } from './world/world';

const MINUTES = 5;
const MINTS = 20;

export const clockOff: Fault = {
  title: 'The clock is five minutes fast or slow',
  run: async ({ quick, say }) => {
    say('starting PostgreSQL, Redis, GitHub and the app…');
    const world = await startWorld({
      env: { RATE_LIMIT_INTERNAL_PER_MINUTE: '100000', RECONCILE_INTERVAL_SECONDS: '0' },
    });
    try {
      const customer = await connectCustomer(world);
      const findings: Finding[] = [];
      for (const offset of quick ? [-MINUTES] : [MINUTES, -MINUTES, 0])
        findings.push(await shift(world, customer, offset));
      return findings;
    } finally {
      await world.close();
    }
  },
};

/** Refused calls are counted, because a JWT dated in GitHub's future or past is what the correction mends. */
async function shift({ app, github }: World, { apiKey }: Connected, minutes: number): Promise<Finding> {
  await github.knobs.set({ clockOffsetMs: minutes * 60_000 });
  await github.requests.clear();
  const statuses: number[] = [];
  for (let n = 0; n < MINTS; n++) statuses.push((await mintInternal(app.url, apiKey)).status);
  const released = statuses.filter((status) => status === 201).length;
  const [minted, refused] = [await countMints(github, 201), await countMints(github, 401)];
  const side = minutes === 0 ? 'right again' : `${Math.abs(minutes)} min ${minutes > 0 ? 'slow' : 'fast'}`;
  return {
    injected: `our clock is ${side} beside GitHub’s`,
    mustHold: 'mints work after one correction',
    observed: `${MINTS} mints: ${released} × 201; GitHub refused ${refused} JWT and then minted ${minted}`,
    held: released === MINTS && minted === MINTS && refused <= 1,
  };
}
