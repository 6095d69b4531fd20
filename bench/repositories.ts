/** Measures the figures P5 and P6, the cost of syncing 10,000 repositories, and with them P7, that of searching. */
import { mintToken } from 'offline-github/testing';
import { ms, type Ratio, ratioReport } from './beside';
import type { DatabaseWork } from './database-work';
import { timeOf } from './operator';
import { type BenchProcess, startProcess } from './process';
import { type BenchOptions, median, type Report } from './report';
import { measureSearches } from './repositories-search';
import { LIST, type RepositoriesWorld, startRepositoriesWorld } from './repositories-world';

const COUNT = 10_000;
/** More than one page for each of the parallel readers. */
const CHECK_COUNT = 1_000;
const PER_PAGE = 100;
const PAGE_MS = 100;
/** Must be the same as the value in `lib/github/installations.ts`. */
const PARALLEL = 8;

export async function measureRepositories({ quick, check, say }: BenchOptions): Promise<Report> {
  const count = check ? CHECK_COUNT : COUNT;
  say(`starting the app and a GitHub with ${count} repositories…`);
  const world = await startRepositoriesWorld(count);
  const reader = await startProcess('page-reader.ts');
  const rounds = check ? 1 : quick ? 2 : 5;
  try {
    say('syncing them once…');
    world.github.knobs.latency(LIST, PAGE_MS);
    await emptyAndSync(world);
    const first: { total: number; database: DatabaseWork; bare: number }[] = [];
    const again: DatabaseWork[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const bare = await readBare(world, reader);
      const found = await emptyAndSync(world);
      first.push({ ...found, bare });
      again.push(await syncUnchanged(world));
      say(`P5 ${ms(found.total)} beside ${ms(bare)}`);
    }
    world.github.knobs.latency(LIST, 0);
    const figures: Ratio[] = [
      {
        what: `P5 first sync of ${count} beside reading the same pages`,
        ratios: first.map(({ total, bare }) => total / bare),
        absolute: `${ms(median(first.map(({ total }) => total)))} beside ${ms(median(first.map(({ bare }) => bare)))}`,
        reach: { most: 1.5 },
      },
      {
        what: 'P6 database time of a sync without changes beside the first',
        ratios: again.map((work, round) => work.ms / (first[round]?.database.ms ?? Number.NaN)),
        absolute: `${inWords(again)} beside ${inWords(first.map(({ database }) => database))}`,
        reach: { most: 0.5 },
      },
    ];
    figures.push(...(await measureSearches(world, { rounds, requests: check ? 1 : quick ? 4 : 12, say })));
    return ratioReport(figures, [
      `P5: ${count / PER_PAGE} pages, each answered after ${PAGE_MS} ms, ${PARALLEL} at the same time on both sides; the sync is asked for over HTTP, with its token minted, audited and revoked`,
      'P6: planning and executing by pg_stat_statements; no row of `repositories` had another version afterwards, or the run would have ended',
      `P7: over HTTP as the owner, ${count} repositories beside 100, in turn; both workspaces have the same recent changes`,
    ]);
  } finally {
    await reader.stop();
    await world.close();
  }
}

async function readBare(
  { count, github, installationId }: RepositoriesWorld,
  reader: BenchProcess,
): Promise<number> {
  const token = await mintToken(github, installationId);
  const url = `${github.apiUrl}/installation/repositories?per_page=${PER_PAGE}`;
  const found = await reader.ask({ url, token, pages: count / PER_PAGE, parallel: PARALLEL });
  return (found as { ms: number }).ms;
}

function sync({ appUrl, installationId, headers }: RepositoriesWorld): Promise<number> {
  return timeOf(`${appUrl}/api/v1/workspaces/acme/github/installations/${installationId}/sync`, {
    method: 'POST',
    headers: headers(),
  });
}

async function emptyAndSync(world: RepositoriesWorld): Promise<{ total: number; database: DatabaseWork }> {
  await world.database((db) =>
    db.query('DELETE FROM repositories WHERE installation_id = $1', [world.installationId]),
  );
  let total = 0;
  const database = await world.databaseWork(async () => {
    total = await sync(world);
  });
  if ((await versions(world)).count !== world.count) throw new Error('the first sync did not store them all');
  return { total, database };
}

/** @throws if a row was rewritten */
async function syncUnchanged(world: RepositoriesWorld): Promise<DatabaseWork> {
  const stored = await versions(world);
  const work = await world.databaseWork(() => sync(world));
  if ((await versions(world)).digest !== stored.digest)
    throw new Error('P6: rows were rewritten though nothing had changed');
  return work;
}

function inWords(works: DatabaseWork[]): string {
  const of = (key: keyof DatabaseWork) => median(works.map((work) => work[key]));
  return `${ms(of('ms'))} in ${of('statements').toFixed(0)} statements`;
}

/** Returns the number of rows, and a digest of their row versions, which changes whenever a row is written. */
function versions({
  database,
  installationId,
}: RepositoriesWorld): Promise<{ count: number; digest: string }> {
  return database(async (db) => {
    const { rows } = await db.query<{ count: number; digest: string }>(
      `SELECT count(*)::int AS count, md5(string_agg(id || ' ' || xmin || ' ' || ctid, ',' ORDER BY id)) AS digest
        FROM repositories WHERE installation_id = $1 AND removed_at IS NULL`,
      [installationId],
    );
    return rows[0] ?? { count: 0, digest: '' };
  });
}
