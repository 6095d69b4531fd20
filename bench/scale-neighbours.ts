/** Measures what workspaces notice of each other. */
import { ms, perSecond, type Ratio } from './beside';
import { median, quantile } from './report';
import { freshAddress } from './scale-limits';
import { type Check, inTurn, type Load, type LoadPair, mints, spread, sum } from './scale-load';
import type { Replica, ScaleWorld } from './scale-world';
import type { Tenant } from './tenants-load';

/** Workspaces with one request in flight each. */
export const NEIGHBOURS = 20;

const MINTS_EACH = 3;
const MOST_SPREAD = 2;

/** Lets every workspace mint at the same moment, and compares the slowest workspace with the median. */
export async function checkCrowd(
  world: ScaleWorld,
  replicas: Replica[],
): Promise<{ check: Check; figure: Ratio }> {
  const before = await world.countMints();
  const { tenants, seconds } = await world.send({
    urls: replicas.map(({ url }) => url),
    tenants: world.keys.map((apiKey) => ({ apiKey, connections: 1 })),
    each: MINTS_EACH,
    retries: true,
  });
  const whole = MINTS_EACH * world.keys.length;
  const { 201: issued = 0 } = sum(tenants.map(({ statuses }) => statuses));
  const recorded = (await world.countMints()) - before;
  const repeated = tenants.reduce((total, tenant) => total + tenant.repeated, 0);
  const took = tenants.map(({ latencies }) => latencies.reduce((total, each) => total + each, 0));
  const workspaces = `${world.keys.length} workspaces at the same time`;
  return {
    check: {
      what: `S5 ${workspaces}, ${MINTS_EACH} mints each: issued, in the log at least`,
      expected: `${whole}, all`,
      found: `${issued}, ${recorded >= issued ? 'all' : recorded}`,
    },
    figure: {
      what: `S5 ${workspaces}: the slowest beside the median`,
      ratios: [Math.max(...took) / median(took)],
      absolute: `${ms(Math.max(...took))} beside ${ms(median(took))}, ${perSecond(whole / seconds)}, ${repeated} repeated after 503`,
      reach: { most: MOST_SPREAD },
    },
  };
}

const MOST_DELAY = 1.2;

/** The neighbours' median while one workspace sends half of the load, beside the same load of many workspaces. */
export async function shareOfOne(
  world: ScaleWorld,
  replicas: Replica[],
  rounds: number,
  seconds: number,
): Promise<Ratio> {
  const [loud = ''] = world.keys.slice(-1);
  const neighbours = spread(world, NEIGHBOURS);
  const pairs: LoadPair[] = [];
  for (let round = 0; round < rounds; round++)
    pairs.push(
      await inTurn(
        round,
        () => mints(world, replicas, [...neighbours, { apiKey: loud, connections: NEIGHBOURS }], seconds),
        () => mints(world, replicas, [...neighbours, ...spread(world, NEIGHBOURS, NEIGHBOURS)], seconds),
      ),
    );
  return neighboursRatio(
    'S5 neighbours’ median while one workspace sends half of the load, beside many that do',
    pairs,
  );
}

const REFUSED_PER_SECOND = 50;

/** The neighbours' median while one address is refused again and again, beside the neighbours alone. */
export async function besideRefused(
  world: ScaleWorld,
  replicas: Replica[],
  rounds: number,
  seconds: number,
): Promise<Ratio> {
  const [loud = ''] = world.keys.slice(-1);
  const ip = freshAddress();
  const refused: Tenant = {
    apiKey: loud,
    connections: 1,
    ip,
    pauseMs: 1000 / REFUSED_PER_SECOND,
  };
  const urls = replicas.map(({ url }) => url);
  const neighbours = spread(world, NEIGHBOURS);
  const pairs: LoadPair[] = [];
  for (let round = 0; round < rounds; round++) {
    // Fill the window, so that all further requests are refused.
    const flood = { apiKey: loud, connections: 4, ip };
    for (;;) {
      const { tenants } = await world.send({ urls, tenants: [flood], each: 25 });
      if ((tenants[0]?.statuses[201] ?? 0) === 0) break;
    }
    pairs.push(
      await inTurn(
        round,
        () => mints(world, replicas, [...neighbours, refused], seconds),
        () => mints(world, replicas, neighbours, seconds),
      ),
    );
  }
  return neighboursRatio(
    `S5 neighbours’ median while one workspace is refused ${REFUSED_PER_SECOND} times a second, beside without`,
    pairs,
  );
}

function neighboursRatio(what: string, pairs: LoadPair[]): Ratio {
  const of = ({ result }: Load) =>
    quantile(
      result.tenants.slice(0, NEIGHBOURS).flatMap(({ latencies }) => latencies),
      0.5,
    );
  return {
    what,
    ratios: pairs.map(({ ours, beside }) => of(ours) / of(beside)),
    absolute: `${ms(median(pairs.map(({ ours }) => of(ours))))} beside ${ms(median(pairs.map(({ beside }) => of(beside))))}`,
    reach: { most: MOST_DELAY },
  };
}
