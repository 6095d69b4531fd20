/** F6: stops one of two replicas under load. Requests in flight must finish, and none may be lost. */
import { mintInternal } from '../e2e/server/own-server';
import { ask } from '../e2e/server/through-proxy';
import { missingForProxy, type RunningProxy, startProxy } from '../local/services/proxies';
import type { Fault, Finding } from './fault';
import { countMints, MINT } from './world/github';
import { until } from './world/until';
import { type Connected, connectCustomer, startWorld, type World } from './world/world';

const CALLERS = 8;
const MOST_SECONDS = 10;
const GITHUB_MS = 100;

/** A way to the replicas. Returns the status of one mint. */
type Balancer = { name: string; mint(turn: number): Promise<number>; close(): Promise<void> };

export const stoppedUnderLoad: Fault = {
  title: 'A replica gets SIGTERM under load',
  run: async ({ quick, say }) => {
    say('starting PostgreSQL, Redis, GitHub and two replicas…');
    const world = await startWorld({
      replicas: 2,
      env: {
        RATE_LIMIT_INTERNAL_PER_MINUTE: '100000',
        GITHUB_TIMEOUT_MS: '30000',
        RECONCILE_INTERVAL_SECONDS: '0',
      },
    });
    try {
      const customer = await connectCustomer(world);
      await world.github.knobs.latency(MINT, GITHUB_MS);
      const findings: Finding[] = [];
      // A proxy takes some seconds to trust a replica that was started again, so each stops only one.
      const cases = [
        { start: ownBalancer, index: 0 },
        { start: proxy('nginx'), index: 1 },
        { start: proxy('haproxy'), index: 0 },
        { start: ownBalancer, index: 1 },
      ];
      for (const { start, index } of quick ? cases.slice(0, 1) : cases) {
        const balancer = await start(world, customer);
        if (balancer === undefined) continue;
        findings.push(await stop(world, balancer, index).finally(balancer.close));
      }
      return findings;
    } finally {
      await world.close();
    }
  },
};

async function stop(world: World, { name, mint }: Balancer, index: number): Promise<Finding> {
  const { apps, github } = world;
  const stopped = apps[index];
  if (stopped === undefined) throw new Error(`no replica ${index}`);
  await github.requests.clear();
  const statuses: number[] = [];
  const failures = new Set<string>();
  const failed = (error: Error & { cause?: { code?: string }; code?: string }): number => {
    failures.add(error.cause?.code ?? error.code ?? error.message);
    return 0;
  };
  let isOver = false;
  let turn = 0;
  const caller = async (): Promise<void> => {
    while (!isOver) statuses.push(await mint(turn++).catch(failed));
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  const enough = (count: number) => until(`${count} responses`, () => statuses.length >= count);
  let seconds = 0;
  try {
    await enough(100);
    const started = performance.now();
    await stopped.stop();
    seconds = (performance.now() - started) / 1000;
    await enough(statuses.length + 100);
  } finally {
    isOver = true;
    await callers;
  }
  const code = stopped.exitCode();
  const minted = await countMints(github);
  const released = statuses.filter((status) => status === 201).length;
  await world.restartApp(index);
  return {
    injected: `SIGTERM to replica ${index + 1} of 2 behind ${name} while ${CALLERS} callers mint`,
    mustHold: `in-flight requests finish, exit 0 within ${MOST_SECONDS} s, no request lost`,
    observed: `${statuses.length} mints: ${released} × 201, ${statuses.length - released} others ${[...new Set(statuses), ...failures].filter((each) => each !== 201).join()}; ${minted} mints at GitHub; exit ${code} after ${seconds.toFixed(1)} s`,
    held:
      released === statuses.length &&
      released >= 200 &&
      minted === released &&
      code === 0 &&
      seconds <= MOST_SECONDS,
  };
}

const PROBE_MS = 200;

/**
 * Alternates between the replicas, as a balancer that watches their readiness. If a replica refuses the connection, uses
 * the other one. Sends nothing twice.
 */
async function ownBalancer({ apps }: World, { apiKey }: Connected): Promise<Balancer> {
  const leaving = new Set<number>();
  const probe = async (index: number): Promise<void> => {
    const answer = await fetch(`${apps[index]?.url}/api/health/ready`).catch(() => undefined);
    if ((await answer?.text())?.includes('"stopping"')) leaving.add(index);
  };
  const timer = setInterval(() => apps.forEach((_, index) => void probe(index)), PROBE_MS);
  await Promise.all([0, 0, 1, 1].map(probe));
  const mint = async (turn: number): Promise<number> => {
    const [first, second] = [turn % 2, (turn + 1) % 2].sort(
      (a, b) => Number(leaving.has(a)) - Number(leaving.has(b)),
    );
    const send = async (index = 0) =>
      (await mintInternal(apps[index]?.url ?? '', apiKey, { headers: { connection: 'close' } })).status;
    return send(first).catch((error: { cause?: { code?: string } }) => {
      if (error.cause?.code !== 'ECONNREFUSED') throw error;
      return send(second);
    });
  };
  return { name: 'a balancer of the run', mint, close: async () => clearInterval(timer) };
}

/** Runs the real proxy with the configuration of docs/operations.md, if this machine has it. */
const proxy =
  (name: 'nginx' | 'haproxy') =>
  async (world: World, { apiKey }: Connected) => {
    if (missingForProxy(name) !== undefined) return undefined;
    const [first = 0, second = 0] = world.apps.map(({ url }) => Number(new URL(url).port));
    const running: RunningProxy = await startProxy(name, [first, second]);
    const sent = {
      path: '/api/v1/internal/github/token',
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}` },
    };
    return {
      name,
      mint: async () => (await ask(running.port, sent)).status,
      close: running.close,
    } satisfies Balancer;
  };
