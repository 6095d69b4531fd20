/**
 * Installs the projects that the bench compares us with. They aren't dependencies of this repository, because each
 * brings about a hundred packages, and `npm test` would install them on every fresh checkout.
 */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** Contains one folder for each peer, with a lock file that pins versions and integrity hashes. */
const MANIFESTS = path.join(import.meta.dirname, 'peer-packages');
const INSTALL_TIMEOUT_MS = 180_000;

export type Peer = { name: string; version: string } & (
  | {
      /** The URL of a module that exports everything the peer's package exports. */
      entry: string;
    }
  | {
      /** Why the peer could not be installed, for a note of the report. */
      missing: string;
    }
);

/**
 * Installs a peer into a temporary folder outside the checkout, which is removed when this process exits. Dependencies'
 * install scripts don't run.
 *
 * @param npm the command and first arguments that run npm; by default the npm that runs this process
 */
export async function installPeer(
  folder: 'backstage' | 'probot',
  npm: readonly [string, ...string[]] = findNpm(),
): Promise<Peer> {
  const manifest = path.join(MANIFESTS, folder);
  const { dependencies } = JSON.parse(await readFile(path.join(manifest, 'package.json'), 'utf8'));
  const [[name, version] = ['', '']] = Object.entries<string>(dependencies);
  const target = await mkdtemp(path.join(os.tmpdir(), 'pulsestream-peer-'));
  const remove = () => rmSync(target, { recursive: true, force: true });
  process.once('exit', remove);
  await cp(manifest, target, { recursive: true });
  const [command, ...first] = npm;
  try {
    await promisify(execFile)(command, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: target,
      timeout: INSTALL_TIMEOUT_MS,
    });
  } catch (error) {
    remove();
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    return { name, version, missing: `${name} ${version}: not measured, could not be installed: ${reason}` };
  }
  const entry = path.join(target, 'entry.mjs');
  await writeFile(entry, `export * from '${name}';\n`);
  return { name, version, entry: pathToFileURL(entry).href };
}

function findNpm(): [string, ...string[]] {
  const { npm_execpath: npm = '' } = process.env;
  return /npm-cli\.[cm]?js$/.test(npm) ? [process.execPath, npm] : ['npm'];
}
