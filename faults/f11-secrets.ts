/** F11: searches everything that this run left behind for tokens, keys and secrets. */
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mintInternal } from '../e2e/server/own-server';
import { git } from '../local/clients/git';
import { KINDS, keepRemains } from '../local/remains/keep';
import { searchRemains } from '../local/remains/search';
import type { Fault, Finding } from './fault';
import { connectCustomer, startWorld } from './world/world';

export const secretsLeft: Fault = {
  title: 'Secrets are searched in what the run left behind',
  run: async ({ say }) => {
    const remains = process.env.PULSESTREAM_REMAINS;
    if (remains === undefined) throw new Error('nothing was kept of this run');
    say('minting, cloning and revoking once more…');
    const { token, cloned, revoked } = await useToken();
    say('searching databases, stores, logs, .next and the temporary folder…');
    const count = async (kind: string) => (await readdir(path.join(remains, kind)).catch(() => [])).length;
    const [databases, stores, logs] = await Promise.all(KINDS.map(count));
    const places = await searchRemains(remains, tmpdir());
    const searched: Finding = {
      injected: `everything that ran here: ${databases} tables, ${stores} stores, ${logs} logs, .next and the disk; a token was issued, used by git (${cloned ? 'cloned' : 'failed'}) and revoked (${revoked})`,
      mustHold: 'no token, key or secret pattern anywhere',
      observed: places.length === 0 ? 'none found' : `${places.length} places: ${places.join('; ')}`,
      held: places.length === 0 && cloned && revoked < 300,
    };
    return [searched, await plant(token, remains)];
  },
};

/** Issues a token, clones with it and revokes it, then stops everything, so that all of it is kept. */
async function useToken(): Promise<{ token: string; cloned: boolean; revoked: number }> {
  const world = await startWorld();
  const folder = path.join(tmpdir(), 'clone');
  try {
    const { apiKey } = await connectCustomer(world);
    const { body } = await mintInternal(world.app.url, apiKey, { body: { repositories: ['acme/api'] } });
    const url = body.repositories?.[0]?.clone_url ?? '';
    const { ok } = await git(['clone', '--quiet', url, folder], body.token);
    const response = await fetch(`${world.app.url}/api/v1/internal/github/token/revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ token: body.token }),
    });
    return { token: body.token, cloned: ok, revoked: response.status };
  } finally {
    await world.close();
  }
}

/** Leaves a real token in a log on purpose, because a search that finds nothing could also be a broken one. */
async function plant(token: string, remains: string): Promise<Finding> {
  await keepRemains(
    'logs',
    'planted',
    `Authorization: Basic ${Buffer.from(`x:${token}`).toString('base64')}`,
  );
  const places = await searchRemains(remains, tmpdir(), []);
  const logs = path.join(remains, 'logs');
  for (const name of await readdir(logs)) if (name.startsWith('planted')) await rm(path.join(logs, name));
  return {
    injected: 'a token of this run, planted in a log as base64',
    mustHold: 'the search finds it',
    observed: `${places.length} place found`,
    held: places.length === 1 && places[0]?.includes('planted') === true,
  };
}
