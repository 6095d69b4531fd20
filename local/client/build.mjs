/** Plain Node without packages from npm, because `local/bootstrap.mjs` runs it. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withFileLock } from '../process/file-lock.mjs';
import { PACKAGE, packClient } from './pack.mjs';

const ROOT = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const CLIENT = path.join(ROOT, 'client');
const DIST = path.join(CLIENT, 'dist');
const STAMP = '.built-from';
const LOCK = path.join(ROOT, '.local/client.lock');
const COMPILER = path.join(ROOT, 'node_modules/typescript/bin/tsc');

/** @type {import('./build.d.mts').ensureClientBuilt} */
export async function ensureClientBuilt() {
  if (isBuilt() || !existsSync(COMPILER)) return;
  await withFileLock(LOCK, 'Waiting for another build of the client…', async () => {
    // Check again, because another process may have built it while we waited for the lock.
    if (!isBuilt()) await build();
  });
}

function isBuilt() {
  const stamp = path.join(DIST, STAMP);
  return existsSync(PACKAGE) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesId();
}

/**
 * Compiles into a folder of its own and moves that into place, so that a stale module never remains in `dist`. The stamp
 * is written last, so that a build that did not end is repeated.
 */
async function build() {
  const id = sourcesId();
  const fresh = `${DIST}.new`;
  rmSync(fresh, { recursive: true, force: true });
  await compile(fresh);
  rmSync(DIST, { recursive: true, force: true });
  renameSync(fresh, DIST);
  await packClient();
  writeFileSync(path.join(DIST, STAMP), id);
}

function compile(folder) {
  const args = [COMPILER, '-p', CLIENT, '--noCheck', '--outDir', folder];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The client does not compile:\n${output}`));
    });
  });
}

/** Identifies the sources and the compiler. */
function sourcesId() {
  const hash = createHash('sha256');
  const sources = readdirSync(path.join(CLIENT, 'src'), { recursive: true })
    .map((name) => `src/${name}`)
    .filter((name) => name.endsWith('.ts'))
    .sort();
  for (const name of ['package.json', 'tsconfig.json', ...sources])
    hash.update(`${name}\0`).update(readFileSync(path.join(CLIENT, name)));
  return hash.update(readFileSync(path.join(ROOT, 'node_modules/typescript/package.json'))).digest('hex');
}
