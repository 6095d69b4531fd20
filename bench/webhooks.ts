/**
 * Measures the figure P4: the cost of signed deliveries, each committed before the response, compared with an empty
 * route of the same build.
 */
import {
  cpu,
  cpuRatios,
  inRounds,
  latencies,
  latencyAt,
  type Measured,
  type Pair,
  type Ratio,
  rates,
  ratioReport,
  throughputs,
} from './beside';
import { startMintWorld } from './mint-world';
import { installPeer, type Peer } from './peers';
import { type BenchOptions, median, type Report } from './report';
import { EFFECT_NAMES, type EffectName, WORKSPACES } from './webhook-kinds';
import { startWebhookSubjects, type WebhookSubjects } from './webhook-world';

const CONNECTIONS = 16;
const STEADY_PER_SECOND = 50;
const LEAST_THROUGHPUT = 0.45;
const MOST_PROCESSOR_TIME = 2;
const MOST_P99 = 4;

/** The rounds, the warm-up and the steady deliveries share the installations, even on a machine that answers faster. */
const SHARES = 8;

/** `installations` is how many of each effect can be delivered, and `seconds` is for each subject in a round. */
const FULL = { rounds: 5, seconds: 2, steady: 4, installations: 20_000 };
const QUICK = { rounds: 2, seconds: 0.7, steady: 1.5, installations: 4000 };
const CHECK = { rounds: 1, seconds: 0.4, steady: 0.5, installations: 2000 };

type Rounds = Record<EffectName | `${EffectName} floor` | 'star' | 'emptyRoute', Measured> & {
  probot: Measured | undefined;
};
type Steady = Record<'uninstalls' | 'floor' | 'emptyRoute', Measured>;

export async function measureWebhooks({ quick, check, say }: BenchOptions): Promise<Report> {
  const { rounds, seconds, steady, installations } = check ? CHECK : quick ? QUICK : FULL;
  say('starting the app, PostgreSQL with fsync, Redis, a GitHub stand-in and a bare server…');
  const installing = quick ? undefined : installPeer('probot');
  const world = await startMintWorld();
  try {
    const peer = await installing;
    const subjects = await startWebhookSubjects(world, { installations, probot: peer });
    const { effects, floors, star, emptyRoute, probot } = subjects;
    const how = { connections: CONNECTIONS, seconds };
    const howNew = { ...how, most: Math.floor(installations / SHARES) };
    const each = {
      uninstalls: () => effects.uninstalls(howNew),
      'uninstalls floor': () => floors.uninstalls(howNew),
      suspensions: () => effects.suspensions(howNew),
      'suspensions floor': () => floors.suspensions(howNew),
      emptyRoute: () => emptyRoute(how),
      removals: () => effects.removals(howNew),
      'removals floor': () => floors.removals(howNew),
      star: () => star(how),
      probot: async () => probot?.(how),
    };
    say('warming up…');
    for (const run of Object.values(each)) await run();
    say(`P4: ${CONNECTIONS} connections`);
    const found = await inRounds<Rounds>(rounds, say, each);
    say(`P4: ${STEADY_PER_SECOND} a second`);
    const steadily = { connections: CONNECTIONS, seconds: steady, perSecond: STEADY_PER_SECOND };
    const foundSteadily = await inRounds<Steady>(rounds, say, {
      uninstalls: () => effects.uninstalls(steadily),
      floor: () => floors.uninstalls(steadily),
      emptyRoute: () => emptyRoute(steadily),
    });
    const report = ratioReport(
      [
        ...EFFECT_NAMES.flatMap((name) => besideEmptyRoute(`P4 ${name}`, found, name, `${name} floor`)),
        ...besideEmptyRoute('P4 deliveries without an effect', found, 'star'),
        steadyLatency(foundSteadily),
        ...besideProbot(found, peer),
      ],
      [...NOTES, describeFloor(subjects, found), describePeer(peer)],
    );
    await subjects.assertApplied();
    return report;
  } finally {
    // Otherwise the app would first wait for its queue of syncs.
    await world.killApp();
    await world.close();
  }
}

function besideEmptyRoute(
  what: string,
  rounds: Rounds[],
  ours: EffectName | 'star',
  floor?: `${EffectName} floor`,
): Ratio[] {
  const pairsOf = (name: EffectName | `${EffectName} floor` | 'star'): Pair[] =>
    rounds.map((round) => ({ ours: round[name], beside: round.emptyRoute }));
  const pairs = pairsOf(ours);
  const floors = floor && pairsOf(floor);
  return [
    {
      what,
      ratios: throughputs(pairs),
      absolute: rates(pairs),
      reach: { least: LEAST_THROUGHPUT },
      ...(floors && { floor: throughputs(floors) }),
    },
    {
      what: `${what}, processor time`,
      ratios: cpuRatios(pairs),
      absolute: cpu(pairs),
      reach: { most: MOST_PROCESSOR_TIME },
      ...(floors && { floor: cpuRatios(floors) }),
    },
  ];
}

function steadyLatency(rounds: Steady[]): Ratio {
  const pairs = rounds.map(({ uninstalls, emptyRoute }) => ({ ours: uninstalls, beside: emptyRoute }));
  const floors = rounds.map(({ floor, emptyRoute }) => ({ ours: floor, beside: emptyRoute }));
  return {
    what: `P4 uninstalls at ${STEADY_PER_SECOND} a second, p99`,
    ratios: latencies(pairs, 0.99),
    absolute: latencyAt(pairs, 0.99),
    reach: { most: MOST_P99 },
    floor: latencies(floors, 0.99),
  };
}

function besideProbot(rounds: Rounds[], peer: Peer | undefined): Ratio[] {
  const figure = (what: string, ours: 'removals' | 'star'): Ratio[] => {
    const pairs = rounds.flatMap(({ [ours]: one, probot }) =>
      probot === undefined ? [] : [{ ours: one, beside: probot }],
    );
    if (pairs.length === 0) return [];
    return [
      {
        what: `${what} beside ${peer?.name}, throughput`,
        ratios: throughputs(pairs),
        absolute: rates(pairs),
      },
      {
        what: `${what} beside ${peer?.name}, processor time`,
        ratios: cpuRatios(pairs),
        absolute: cpu(pairs),
      },
    ];
  };
  return [...figure('deliveries without an effect', 'star'), ...figure('removals', 'removals')];
}

const NOTES = [
  `each delivery is of another installation; the installations belong to ${WORKSPACES} workspaces, and each effect and its audit row are committed with fsync`,
  'an uninstall is verified, stored and noted in one statement; GitHub’s stand-in confirms it by a call for the installation and one for the App, which a burst shares; a transaction then ends the installation',
  'a suspension, and a removal of one repository from an installation, are verified and applied in one transaction. Each asks for a sync, at most three run at a time, and the stand-in takes a second for each, so few syncs run within these figures; P5 and P6 measure syncs',
  'a delivery without an effect is verified, and its id and the hash of its body are stored',
  `beside /api/health/live of the same build; ${CONNECTIONS} connections; processor time is that of the answering process for one response`,
];

function describeFloor({ steps }: WebhookSubjects, rounds: Rounds[]): string {
  const each = EFFECT_NAMES.map((name) => {
    const ms = median(rounds.map((round) => round[`${name} floor`].cpuMs));
    return `${name} ${steps[name]}, ${ms.toFixed(2)} ms`;
  });
  return `the floor is a bare Node server that does what such a delivery asks of others, and nothing else, with the same pool and clients. One real delivery is recorded and repeated for other installations, in the same order and just as concurrently, so nothing is verified, parsed or decided; reads that a burst shares in the app are shared there too. Processor time of one response: ${each.join('; ')}`;
}

function describePeer(peer: Peer | undefined): string {
  if (peer === undefined) return 'a quick run installs no peers';
  return 'missing' in peer
    ? peer.missing
    : `${peer.name} ${peer.version}, from the registry, by its lock file: it verifies the same deliveries and does nothing with them, so it stores nothing, calls nothing, and applies a replay again`;
}
