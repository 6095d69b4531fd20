import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { log } from '../observability/log';
import { afterFirstResponse, loadFirstEntries } from './load-entries';

/** Entries of a test's build record here that they are loaded or evaluated. */
const shared = globalThis as typeof globalThis & { loadedEntries?: string[] };

/** Writes a build with an entry for each page, and returns what has been loaded so far. */
async function build(pages: Record<string, string>): Promise<{ folder: string; loaded: string[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-entries-'));
  const files = Object.keys(pages).map((page) => [page, `${page.slice(1)}.js`]);
  await writeFile(path.join(folder, 'app-paths-manifest.json'), JSON.stringify(Object.fromEntries(files)));
  for (const [page, code] of Object.entries(pages))
    await writeFile(path.join(folder, `${page.slice(1)}.js`), code);
  const loaded: string[] = [];
  shared.loadedEntries = loaded;
  return { folder, loaded };
}

const note = (what: string) => `globalThis.loadedEntries.push('${what}');`;
const route = (name: string) =>
  `${note(`${name} loaded`)} exports.routeModule = { ensureUserland: async () => { ${note(`${name} evaluated`)} } };`;

it('loads and evaluates the first routes, and everything else only when told to', async () => {
  const { folder, loaded } = await build({ '/page': note('page loaded'), '/mint': route('mint') });
  const loadRest = await loadFirstEntries(folder, ['/mint']);
  expect(loaded).toEqual(['mint loaded', 'mint evaluated']);
  await loadRest();
  expect(loaded).toEqual(['mint loaded', 'mint evaluated', 'page loaded']);
  await rm(folder, { recursive: true });
});

it('fails if a first route is missing or broken', async () => {
  const { folder } = await build({ '/broken': 'throw new Error("broken code")' });
  await expect(loadFirstEntries(folder, ['/broken'])).rejects.toThrow('broken code');
  await expect(loadFirstEntries(folder, ['/absent'])).rejects.toThrow('/absent');
  await rm(folder, { recursive: true });
});

it('logs a later entry that is broken, and loads those after it', async () => {
  const { folder, loaded } = await build({ '/a': 'throw new Error("broken code")', '/b': note('b loaded') });
  const error = vi.spyOn(log, 'error').mockImplementation(() => {});
  await (await loadFirstEntries(folder, []))();
  expect(loaded).toEqual(['b loaded']);
  expect(error.mock.calls).toEqual([
    [expect.objectContaining({ page: '/a' }), 'the code of a page or route could not be loaded'],
  ]);
  error.mockRestore();
  await rm(folder, { recursive: true });
});

it('pauses before each later entry', async () => {
  const pages = Object.fromEntries(['a', 'b'].map((name) => [`/${name}`, note(name)]));
  const { folder, loaded } = await build(pages);
  const loadRest = await loadFirstEntries(folder, []);
  const seen = new Set<string>();
  let isOver = false;
  const rest = loadRest().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    seen.add(loaded.join());
    await setImmediate();
  }
  await rest;
  expect([...seen]).toEqual(expect.arrayContaining(['', 'a']));
  await rm(folder, { recursive: true });
});

it('calls once, after the first response and not before it', async () => {
  const calls: string[] = [];
  afterFirstResponse(() => calls.push('called'));
  const server = createServer((_, response) => {
    calls.push('request');
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (let n = 0; n < 2; n++) await (await fetch(url)).arrayBuffer();
  await expect.poll(() => calls).toEqual(['request', 'called', 'request']);
  server.close();
});
