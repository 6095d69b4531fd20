/** Measures the figures S1 to S4: the cost of a large audit log. */
import { setTimeout as sleep } from 'node:timers/promises';
import { download, openExports } from './audit-exports';
import { APART, APART_FILTER, floorOf, TEXT, TEXT_FILTER } from './audit-floors';
import { type AuditSide, startAuditWorld } from './audit-world';
import { measure, type Subject } from './beside';
import { leastTimeOf } from './operator';
import {
  type BenchOptions,
  judge,
  median,
  quantile,
  type Report,
  type Series,
  spread,
  type Target,
} from './report';

const SMALL = 5_000;
const PAGE_RATIO = 1.5;
const MINT_RATIO = 1.1;
const EXPORT_ROWS = 30_000;
const VERIFY_ROWS = 50_000;
const MEMORY_MIB = 64;
/** A workspace may start 20 exports a minute, and a round starts four. */
const EXPORT_ROUND_MS = 12_500;

/** The cursor of the page that shows the oldest events. */
const OLDEST_PAGE = Buffer.from(JSON.stringify(['newer', 0])).toString('base64url');

/** The filter whose first page is drawn as the log grows. */
const NO_FILTER = 'no filter';

const FILTERS = {
  [NO_FILTER]: '',
  type: 'type=github.token_denied',
  'type, rare': 'type=api_key.created',
  actor: 'actor=key-7',
  'actor, none': 'actor=nobody',
  installation: 'installation_id=52000003',
  repository: 'repository=acme/repository-77',
  'repository, none': 'repository=acme/nothing',
  IP: 'ip=198.51.7.7',
  'IP, none': 'ip=192.0.2.1',
  network: 'ip=198.51.7.0/24',
  types: 'type=github.token_denied,api_key.created',
  result: 'result=refused',
  addresses: 'ip=198.51.7.7,198.51.8.8',
  'outside a network': 'ip=-198.51.0.0/18',
  'outside a network, none': 'ip=-198.51.0.0/16',
  'oldest first': 'order=oldest',
  'time, an hour': `from=${new Date(Date.now() - 5_400_000).toISOString()}&to=${new Date(Date.now() - 1_800_000).toISOString()}`,
  [TEXT]: TEXT_FILTER,
  'text, none': 'q=no-event-has-this',
  [APART]: APART_FILTER,
};

export async function measureAudit({ quick, check, say }: BenchOptions): Promise<Report> {
  const sizes = {
    small: SMALL,
    // Only for the picture of the cost as the log grows.
    between: quick ? [] : [10 * SMALL, 100 * SMALL],
    large: check ? 20_000 : quick ? 50_000 : 1_000_000,
    others: check ? SMALL : quick ? 50_000 : 4_000_000,
  };
  say(`filling: ${SMALL} events, and ${sizes.large} of ${sizes.large + sizes.others}…`);
  const world = await startAuditWorld(sizes);
  const rounds = check ? 1 : quick ? 2 : 5;
  const report: Report = {
    columns: ['figure', 'found', 'spread', 'reach', 'floor', 'absolute', 'reached'],
    rows: [],
    missed: [],
    notes: [
      `large: a workspace with ${sizes.large} events in a database with ${sizes.large + sizes.others}; small: ${SMALL} events in all. Both are on one PostgreSQL, each behind an app of its own, measured in turn`,
      'S1: pages of 50 over HTTP as the owner, first and last; the median of the ratios of each round. S2: one caller, GitHub answers immediately',
      `S1 ${APART}: the floor adds to the small page the time that PostgreSQL takes to read the entries of both filters from their indexes, and nothing else`,
      `S1 ${TEXT}: the floor adds to the small page the time that PostgreSQL takes to compare the events which only the large page compares, by their primary key; the index would yield all matches, which are 11,000 in the large log and 55 in the small one`,
      'exports: each at the pace of its client, by the process that answers the mints, and from the same workspace',
      'S3 and S4: by one reader on loopback; memory is the resident set of the app’s process, its highest above that before the first line',
    ],
  };
  const add = (what: string, found: number[], reach: Target | undefined, write: Write, floor?: number[]) => {
    const judged = reach && judge(what, found, reach, write.figure, floor);
    if (judged?.missed) report.missed.push(judged.missed);
    const cells = [what, write.figure(median(found)), spread(found, write.figure), judged?.target ?? ''];
    report.rows.push([...cells, judged?.floor ?? '', write.absolute ?? '', judged?.reached ?? '']);
  };
  const drawn = { page: 0, mint: 0 };
  try {
    for (const [name, filter] of Object.entries(FILTERS))
      for (const page of ['first', 'last'] as const) {
        const pairs = await pagesInTurn(
          world,
          `${filter}${page === 'last' ? `&cursor=${OLDEST_PAGE}` : ''}`,
          rounds,
        );
        const absolute = `${ms(median(pairs.map(({ large }) => large)))} beside ${ms(median(pairs.map(({ small }) => small)))}`;
        const ratios = pairs.map(({ large, small }) => large / small);
        if (name === NO_FILTER && page === 'first') drawn.page = median(ratios);
        const floor = await floorOf(name, page, world, pairs);
        add(`S1 ${name}, ${page} page`, ratios, { most: PAGE_RATIO }, { figure: times, absolute }, floor);
      }
    say('S1 measured');
    const seconds = check ? 0.3 : quick ? 1 : 3;
    const latencies = async (side: AuditSide) =>
      (await measure(world.mintWorld.load, mint(side), { connections: 1, seconds })).latencies;
    const mints: number[] = [];
    for (let round = 0; round < rounds; round += 1)
      mints.push(median(await latencies(world.large)) / median(await latencies(world.small)));
    add('S2 one audited mint', mints, { most: MINT_RATIO }, { figure: times });
    say('S2 measured');
    drawn.mint = median(mints);
    report.series = await costAsTheLogGrows(world.all, drawn, rounds, latencies);
    say('growth measured');
    for (const format of ['ndjson', 'csv']) {
      const found = await download(world.large, `audit-events?format=${format}`);
      add(`S3 export, ${format}`, found.rates, { least: EXPORT_ROWS }, { figure: rows });
      add(`S3 memory, ${format}`, [found.memoryMiB], { most: MEMORY_MIB }, { figure: mib });
      say(`S3 ${format}: ${found.lines} lines in ${found.seconds.toFixed(1)} s`);
    }
    const verified = await download(world.large, 'audit-events/verify');
    if (!verified.text.includes('"ok":true')) throw new Error(`the chain does not verify: ${verified.text}`);
    add('S4 verification', [sizes.large / verified.seconds], { least: VERIFY_ROWS }, { figure: rows });
    add('S4 memory', [verified.memoryMiB], { most: MEMORY_MIB }, { figure: mib });
    say(`S4: ${sizes.large} events in ${verified.seconds.toFixed(1)} s`);
    for (const [exports, { medians, slowest }] of await mintsBesideExports(world.large, latencies, {
      rounds,
      roundMs: quick ? 0 : EXPORT_ROUND_MS,
    })) {
      const what = `a mint beside ${exports} ${exports === 1 ? 'export' : 'exports'}, and without`;
      add(`${what}: median`, medians, undefined, { figure: times });
      add(`${what}: p99`, slowest, undefined, { figure: times });
    }
    return report;
  } finally {
    await world.close();
  }
}

type Write = { figure: (value: number) => string; absolute?: string };
const times = (value: number): string => `${value.toFixed(2)}×`;
const ms = (value: number): string => `${value.toFixed(1)} ms`;
const rows = (value: number): string => `${Math.round(value)}/s`;
const mib = (value: number): string => `${value.toFixed(0)} MiB`;

async function pagesInTurn(
  { small, large }: { small: AuditSide; large: AuditSide },
  query: string,
  rounds: number,
): Promise<{ small: number; large: number }[]> {
  // A page that hits the statement timeout misses its target, but doesn't abort the run.
  const page = ({ appUrl, headers }: AuditSide) =>
    leastTimeOf(`${appUrl}/api/v1/workspaces/acme/audit-events?limit=50&${query}`, headers).catch(
      () => Number.POSITIVE_INFINITY,
    );
  const pairs = [];
  for (let round = 0; round < rounds; round += 1)
    pairs.push({ small: await page(small), large: await page(large) });
  return pairs;
}

/** Measures each log between the smallest and the largest in turn with the smallest. */
async function costAsTheLogGrows(
  logs: AuditSide[],
  largest: { page: number; mint: number },
  rounds: number,
  mintLatencies: (side: AuditSide) => Promise<number[]>,
): Promise<Series[]> {
  const [smallest] = logs;
  const page: Series = { name: 'a page of the audit log', unit: '×', points: [] };
  const mints: Series = { name: 'a mint', unit: '×', points: [] };
  if (smallest === undefined) return [];
  const add = (x: number, cost: typeof largest) => {
    page.points.push({ x, y: cost.page });
    mints.points.push({ x, y: cost.mint });
  };
  add(smallest.events, { page: 1, mint: 1 });
  for (const side of logs.slice(1, -1)) {
    const pages = await pagesInTurn({ small: smallest, large: side }, '', rounds);
    const ratios: number[] = [];
    for (let round = 0; round < Math.min(rounds, 3); round += 1)
      ratios.push(median(await mintLatencies(side)) / median(await mintLatencies(smallest)));
    add(side.events, { page: median(pages.map(({ large, small }) => large / small)), mint: median(ratios) });
  }
  add(logs.at(-1)?.events ?? 0, largest);
  return [page, mints];
}

type Slowdown = { medians: number[]; slowest: number[] };

/** Measures mints without exports, then beside one, then beside as many as a workspace may have open. */
async function mintsBesideExports(
  side: AuditSide,
  mintLatencies: (side: AuditSide) => Promise<number[]>,
  { rounds, roundMs }: { rounds: number; roundMs: number },
): Promise<Map<number, Slowdown>> {
  const found = new Map<number, Slowdown>([1, 4].map((exports) => [exports, { medians: [], slowest: [] }]));
  for (let round = 0; round < rounds; round += 1) {
    const pause = sleep(roundMs);
    const alone = await mintLatencies(side);
    const exports = openExports(side);
    let open = 0;
    for (const [count, { medians, slowest }] of found) {
      exports.add(count - open);
      open = count;
      const beside = await exports.beside(() => mintLatencies(side));
      medians.push(median(beside) / median(alone));
      slowest.push(quantile(beside, 0.99) / quantile(alone, 0.99));
    }
    await exports.stop();
    await pause;
  }
  return found;
}

function mint({ appUrl, pid, apiKey, headers }: AuditSide): Subject {
  return {
    request: {
      url: `${appUrl}/api/v1/internal/github/token`,
      method: 'POST',
      headers: { ...headers(), authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: '{}',
    },
    pid,
  };
}
