/**
 * Measures the figures P1, P2 and P3: the cost of a mint, compared with a bare mint without this app and with an empty
 * route.
 */
import {
  cpu,
  cpuRatios,
  inTurn,
  latencies,
  latencyAt,
  measure,
  rates,
  ratioReport,
  type Subject,
  throughputs,
} from './beside';
import { INSTALLATION_ID, type MintWorld, startMintWorld } from './mint-world';
import type { BenchOptions, Report } from './report';

/** GitHub's response time in those measurements that include one. */
const GITHUB_MS = 100;
const CONNECTIONS = 16;

export async function measureMint({ quick, say }: BenchOptions): Promise<Report> {
  say('starting the app, PostgreSQL with fsync, Redis, a GitHub stand-in and a bare Octokit server…');
  const world = await startMintWorld();
  const rounds = quick ? 2 : 5;
  const seconds = quick ? 2 : 6;
  const by = (connections: number, subject: Subject) => () =>
    measure(world.load, subject, { connections, seconds });
  const [minting, narrowed, octokit, route] = [
    mint(world, '{}'),
    mint(world, '{"repositories":["acme/api"]}'),
    octokitServer(world),
    emptyRoute(world),
  ];
  try {
    say('warming up…');
    for (const subject of [minting, narrowed, octokit, route])
      await measure(world.load, subject, { connections: CONNECTIONS, seconds: quick ? 2 : 10 });

    say(`P1: one caller, GitHub answers after ${GITHUB_MS} ms`);
    await world.github.answerAfter(GITHUB_MS);
    const p1 = await inTurn(rounds, say, { ours: by(1, minting), beside: by(1, bareCall(world)) });
    await world.github.answerAfter(0);

    const besideMany = (ours: Subject, beside: Subject) =>
      inTurn(rounds, say, { ours: by(CONNECTIONS, ours), beside: by(CONNECTIONS, beside) });
    say(`P2: ${CONNECTIONS} connections, GitHub answers at once, beside a bare Octokit server`);
    const p2 = await besideMany(minting, octokit);
    say('the same, narrowed to one repository');
    const p2Narrowed = await besideMany(narrowed, octokit);
    say('P3: beside an empty route of the same build');
    const p3 = await besideMany(minting, route);

    return ratioReport(
      [
        {
          what: 'P1 a mint beside the bare call, median latency',
          ratios: latencies(p1, 0.5),
          absolute: latencyAt(p1, 0.5),
          reach: { most: 1.1 },
        },
        {
          what: 'P1 the same, p99',
          ratios: latencies(p1, 0.99),
          absolute: latencyAt(p1, 0.99),
          reach: { most: 1.3 },
        },
        {
          what: 'P2 mints beside a bare Octokit server',
          ratios: throughputs(p2),
          absolute: rates(p2),
          reach: { least: 1 },
        },
        { what: 'P2 the same, processor time', ratios: cpuRatios(p2), absolute: cpu(p2) },
        {
          what: 'P2 the same, narrowed to one repository',
          ratios: throughputs(p2Narrowed),
          absolute: rates(p2Narrowed),
        },
        {
          what: 'P3 mints beside an empty route',
          ratios: throughputs(p3),
          absolute: rates(p3),
          reach: { least: 0.5 },
        },
        { what: 'P3 the same, processor time', ratios: cpuRatios(p3), absolute: cpu(p3) },
      ],
      [
        'every control on: key looked up, limit counted in Redis (1,000,000 a minute), installation read, audit row committed with fsync; nothing cached but the App JWT',
        `load generator, GitHub stand-in, PostgreSQL, Redis and the Octokit server are processes of their own; ${CONNECTIONS} connections, in P1 one, and GitHub answers after ${GITHUB_MS} ms`,
        'the empty route is /api/health/live: no authentication, no limit, no database',
        'processor time: of the answering Node process alone, for one answer. On a machine that others use at the same time it says more than throughput, because a mint waits for four other processes to get their turn, and what it is measured beside for one or none',
      ],
    );
  } finally {
    await world.close();
  }
}

function mint({ appUrl, appPid, apiKey }: MintWorld, body: string): Subject {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return {
    request: { url: `${appUrl}/api/v1/internal/github/token`, method: 'POST', headers, body },
    pid: appPid,
  };
}

function bareCall({ github }: MintWorld): Subject {
  return {
    request: {
      url: `${github.url}/app/installations/${INSTALLATION_ID}/access_tokens`,
      method: 'POST',
      headers: { authorization: 'bearer none', 'content-type': 'application/json' },
      body: '{"permissions":{"contents":"read","metadata":"read"}}',
    },
    pid: github.pid,
  };
}

const octokitServer = ({ octokitServer: { url, pid } }: MintWorld): Subject => ({
  request: { url, method: 'POST' },
  pid,
});
const emptyRoute = ({ appUrl, appPid }: MintWorld): Subject => ({
  request: { url: `${appUrl}/api/health/live`, method: 'GET' },
  pid: appPid,
});
