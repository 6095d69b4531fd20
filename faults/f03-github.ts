/** F3: GitHub fails in every way while tokens are minted. */
import type { Fault as GitHubFault } from 'offline-github';
import { mintInternal } from '../e2e/server/own-server';
import type { Fault, Finding } from './fault';
import { countMints, MINT } from './world/github';
import { growth, openSockets, rssMiB } from './world/process-use';
import { until } from './world/until';
import { type Connected, connectCustomer, startWorld, type World } from './world/world';

const TIMEOUT_MS = 2000;
/** A response also takes the time for the row of the denied mint, on a machine that may be busy. */
const MOST_MS = TIMEOUT_MS * 1.5;
/** Only four mints fail at a time, because the app stops calling GitHub after five failures in a row. */
const AT_A_TIME = 4;
const ROUNDS = 9;
const MOST_GROWTH = 1.1;

type Failure = {
  name: string;
  fault: GitHubFault;
  status: number;
  rounds?: number;
  /** True if GitHub asks to wait. A mint that comes after the first answer is then refused without an attempt. */
  asksToWait?: boolean;
};

const FAILURES: Failure[] = [
  { name: 'answers 500', fault: { kind: 'status', status: 500 }, status: 503 },
  { name: 'answers 502', fault: { kind: 'status', status: 502 }, status: 503 },
  { name: 'answers HTML with 200', fault: { kind: 'html', status: 200 }, status: 502 },
  { name: 'answers HTML with 502', fault: { kind: 'html', status: 502 }, status: 503 },
  { name: 'cuts the connection', fault: { kind: 'cut' }, status: 503 },
  { name: 'cuts the connection after the mint', fault: { kind: 'cut', afterEffect: true }, status: 503 },
  { name: 'never answers', fault: { kind: 'hang' }, status: 503, rounds: 3 },
  {
    name: 'reports its secondary limit',
    fault: { kind: 'secondary-rate-limit', retryAfterSeconds: 1 },
    status: 503,
    rounds: 3,
    asksToWait: true,
  },
];

export const gitHubFails: Fault = {
  title: 'GitHub fails while tokens are minted',
  run: async ({ quick, say }) => {
    say('starting PostgreSQL, Redis, GitHub and the app…');
    const world = await startWorld({
      env: {
        GITHUB_TIMEOUT_MS: String(TIMEOUT_MS),
        RATE_LIMIT_INTERNAL_PER_MINUTE: '100000',
        RECONCILE_INTERVAL_SECONDS: '0',
      },
    });
    try {
      const customer = await connectCustomer(world);
      const memory: number[] = [];
      const mint = () => mintInternal(world.app.url, customer.apiKey);
      for (let n = 0; n < 10; n++) await Promise.all(Array.from({ length: AT_A_TIME }, mint));
      const socketsBefore = (await openSockets(world.app.pid)) ?? 0;
      const findings: Finding[] = [];
      for (const failure of FAILURES) findings.push(await fail(world, customer, failure, quick, memory));
      findings.push(await leaks(world, socketsBefore, memory, quick));
      return findings;
    } finally {
      await world.close();
    }
  },
};

async function fail(
  { app, github }: World,
  { apiKey }: Connected,
  { name, fault, status, rounds = ROUNDS, asksToWait = false }: Failure,
  quick: boolean,
  memory: number[],
): Promise<Finding> {
  let [asExpected, attempts, slowestMs, sent] = [0, 0, 0, 0];
  const statuses = new Set<number>();
  const count = quick ? 1 : rounds;
  for (let round = 0; round < count; round++) {
    await github.requests.clear();
    await github.knobs.failNext(MINT, fault, AT_A_TIME);
    const timed = async () => {
      const started = performance.now();
      const { headers, ...answer } = await mintInternal(app.url, apiKey);
      slowestMs = Math.max(slowestMs, performance.now() - started);
      statuses.add(answer.status);
      if (answer.status === status && Number(headers.get('retry-after')) > 0) asExpected++;
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, timed));
    sent += AT_A_TIME;
    attempts += await countMints(github);
    await github.knobs.reset();
    await until('a mint', async () => (await mintInternal(app.url, apiKey)).status === 201, { everyMs: 100 });
    memory.push(await rssMiB(app.pid));
  }
  const isOneEach = asksToWait ? attempts >= count && attempts <= sent : attempts === sent;
  return {
    injected: `GitHub ${name}`,
    mustHold: `${status} with Retry-After within GITHUB_TIMEOUT_MS (${TIMEOUT_MS}); ${asksToWait ? 'at most' : 'exactly'} one attempt each`,
    observed: `${sent} mints: ${asExpected} × ${[...statuses].join(', ')} with Retry-After, ${attempts} attempts at GitHub, the slowest after ${Math.round(slowestMs)} ms; then mints again`,
    held: asExpected === sent && isOneEach && slowestMs <= MOST_MS,
  };
}

async function leaks({ app }: World, before: number, memory: number[], quick: boolean): Promise<Finding> {
  // Idle connections are closed after some seconds.
  let after = before;
  const fits = async () => {
    after = (await openSockets(app.pid)) ?? 0;
    return after <= before;
  };
  const closed = await until('idle connections close', fits, { everyMs: 500 }).then(
    () => true,
    () => false,
  );
  const grown = growth(memory);
  return {
    injected: 'all of these failures one after another',
    mustHold: 'no connection or memory leak',
    observed: `sockets of the process: ${before} before, ${after} after; memory of the last third ${grown.toFixed(2)} × that of the second`,
    held: closed && (quick || grown <= MOST_GROWTH),
  };
}
