/** Measures the figures P5, P6 and P7: the cost of syncing and searching 10,000 repositories. */
import { mintToken } from 'offline-github/testing';
import { ms, type Ratio, ratioReport } from './beside';
import { leastTimeOf, timeOf } from './operator';
import { type BenchProcess, startProcess } from './process';
import { type BenchOptions, median, type Report } from './report';
import { LIST, type RepositoriesWorld, startRepositoriesWorld } from './repositories-world';

const COUNT = 10_000;
const PER_PAGE = 100;
const PAGE_MS = 100;
/** Must be the same as the value in `lib/github/installations.ts`. */
const PARALLEL = 8;

const SEARCHES = {
  'first page': '',
  'one found': 'q=repo-00042',
  'many found': 'q=repo-0',
  'nothing found': 'q=no-such-name',
};

export async function measureRepositories({ quick, say }: BenchOptions): Promise<Report> {
  say(`starting the app and a GitHub with ${COUNT} repositories…`);
  const world = await startRepositoriesWorld(COUNT);
  const reader = await startProcess('page-reader.ts');
  const rounds = quick ? 2 : 5;
  try {
    world.github.knobs.latency(LIST, PAGE_MS);
    await emptyAndSync(world);
    const first: { total: number; database: number; bare: number }[] = [];
    const again: { database: number }[] = [];
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
        what: `P5 first sync of ${COUNT} beside reading the same pages`,
        ratios: first.map(({ total, bare }) => total / bare),
        absolute: `${ms(median(first.map(({ total }) => total)))} beside ${ms(median(first.map(({ bare }) => bare)))}`,
        reach: { most: 1.5 },
      },
      {
        what: 'P6 database time of a sync without changes beside the first',
        ratios: again.map(({ database }, round) => database / (first[round]?.database ?? Number.NaN)),
        absolute: `${ms(median(again.map(({ database }) => database)))} beside ${ms(median(first.map(({ database }) => database)))}`,
        reach: { most: 0.5 },
      },
    ];
    for (const [name, query] of Object.entries(SEARCHES))
      figures.push(await search(world, name, query, rounds));
    return ratioReport(figures, [
      `P5: ${COUNT / PER_PAGE} pages, each answered after ${PAGE_MS} ms, ${PARALLEL} at once on both sides; the sync is asked for over HTTP, with its token minted, audited and revoked`,
      'P6: what PostgreSQL says it spent on statements; no row of `repositories` had another version afterwards, or the run would have ended',
      `P7: over HTTP as the owner, ${COUNT} repositories beside 100`,
    ]);
  } finally {
    await reader.stop();
    await world.close();
  }
}

async function readBare(
  { github, installationId }: RepositoriesWorld,
  reader: BenchProcess,
): Promise<number> {
  const token = await mintToken(github, installationId);
  const url = `${github.apiUrl}/installation/repositories?per_page=${PER_PAGE}`;
  const found = await reader.ask({ url, token, pages: COUNT / PER_PAGE, parallel: PARALLEL });
  return (found as { ms: number }).ms;
}

function sync({ appUrl, installationId, headers }: RepositoriesWorld): Promise<number> {
  return timeOf(`${appUrl}/api/v1/workspaces/acme/github/installations/${installationId}/sync`, {
    method: 'POST',
    headers: headers(),
  });
}

async function emptyAndSync(world: RepositoriesWorld): Promise<{ total: number; database: number }> {
  await world.database((db) =>
    db.query('DELETE FROM repositories WHERE installation_id = $1', [world.installationId]),
  );
  const before = await world.databaseTime();
  const total = await sync(world);
  const found = { total, database: (await world.databaseTime()) - before };
  if ((await versions(world)).count !== COUNT) throw new Error('the first sync did not store them all');
  return found;
}

async function syncUnchanged(world: RepositoriesWorld): Promise<{ database: number }> {
  const stored = await versions(world);
  const before = await world.databaseTime();
  await sync(world);
  const database = (await world.databaseTime()) - before;
  if ((await versions(world)).digest !== stored.digest)
    throw new Error('P6: rows were rewritten though nothing had changed');
  return { database };
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

async function search(
  { appUrl, headers }: RepositoriesWorld,
  name: string,
  query: string,
  rounds: number,
): Promise<Ratio> {
  const page = (workspace: string) =>
    leastTimeOf(`${appUrl}/api/v1/workspaces/${workspace}/github/repositories?limit=50&${query}`, headers);
  const pairs: { large: number; small: number }[] = [];
  for (let round = 0; round < rounds; round += 1)
    pairs.push({ small: await page('small'), large: await page('acme') });
  return {
    what: `P7 ${name}`,
    ratios: pairs.map(({ large, small }) => large / small),
    absolute: `${ms(median(pairs.map(({ large }) => large)))} beside ${ms(median(pairs.map(({ small }) => small)))}`,
    reach: { most: 1.5 },
  };
}
