/** Sends mints of many workspaces to replicas, and measures them. */
import { cpuTime } from './cpu-time';
import type { Replica, ScaleWorld } from './scale-world';
import type { Tenant, TenantsResult } from './tenants-load';

/** A count that is right or wrong. */
export type Check = { what: string; found: string; expected: string };

export type Load = { perSecond: number; cpuMs: number; result: TenantsResult };
export type LoadPair = { ours: Load; beside: Load };

/** Measures both, and alternates which goes first. */
export async function inTurn(
  round: number,
  ours: () => Promise<Load>,
  beside: () => Promise<Load>,
): Promise<LoadPair> {
  const first = round % 2 === 0 ? await ours() : undefined;
  const other = await beside();
  return { ours: first ?? (await ours()), beside: other };
}

/** One connection for each of some workspaces, so that mints do not queue on one workspace's audit chain. */
export const spread = ({ keys }: ScaleWorld, count: number, from = 0): Tenant[] =>
  keys.slice(from, from + count).map((apiKey) => ({ apiKey, connections: 1 }));

/**
 * Lets the workspaces mint for some seconds.
 *
 * @throws if a mint of a workspace without a fixed address fails, because errors are cheaper to produce
 */
export async function mints(
  world: ScaleWorld,
  replicas: Replica[],
  tenants: Tenant[],
  seconds: number,
): Promise<Load> {
  const used = async () => Promise.all(replicas.map(({ pid }) => cpuTime(pid)));
  const before = await used();
  const result = await world.send({ urls: replicas.map(({ url }) => url), tenants, seconds });
  const after = await used();
  const statuses = sum(
    result.tenants.filter((_, at) => tenants[at]?.ip === undefined).map((each) => each.statuses),
  );
  if (Object.keys(statuses).some((status) => status !== '201'))
    throw new Error(`mints ended with ${JSON.stringify(statuses)}`);
  const answers = result.tenants.reduce((total, { latencies }) => total + latencies.length, 0);
  const cpu = after.reduce((total, time, at) => total + time - (before[at] ?? 0), 0);
  return { perSecond: answers / result.seconds, cpuMs: cpu / answers, result };
}

export function sum(counts: Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const each of counts)
    for (const [status, count] of Object.entries(each)) total[status] = (total[status] ?? 0) + count;
  return total;
}
