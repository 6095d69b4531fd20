/** Counts how many mints of one address pass across several replicas. */
import { type Check, sum } from './scale-load';
import type { Replica, ScaleWorld } from './scale-world';

/** The limit is per address. No other request comes from this one. */
let addresses = 0;
export const freshAddress = () => `192.0.2.${++addresses}`;

/** A replica that cannot reach Redis in time counts by itself, so such an attempt proves nothing about Redis. */
const OUTAGE = 'rate limits are counted in this process';
const outages = (replicas: Replica[]) =>
  replicas.reduce((count, { log }) => count + log().split(OUTAGE).length - 1, 0);

const ATTEMPTS = 5;
const WINDOW_SECONDS = 60;

/** Sends three times the limit in one window. Exactly the limit has to pass, and has to be in the audit log. */
export async function checkLimit(
  world: ScaleWorld,
  replicas: Replica[],
  limit: number,
  where: string,
): Promise<Check> {
  const what = `S5 limit of ${limit} across ${where}, ${3 * limit} mints: issued and refused`;
  const expected = `${limit} and ${2 * limit}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = outages(replicas);
    const ip = freshAddress();
    const mintsBefore = await world.countMints();
    const each = (3 * limit) / 12;
    const tenants = world.keys.slice(0, 12).map((apiKey) => ({ apiKey, connections: 1, ip }));
    const result = await world.send({ urls: replicas.map(({ url }) => url), tenants, each });
    if (outages(replicas) > before || result.seconds > WINDOW_SECONDS) continue;
    const { 201: issued = 0, 429: refused = 0 } = sum(result.tenants.map(({ statuses }) => statuses));
    const recorded = (await world.countMints()) - mintsBefore;
    const found = `${issued} and ${refused}`;
    return { what, expected, found: recorded === issued ? found : `${found}, but ${recorded} in the log` };
  }
  return { what, expected, found: 'the machine was too slow for one window' };
}
