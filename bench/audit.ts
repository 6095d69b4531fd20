/** Measures the figures S1 to S4: the cost of a large audit log. */
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { type AuditSide, startAuditWorld } from './audit-world';
import { measure, type Subject } from './beside';
import { leastTimeOf } from './operator';
import { type BenchOptions, median, type Report, spread } from './report';

const SMALL = 5_000;
const PAGE_RATIO = 1.5;
const MINT_RATIO = 1.1;
const EXPORT_ROWS = 30_000;
const VERIFY_ROWS = 50_000;
const MEMORY_MIB = 64;

/** The cursor of the page that shows the oldest events. */
const OLDEST_PAGE = Buffer.from(JSON.stringify(['newer', 0])).toString('base64url');

const FILTERS = {
  'no filter': '',
  type: 'type=github.token_denied',
  'type, rare': 'type=api_key.created',
  actor: 'actor=key-7',
  'actor, none': 'actor=nobody',
  installation: 'installation_id=52000003',
  IP: 'ip=198.51.7.7',
  'IP, none': 'ip=192.0.2.1',
  'time, an hour': `from=${new Date(Date.now() - 5_400_000).toISOString()}&to=${new Date(Date.now() - 1_800_000).toISOString()}`,
  text: 'q=repository-77',
  'text, none': 'q=no-event-has-this',
};

export async function measureAudit({ quick, say }: BenchOptions): Promise<Report> {
  const sizes = { small: SMALL, large: quick ? 50_000 : 1_000_000, others: quick ? 50_000 : 4_000_000 };
  say(`filling: ${SMALL} events, and ${sizes.large} of ${sizes.large + sizes.others}…`);
  const world = await startAuditWorld(sizes);
  const rounds = quick ? 2 : 5;
  const report: Report = {
    columns: ['figure', 'found', 'spread', 'reach', 'absolute', 'reached'],
    rows: [],
    missed: [],
    notes: [
      `large: a workspace with ${sizes.large} events in a database with ${sizes.large + sizes.others}; small: ${SMALL} events in all. Both are on one PostgreSQL, each behind an app of its own, measured in turn`,
      'S1: pages of 50 over HTTP as the owner, first and last; the median of the ratios of each round. S2: one caller, GitHub answers at once',
      'S3 and S4: by one reader on loopback; memory is the resident set of the app’s process, its highest above that before the first line',
    ],
  };
  const add = (what: string, found: number[], reach: { most?: number; least?: number }, write: Write) => {
    const middle = median(found);
    const reached = reach.most === undefined ? middle >= (reach.least ?? 0) : middle <= reach.most;
    const target =
      reach.most === undefined ? `≥ ${write.figure(reach.least ?? 0)}` : `≤ ${write.figure(reach.most)}`;
    if (!reached) report.missed.push(`${what}: ${write.figure(middle)}, reach is ${target}`);
    const cells = [what, write.figure(middle), spread(found, write.figure), target, write.absolute ?? ''];
    report.rows.push([...cells, reached ? 'yes' : '**no**']);
  };
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
        add(`S1 ${name}, ${page} page`, ratios, { most: PAGE_RATIO }, { figure: times, absolute });
      }
    say('S1 measured');
    const mints: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const of = async (side: AuditSide) =>
        median(
          (
            await measure(world.mintWorld.load, mint(side), {
              connections: 1,
              seconds: quick ? 2 : 5,
            })
          ).latencies,
        );
      mints.push((await of(world.large)) / (await of(world.small)));
    }
    add('S2 one audited mint', mints, { most: MINT_RATIO }, { figure: times });
    say('S2 measured');
    for (const format of ['ndjson', 'csv']) {
      const found = await download(world.large, `audit-events?format=${format}`);
      add(`S3 export, ${format}`, [found.lines / found.seconds], { least: EXPORT_ROWS }, { figure: rows });
      add(`S3 memory, ${format}`, [found.memoryMiB], { most: MEMORY_MIB }, { figure: mib });
      say(`S3 ${format}: ${found.lines} lines in ${found.seconds.toFixed(1)} s`);
    }
    const verified = await download(world.large, 'audit-events/verify');
    if (!verified.text.includes('"ok":true')) throw new Error(`the chain does not verify: ${verified.text}`);
    add('S4 verification', [sizes.large / verified.seconds], { least: VERIFY_ROWS }, { figure: rows });
    add('S4 memory', [verified.memoryMiB], { most: MEMORY_MIB }, { figure: mib });
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

interface Download {
  lines: number;
  seconds: number;
  memoryMiB: number;
  /** The beginning of the response's body. */
  text: string;
}

function download({ appUrl, pid, headers }: AuditSide, path: string): Promise<Download> {
  return new Promise((resolve, reject) => {
    const before = residentMiB(pid);
    const started = performance.now();
    let lines = 0;
    let text = '';
    let highest = 0;
    const sampling = setInterval(() => {
      residentMiB(pid).then((now) => {
        highest = Math.max(highest, now);
      }, reject);
    }, 100);
    get(`${appUrl}/api/v1/workspaces/acme/${path}`, { headers: headers() }, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        if (text.length < 1_000) text += chunk.subarray(0, 1_000).toString('utf8');
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
      });
      answer.on('error', reject);
      answer.on('end', async () => {
        clearInterval(sampling);
        const seconds = (performance.now() - started) / 1000;
        if (answer.statusCode !== 200) reject(new Error(`${path} answered ${answer.statusCode}: ${text}`));
        else
          resolve({
            lines,
            seconds,
            memoryMiB: Math.max(highest, await residentMiB(pid)) - (await before),
            text,
          });
      });
    }).on('error', reject);
  });
}

/** Returns a process's resident memory in MiB. Returns NaN on systems other than Linux. */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
