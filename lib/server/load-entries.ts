/**
 * Loads the code of pages and routes: what a mint needs before the process is ready, and the rest afterwards. By itself,
 * Next would load all of it before the first response, or each part only for its first request.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { log } from '../observability/log';
import { FIRST_ENTRIES } from './first-entries.mjs';

/** Has the entry's file for each page and route that Next has built. */
const MANIFEST = 'app-paths-manifest.json';

/**
 * How long to serve requests before each later entry. Nobody waits for the entries: a request whose code isn't loaded yet
 * loads it. But the first one takes 60 ms, with React's renderer, and would delay the first mints.
 */
const PAUSE_MS = 250;

/** Next writes an entry so that the route's own modules are evaluated later, by its first request or by this call. */
type Entry = { routeModule?: { ensureUserland?(): Promise<void> } };

/**
 * Loads the entries of a production build that mints and deliveries need, and evaluates their modules. So even the first
 * mint and the first delivery bypass Next.
 *
 * @param folder the build's folder for the server
 * @param first the routes to load now
 * @returns a function that loads the others, one at a time with pauses
 * @throws if one of the first can't be loaded
 */
export async function loadFirstEntries(
  folder = path.resolve('.next/server'),
  first: readonly string[] = FIRST_ENTRIES,
): Promise<() => Promise<void>> {
  const require = createRequire(path.join(folder, MANIFEST));
  const files: Record<string, string> = JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8'));
  const load = (page: string): Entry => {
    const file = files[page];
    if (file === undefined) throw new Error(`the build has no code for ${page}`);
    return require(/* turbopackIgnore: true */ `./${file}`);
  };
  for (const page of first) {
    // Let the event loop turn, so that responses from the database and GitHub are handled.
    await setImmediate();
    await load(page).routeModule?.ensureUserland?.();
  }
  return async () => {
    for (const page of Object.keys(files)) {
      await pause(PAUSE_MS, undefined, { ref: false });
      try {
        load(page);
      } catch (error) {
        log.error({ err: error, page }, 'the code of a page or route could not be loaded');
      }
    }
  };
}

const RESPONSE = 'http.server.response.finish';

/** Calls `work` once, after the first response of this process. */
export function afterFirstResponse(work: () => void): void {
  const once = () => {
    unsubscribe(RESPONSE, once);
    work();
  };
  subscribe(RESPONSE, once);
}
