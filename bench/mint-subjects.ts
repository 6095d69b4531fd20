/** Names the requests that the mint bench measures, and starts the processes that only this bench compares with. */
import type { Subject } from './beside';
import type { PartsResult, PartsServer } from './mint-parts';
import { INSTALLATION_ID, type MintWorld } from './mint-world';
import type { Peer } from './peers';

export interface MintSubjects {
  minting: Subject;
  /** A mint that names one repository. */
  narrowed: Subject;
  /** The call to GitHub alone, sent by the load generator. */
  bareCall: Subject;
  octokit: Subject;
  /** A token that `@octokit/auth-app` keeps in memory. */
  cached: Subject;
  emptyRoute: Subject;
  /** A bare server that does a mint's parts, and nothing else. */
  parts: Subject;
  /** `undefined` if the peer is not installed. */
  backstage: Subject | undefined;
  /** Runs each part of a mint alone, with this many runs in flight. Returns microseconds of CPU time by part. */
  runPartsAlone(connections: number, seconds: number): Promise<Record<string, number>>;
}

export async function startMintSubjects(
  world: MintWorld,
  backstage: Peer | undefined,
): Promise<MintSubjects> {
  const { appUrl, appPid, apiKey, github, octokitServer, services } = world;
  const parts = await world.start('mint-parts.ts', { ...services.env, BENCH_API_KEY: apiKey });
  const { url: partsUrl, parts: names } = (await parts.ask({})) as PartsServer;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const mint = (body: string): Subject => ({
    request: { url: `${appUrl}/api/v1/internal/github/token`, method: 'POST', headers, body },
    pid: appPid,
  });
  const post = (url: string, pid: number): Subject => ({ request: { url, method: 'POST' }, pid });
  return {
    minting: mint('{}'),
    narrowed: mint('{"repositories":["acme/api"]}'),
    bareCall: {
      request: {
        url: `${github.url}/app/installations/${INSTALLATION_ID}/access_tokens`,
        method: 'POST',
        headers: { authorization: 'bearer none', 'content-type': 'application/json' },
        body: '{"permissions":{"contents":"read","metadata":"read"}}',
      },
      pid: github.pid,
    },
    octokit: post(octokitServer.url, octokitServer.pid),
    cached: post(`${octokitServer.url}/cached`, octokitServer.pid),
    emptyRoute: { request: { url: `${appUrl}/api/health/live`, method: 'GET' }, pid: appPid },
    parts: { request: { url: partsUrl, method: 'POST', headers, body: '{}' }, pid: parts.pid },
    backstage:
      backstage !== undefined && 'entry' in backstage
        ? await startBackstage(world, backstage.entry)
        : undefined,
    runPartsAlone: async (connections, seconds) => {
      const found: Record<string, number> = {};
      for (const loop of names)
        found[loop] = ((await parts.ask({ loop, connections, seconds })) as PartsResult).cpuUs;
      return found;
    },
  };
}

async function startBackstage({ start, github, services }: MintWorld, entry: string): Promise<Subject> {
  const { id, privateKey } = services.github.app;
  const server = await start('backstage-server.ts', {
    BENCH_GITHUB_URL: github.url,
    BENCH_APP_ID: String(id),
    BENCH_PRIVATE_KEY: privateKey,
    BENCH_PEER: entry,
  });
  const { url } = (await server.ask({})) as { url: string };
  return { request: { url, method: 'POST' }, pid: server.pid };
}
