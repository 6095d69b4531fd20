/**
 * Measures the figure S5: several replicas on one database and one Redis. Limits have to be exact across the replicas, and
 * no workspace may slow the others.
 */
import os from 'node:os';
import { ms, perSecond, type Ratio, ratioReport } from './beside';
import { type BenchOptions, median, type Report } from './report';
import { checkLimit } from './scale-limits';
import { type Check, inTurn, type LoadPair, mints, spread } from './scale-load';
import { besideRefused, checkCrowd, NEIGHBOURS, shareOfOne } from './scale-neighbours';
import { storageOfMints } from './scale-storage';
import { type Replica, startScaleWorld } from './scale-world';

/** With fewer cores, the replicas share them with the load and the database, so throughput cannot double. */
const CORES_FOR_THROUGHPUT = 4;
const CONNECTIONS = 16;

export async function measureScale({ quick, check, say }: BenchOptions): Promise<Report> {
  const limit = quick ? 60 : 200;
  const workspaces = check ? 60 : quick ? 200 : 1000;
  const counts = quick ? [2] : [2, 4];
  say(`starting ${Math.max(...counts)} replicas, and two behind PgBouncer; ${workspaces} workspaces…`);
  const world = await startScaleWorld({ replicas: Math.max(...counts), workspaces, limit });
  const rounds = check ? 1 : quick ? 2 : 5;
  const seconds = check ? 0.4 : quick ? 1 : 1.25;
  const notes: string[] = [];
  const checks: Check[] = [];
  try {
    say('warming up…');
    const all = [...world.replicas, ...world.pooled];
    // Each replica gets its share of the requests only, so the time grows with their number.
    await mints(world, all, spread(world, CONNECTIONS), (check ? 0.3 : quick ? 2 : 5) * all.length);

    for (const count of counts) {
      say(`limits: ${3 * limit} mints of one address over ${count} replicas`);
      checks.push(await checkLimit(world, world.replicas.slice(0, count), limit, `${count} replicas`));
    }
    if (world.pooled.length > 0)
      checks.push(await checkLimit(world, world.pooled, limit, '2 replicas behind PgBouncer'));

    const [one, two] = [world.replicas.slice(0, 1), world.replicas.slice(0, 2)];
    const figures: Ratio[] = [];
    const pairs = async (what: string, ours: Replica[], beside: Replica[]) => {
      say(what);
      const found = [];
      for (let round = 0; round < rounds; round++)
        found.push(
          await inTurn(
            round,
            () => mints(world, ours, spread(world, CONNECTIONS), seconds),
            () => mints(world, beside, spread(world, CONNECTIONS), seconds),
          ),
        );
      return found;
    };
    const judged = os.cpus().length >= CORES_FOR_THROUGHPUT;
    const both = await pairs('S5: two replicas beside one', two, one);
    figures.push(...figuresOf('S5 two replicas beside one', both, judged ? { least: 1.6 } : undefined));
    if (world.replicas.length >= 4) {
      const four = await pairs('S5: four replicas beside one', world.replicas.slice(0, 4), one);
      figures.push(...figuresOf('S5 four replicas beside one', four, undefined));
    }
    if (world.pooled.length > 0) {
      const pooled = await pairs('S5: two replicas behind PgBouncer beside two', world.pooled, two);
      figures.push(...figuresOf('S5 two replicas behind PgBouncer beside two', pooled, undefined));
    } else notes.push('behind PgBouncer: not measured: pgbouncer is not installed');

    say(`${workspaces} workspaces mint at the same time`);
    const crowd = await checkCrowd(world, two);
    checks.push(crowd.check);
    figures.push(crowd.figure);
    say('one workspace sends half of the load; one workspace is at its limit');
    figures.push(
      await shareOfOne(world, two, rounds, seconds),
      await besideRefused(world, two, rounds, seconds),
    );

    say('what a mint costs PostgreSQL');
    notes.push(await storageOfMints(world, two, CONNECTIONS, quick ? 1 : 6));

    const report = ratioReport(figures, [
      ...notes,
      `${os.cpus().length} cores: throughput is ${judged ? 'judged' : 'printed, and not judged with fewer than 4'}; processor time is that of all replicas for one mint, and has no target: each of two replicas gets half of the requests, so it does less per turn of its event loop`,
      `every control on, with a limit of ${limit} mints a minute and address; other requests come from ever new addresses; replicas behind PgBouncer send their statements without names`,
      `neighbours: ${NEIGHBOURS} workspaces with one request in flight each`,
    ]);
    return withChecks(report, checks);
  } finally {
    await world.close();
  }
}

/** Puts counts above the ratios. A count is right or wrong. */
function withChecks(report: Report, checks: Check[]): Report {
  const empty = report.columns.length - 6;
  const rows = checks.map(({ what, found, expected }) => [
    what,
    '',
    '',
    expected,
    ...Array.from({ length: empty }, () => ''),
    found,
    found === expected ? 'yes' : '**no**',
  ]);
  const missed = checks
    .filter(({ found, expected }) => found !== expected)
    .map(({ what, found, expected }) => `${what}: ${found}, reach is ${expected}`);
  return { ...report, rows: [...rows, ...report.rows], missed: [...missed, ...report.missed] };
}

const throughput = ({ ours, beside }: LoadPair) => ours.perSecond / beside.perSecond;

function figuresOf(what: string, pairs: LoadPair[], reach: Ratio['reach']): Ratio[] {
  const middle = (of: (pair: LoadPair) => number) => median(pairs.map(of));
  return [
    {
      what: `${what}, throughput`,
      ratios: pairs.map(throughput),
      absolute: `${perSecond(middle(({ ours }) => ours.perSecond))} beside ${perSecond(middle(({ beside }) => beside.perSecond))}`,
      ...(reach === undefined ? {} : { reach }),
    },
    {
      what: `${what}, processor time`,
      ratios: pairs.map(({ ours, beside }) => ours.cpuMs / beside.cpuMs),
      absolute: `${ms(middle(({ ours }) => ours.cpuMs))} beside ${ms(middle(({ beside }) => beside.cpuMs))}`,
    },
  ];
}
