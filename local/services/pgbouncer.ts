/** Runs a real PgBouncer in transaction mode, for tests that run the app through a pooler. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { endWithParent } from '../process/end-with-parent';
import { findFreePort } from '../process/free-port';
import { findProgram } from './debian-programs';
import { makeRuntimeFolder, unprivilegedUser } from './postgres/user';

export function findPgBouncer(): string | undefined {
  return findProgram('pgbouncer');
}

/** Tells whether this machine's PgBouncer can keep prepared statements in transaction mode, as 1.21 and newer can. */
export function canKeepStatements(): boolean {
  const binary = findPgBouncer();
  if (binary === undefined) return false;
  const [, major, minor] =
    /(\d+)\.(\d+)/.exec(execFileSync(binary, ['--version'], { encoding: 'utf8' })) ?? [];
  return Number(major) > 1 || Number(minor) >= 21;
}

export interface PgBouncer {
  /** The URL of the same database and role, through the pooler. */
  url: string;
  close(): Promise<void>;
}

/**
 * PgBouncer's connections to PostgreSQL, per database and role. The app opens more connections than this, so they have
 * to share.
 */
const POOL_SIZE = 6;

/**
 * Starts PgBouncer in front of one database. Only the mode and the number of connections differ from its defaults. In
 * particular, it has no `ignore_startup_parameters` and no `server_reset_query_always`.
 *
 * @param databaseUrl the database's URL for the app's role
 * @param poolSize its connections to PostgreSQL
 * @param keepsStatements whether it may keep prepared statements. By default it does if its version can
 * @throws if this machine has no PgBouncer, or if PgBouncer does not start
 */
export async function startPgBouncer(
  databaseUrl: string,
  poolSize = POOL_SIZE,
  keepsStatements = canKeepStatements(),
): Promise<PgBouncer> {
  const binary = findPgBouncer();
  if (binary === undefined) throw new Error('pgbouncer is not on this machine');
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl);
  // Like PostgreSQL, PgBouncer refuses to run as root.
  const user = await unprivilegedUser();
  const folder = await makeRuntimeFolder(user);
  const port = await findFreePort(25_000 + (process.pid % 500) * 10);
  const write = async (name: string, text: string) => {
    const file = path.join(folder, name);
    await writeFile(file, text);
    await chmod(file, 0o600);
    if (user) await chown(file, user.uid, user.gid);
    return file;
  };
  const users = await write(
    'users.txt',
    `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`,
  );
  const settings = await write(
    'pgbouncer.ini',
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = md5
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${poolSize}
${canKeepStatements() && !keepsStatements ? 'max_prepared_statements = 0' : ''}
`,
  );
  const child = spawn(binary, [settings], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  const stopWatchdog = endWithParent(child, { signal: 'KILL', temporaryFolder: folder });
  let output = '';
  child.stderr.setEncoding('utf8');
  for await (const chunk of child.stderr.iterator({ destroyOnReturn: false })) {
    output += String(chunk);
    if (output.includes('process up')) break;
  }
  if (!output.includes('process up')) throw new Error(`pgbouncer did not start: ${output}`);
  child.stderr.resume();
  const url = new URL(databaseUrl);
  url.port = String(port);
  return {
    url: url.href,
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      stopWatchdog();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
