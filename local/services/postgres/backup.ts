/** Finds PostgreSQL's own backup programs for tests, and runs them. The embedded PostgreSQL comes without them. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../debian-programs';
import type { PostgresBinaries } from './binaries';

export interface BackupPrograms {
  dump: string;
  restore: string;
  /** A server of the same version. `pg_dump` refuses a newer server, and the embedded one usually is newer. */
  server: PostgresBinaries;
}

/** Where distributions keep the programs of each version. */
const FOLDERS = ['/usr/lib/postgresql', '/usr/pgsql-'] as const;

/** @returns `undefined` if `pg_dump`, or a server of its version, is not on this machine */
export function findBackupPrograms(): BackupPrograms | undefined {
  const [dump, restore] = [findProgram('pg_dump'), findProgram('pg_restore')];
  if (dump === undefined || restore === undefined) return undefined;
  const major = /(\d+)/.exec(execFileSync(dump, ['--version'], { encoding: 'utf8' }))?.[1] ?? '';
  const folders = [
    path.dirname(realpathSync(dump)),
    `${FOLDERS[0]}/${major}/bin`,
    `${FOLDERS[1]}${major}/bin`,
  ];
  const bin = folders.find((folder) =>
    ['postgres', 'initdb'].every((name) => existsSync(path.join(folder, name))),
  );
  if (bin === undefined) return undefined;
  return {
    dump,
    restore,
    server: { postgres: path.join(bin, 'postgres'), initdb: path.join(bin, 'initdb') },
  };
}

const execute = promisify(execFile);

/** Runs a program with arguments. @throws with the end of its messages if it fails */
export async function runProgram(program: string, ...args: string[]): Promise<void> {
  await execute(program, args, { env: { ...process.env, LC_ALL: 'C' } });
}
