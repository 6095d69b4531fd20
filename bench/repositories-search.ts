/** Measures the figure P7: searching 10,000 repositories beside 100, through the API and on the page. */
import { ms, type Ratio } from './beside';
import { timeOf } from './operator';
import { median } from './report';
import type { RepositoriesWorld } from './repositories-world';

const SEARCHES: Record<string, (workspace: string) => string> = {
  'API, first page': (workspace) => api(workspace, ''),
  'API, one found': (workspace) => api(workspace, 'repo-00042'),
  'API, many found': (workspace) => api(workspace, 'repo-0'),
  'API, nothing found': (workspace) => api(workspace, 'no-such-name'),
  'API, nothing found of two letters': (workspace) => api(workspace, 'zz'),
  'page, no search': (workspace) => page(workspace, ''),
  'page, one found': (workspace) => page(workspace, 'repo-00042'),
  'page, many found': (workspace) => page(workspace, 'repo-0'),
  'page, nothing found': (workspace) => page(workspace, 'no-such-name'),
};

const api = (workspace: string, q: string) =>
  `/api/v1/workspaces/${workspace}/github/repositories?limit=50${q && `&q=${q}`}`;
const page = (workspace: string, q: string) => `/w/${workspace}/settings/github${q && `?q=${q}`}`;

type Side = { time: number; database: number };

/** @param requests the requests of one workspace before it is the other one's turn */
export async function measureSearches(
  world: RepositoriesWorld,
  { rounds, requests, say }: { rounds: number; requests: number; say(line: string): void },
): Promise<Ratio[]> {
  await world.copyHistory();
  const figures: Ratio[] = [];
  for (const [what, path] of Object.entries(SEARCHES)) {
    const ask = (workspace: string) => measureSide(world, path(workspace), requests);
    await ask('small');
    await ask('acme');
    const pairs: { small: Side; large: Side }[] = [];
    for (let round = 0; round < rounds; round += 1)
      pairs.push({ small: await ask('small'), large: await ask('acme') });
    const of = (side: 'small' | 'large', key: keyof Side) => ms(median(pairs.map((pair) => pair[side][key])));
    say(`P7 ${what}: ${of('large', 'time')} beside ${of('small', 'time')}`);
    figures.push({
      what: `P7 ${what}`,
      ratios: pairs.map(({ large, small }) => large.time / small.time),
      absolute: `${of('large', 'time')} beside ${of('small', 'time')}; of that in the database ${of('large', 'database')} beside ${of('small', 'database')}`,
      reach: { most: 1.5 },
    });
  }
  return figures;
}

/** Sends the same request several times. Returns the median of its times, and its mean time in the database. */
async function measureSide(world: RepositoriesWorld, path: string, requests: number): Promise<Side> {
  const times: number[] = [];
  const { ms: total } = await world.databaseWork(async () => {
    for (let n = 0; n < requests; n += 1)
      times.push(await timeOf(world.appUrl + path, { headers: session(world) }));
  });
  return { time: median(times), database: total / requests };
}

/** Returns the owner's session as a bearer token for the API and as a cookie for pages. */
function session(world: RepositoriesWorld): Record<string, string> {
  const headers = world.headers();
  return { ...headers, cookie: `next-auth.session-token=${headers.authorization?.replace('Bearer ', '')}` };
}
