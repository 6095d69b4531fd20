/** Finds the programs that some tests start, such as a real Redis, or installs them from Debian. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export const CHROMIUM_SHELL = 'chromium-headless-shell';

/** The Debian packages that `npm test` installs. A package counts as installed if one of its programs is present. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'redis-server': ['redis-server', 'valkey-server'],
  pgbouncer: ['pgbouncer'],
  nginx: ['nginx'],
  haproxy: ['haproxy'],
  'kubernetes-client': ['kubectl'],
  prometheus: ['promtool'],
  curl: ['curl'],
  'git-lfs': ['git-lfs'],
  jq: ['jq'],
  [CHROMIUM_SHELL]: [CHROMIUM_SHELL],
};

/**
 * Finds the first of these programs on this machine, including in `sbin` folders that are not on the `PATH`.
 *
 * @returns its path, or undefined if none is installed
 */
export function findProgram(...names: string[]): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/bin',
    '/usr/sbin',
    '/usr/local/bin',
    '/usr/local/sbin',
    '/opt/homebrew/bin',
  ];
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(existsSync);
}

/**
 * Installs missing programs if this process is root on Debian. Otherwise, tests that need a missing program print why
 * they are skipped, and browser tests use another Chromium. `RUNLEVEL=1` keeps a package from starting its service.
 */
export function installDebianPrograms(): void {
  const missing = Object.entries(PACKAGES).filter(([, programs]) => findProgram(...programs) === undefined);
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  for (const [name] of missing)
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { env, stdio: 'ignore' });
}
