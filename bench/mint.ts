/**
 * Measures the figures P1, P2 and P3: the cost of a mint, compared with a bare mint without this app, with an empty
 * route and with others' tokens.
 */
import os from 'node:os';
import {
  cpu,
  cpuRatios,
  inRounds,
  latencies,
  latencyAt,
  type Measured,
  measure,
  type Pair,
  type Ratio,
  rates,
  ratioReport,
  type Subject,
  throughputs,
} from './beside';
import { describeCold, measureFromCold } from './mint-cold';
import { startMintSubjects } from './mint-subjects';
import { type MintWorld, startMintWorld } from './mint-world';
import { withDatabase } from './operator';
import { installPeer, type Peer } from './peers';
import { type BenchOptions, median, type Report } from './report';

/** GitHub's response time in those measurements that include one. */
const GITHUB_MS = 100;
const CONNECTIONS = 16;

/** The throughput to reach beside the bare server. Five processes share the cores with us, and two with that server. */
const P2_THROUGHPUT = os.availableParallelism() < 4 ? 0.8 : 1;

/**
 * Seconds for each subject in a round, and for the warm-up of those that are measured beside a mint. `unjudged` is for
 * figures without a target.
 */
const FULL = { rounds: 5, alone: 6, many: 4, unjudged: 2, part: 0.5, warmUp: 6 };
const QUICK = { rounds: 2, alone: 1, many: 1, unjudged: 0.5, part: 0.4, warmUp: 1 };
const CHECK = { rounds: 1, alone: 0.5, many: 0.4, unjudged: 0.4, part: 0.1, warmUp: 0.3 };

type Round = Record<'minting' | 'narrowed' | 'octokit' | 'cached' | 'emptyRoute' | 'parts', Measured> & {
  backstage: Measured | undefined;
  /** Microseconds of processor time by part. */
  alone: Record<string, number>;
};

export async function measureMint({ quick, check, say }: BenchOptions): Promise<Report> {
  const seconds = check ? CHECK : quick ? QUICK : FULL;
  say('starting the app, PostgreSQL with fsync, Redis, a GitHub stand-in and servers to compare with…');
  const installing = quick ? undefined : installPeer('backstage');
  const world = await startMintWorld();
  try {
    const peer = await installing;
    const subjects = await startMintSubjects(world, peer);
    const { minting, narrowed, bareCall, octokit, cached, emptyRoute, parts, backstage } = subjects;
    let minted = 0;
    const measureOne = async (subject: Subject, connections: number, forSeconds: number) => {
      const found = await measure(world.load, subject, { connections, seconds: forSeconds });
      if (subject === minting || subject === narrowed) minted += found.latencies.length;
      return found;
    };
    const by = (subject: Subject, connections: number, forSeconds: number) => () =>
      measureOne(subject, connections, forSeconds);

    say('from cold…');
    const cold = await measureFromCold(world.load, minting, {
      connections: CONNECTIONS,
      quick,
      check,
    });
    const recordedBefore = await countRecorded(world);
    say('warming up the others…');
    for (const subject of [octokit, emptyRoute, parts]) await by(subject, CONNECTIONS, seconds.warmUp)();
    await subjects.runPartsAlone(CONNECTIONS, seconds.part);
    // The mints from cold have warmed up nearly all of a narrowed one.
    for (const subject of [narrowed, cached, backstage])
      if (subject !== undefined) await by(subject, CONNECTIONS, seconds.unjudged)();

    say(`P1: one caller, GitHub answers after ${GITHUB_MS} ms`);
    await world.github.answerAfter(GITHUB_MS);
    const alone = await inRounds(seconds.rounds, say, {
      minting: by(minting, 1, seconds.alone),
      bare: by(bareCall, 1, seconds.alone),
      parts: by(parts, 1, seconds.alone),
    });
    await world.github.answerAfter(0);

    say(`P2 and P3: ${CONNECTIONS} connections, GitHub answers at once`);
    const rounds = await inRounds<Round>(seconds.rounds, say, {
      minting: by(minting, CONNECTIONS, seconds.many),
      octokit: by(octokit, CONNECTIONS, seconds.many),
      emptyRoute: by(emptyRoute, CONNECTIONS, seconds.many),
      parts: by(parts, CONNECTIONS, seconds.many),
      alone: () => subjects.runPartsAlone(CONNECTIONS, seconds.part),
      narrowed: by(narrowed, CONNECTIONS, seconds.unjudged),
      cached: by(cached, CONNECTIONS, seconds.unjudged),
      backstage: async () =>
        backstage === undefined ? undefined : measureOne(backstage, CONNECTIONS, seconds.unjudged),
    });
    const recorded = (await countRecorded(world)) - recordedBefore;
    if (recorded !== minted) throw new Error(`minted ${minted} tokens, but recorded ${recorded}`);
    const warmMs = median(rounds.map((round) => round.minting.cpuMs));
    const fromCold = describeCold(cold, warmMs);
    return ratioReport(
      [...besideBareCall(alone), ...besideServers(rounds), ...besidePeers(rounds, peer), ...fromCold.ratios],
      [...NOTES, describeFloor(rounds), ...notesOnPeers(peer), fromCold.note],
    );
  } finally {
    await world.close();
  }
}

/** Counts the mints in the audit log. The rows that the bare server repeats all have the id of one request. */
function countRecorded({ services }: MintWorld): Promise<number> {
  return withDatabase(services.database.ownerUrl, async (db) => {
    const { rows } = await db.query<{ count: number }>(
      `SELECT count(DISTINCT request_id)::int AS count FROM audit_events WHERE type = 'github.token_minted'`,
    );
    return rows[0]?.count ?? 0;
  });
}

function besideBareCall(rounds: Record<'minting' | 'bare' | 'parts', Measured>[]): Ratio[] {
  const pairs = rounds.map(({ minting, bare }) => ({ ours: minting, beside: bare }));
  const floors = rounds.map(({ parts, bare }) => ({ ours: parts, beside: bare }));
  const at = (part: number) => ({
    ratios: latencies(pairs, part),
    absolute: latencyAt(pairs, part),
    floor: latencies(floors, part),
  });
  return [
    { what: 'P1 a mint beside the bare call, median latency', ...at(0.5), reach: { most: 1.1 } },
    { what: 'P1 the same, p99', ...at(0.99), reach: { most: 1.3 } },
  ];
}

function besideServers(rounds: Round[]): Ratio[] {
  type Ours = 'minting' | 'narrowed' | 'parts';
  const pairs = (ours: Ours, beside: 'octokit' | 'emptyRoute'): Pair[] =>
    rounds.map((round) => ({ ours: round[ours], beside: round[beside] }));
  const compare = (what: string, beside: 'octokit' | 'emptyRoute', mostCpu: number, least: number) => [
    {
      what: `${what}, processor time`,
      ratios: cpuRatios(pairs('minting', beside)),
      absolute: cpu(pairs('minting', beside)),
      reach: { most: mostCpu },
      floor: cpuRatios(pairs('parts', beside)),
    },
    {
      what: `${what}, throughput`,
      ratios: throughputs(pairs('minting', beside)),
      absolute: rates(pairs('minting', beside)),
      reach: { least },
      floor: throughputs(pairs('parts', beside)),
    },
  ];
  const narrowed = pairs('narrowed', 'octokit');
  return [
    ...compare('P2 mints beside a bare Octokit server', 'octokit', 1, P2_THROUGHPUT),
    {
      what: 'P2 narrowed to one repository, processor time',
      ratios: cpuRatios(narrowed),
      absolute: cpu(narrowed),
    },
    {
      what: 'P2 narrowed to one repository, throughput',
      ratios: throughputs(narrowed),
      absolute: rates(narrowed),
    },
    ...compare('P3 mints beside an empty route', 'emptyRoute', 2, 0.45),
  ];
}

function besidePeers(rounds: Round[], peer: Peer | undefined): Ratio[] {
  const figure = (what: string, beside: (round: Round) => Measured | undefined): Ratio[] => {
    const pairs = rounds.flatMap((round) => {
      const other = beside(round);
      return other === undefined ? [] : [{ ours: round.minting, beside: other }];
    });
    if (pairs.length === 0) return [];
    return [{ what, ratios: cpuRatios(pairs), absolute: `${cpu(pairs)}; ${rates(pairs)}` }];
  };
  return [
    ...figure('a mint beside a cached token of @octokit/auth-app, processor time', ({ cached }) => cached),
    ...figure(`a mint beside a cached token of ${peer?.name}, processor time`, ({ backstage }) => backstage),
  ];
}

const NOTES = [
  'every control on: key looked up, limit counted in Redis (1,000,000 a minute), installation read, audit row committed with fsync; nothing cached but the App JWT; DATABASE_PREPARED_STATEMENTS=1, which is off by default',
  `load generator, GitHub stand-in, PostgreSQL, Redis and the servers to compare with are processes of their own; ${CONNECTIONS} connections, in P1 one, and GitHub answers after ${GITHUB_MS} ms`,
  'the empty route is /api/health/live: no authentication, no limit, no database',
  'processor time: of the answering Node process alone, for one answer. On a machine that others use at the same time it says more than throughput, because a mint waits for four other processes to get their turn, and what it is measured beside for one or none',
];

function describeFloor(rounds: Round[]): string {
  const alone = Object.keys(rounds[0]?.alone ?? {}).map((name) => {
    const us = median(rounds.map((round) => round.alone[name] ?? Number.NaN));
    return `${name} ${(us / 1000).toFixed(2)} ms`;
  });
  const whole = median(rounds.map(({ parts }) => parts.cpuMs));
  return `the floor is a bare Node server that does what a mint asks of others, and nothing else, with as many connections and the same pool and clients. One real mint is recorded and repeated, so nothing is parsed, checked, signed or counted. It takes ${whole.toFixed(2)} ms of processor time for a response; its parts alone in a loop, ${CONNECTIONS} at a time: ${alone.join(', ')}`;
}

function notesOnPeers(peer: Peer | undefined): string[] {
  return [
    'a cached token costs no call to GitHub, but gives up what a mint here guarantees: the token lies in memory for up to an hour, all callers share it, so it cannot be revoked for one of them, no row says who got it, and here it covers the whole installation',
    describePeer(peer),
  ];
}

function describePeer(peer: Peer | undefined): string {
  if (peer === undefined) return 'a quick run installs no peers';
  return 'missing' in peer
    ? peer.missing
    : `${peer.name} ${peer.version}, from the registry, by its lock file`;
}
