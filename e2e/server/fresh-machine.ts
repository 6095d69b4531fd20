/**
 * Prepares a machine on which an operator sets up a new environment. The operator was given an empty PostgreSQL, a Redis,
 * an OpenID provider and a GitHub without our App. Each is reached by a name of its own, with verified TLS.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type OfflineGitHub, startOfflineGitHub } from 'offline-github';
import { EnvHttpProxyAgent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { startIdentityProvider } from '../../lib/auth/test-identity-provider';
import { endWithParent } from '../../local/process/end-with-parent';
import { findFreePort, OWN_PORTS } from '../../local/process/free-port';
import { keepRemains } from '../../local/remains/keep';
import { type CertificateFiles, canMakeCertificate, makeCertificate } from '../../local/services/certificate';
import { findProgram } from '../../local/services/debian-programs';
import { type InterceptingProxy, startInterceptingProxy } from '../../local/services/intercepting-proxy';
import { APP_ROLE, OWNER_ROLE, runAsSuperuser } from '../../local/services/postgres/databases';
import { type Postgres, startPostgres } from '../../local/services/postgres/server';
import { makeRuntimeFolder, unprivilegedUser } from '../../local/services/postgres/user';
import { findRedisServer, type RedisServer, startRedisServer } from '../../local/services/redis-server';

export const HOSTS = { app: 'pulsestream.test', github: 'github.test', issuer: 'login.test' } as const;

/** Returns why no operator could follow the document on this machine, or `undefined`. */
export function whyNoFreshMachine(): string | undefined {
  const missing = ['curl', 'jq', 'git'].filter((name) => findProgram(name) === undefined);
  if (!canMakeCertificate()) missing.push('openssl');
  if (findRedisServer() === undefined) missing.push('redis-server');
  return missing.length === 0 ? undefined : `${missing.join(', ')}: not on this machine`;
}

export interface FreshMachine {
  github: OfflineGitHub;
  identity: Awaited<ReturnType<typeof startIdentityProvider>>;
  postgres: Postgres;
  redis: RedisServer;
  /** The port that the proxy forwards the public origin to. */
  port: number;
  /** Keeps the output of a command, to be searched for secrets after the run. */
  keepLog(command: RunningCommand): void;
  /** Starts a command in the checkout, with nothing in its environment but what every program on this machine has. */
  start(command: string): RunningCommand;
  /** @throws if the command fails, with its output */
  run(command: string): Promise<string>;
  close(): Promise<void>;
}

export interface RunningCommand {
  /** Standard output and error so far. */
  output(): string;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  /** Ends the command and the programs that it started. */
  stop(): Promise<void>;
}

export async function prepareFreshMachine(): Promise<FreshMachine> {
  const closing: (() => unknown)[] = [];
  const close = async () => {
    const failures: unknown[] = [];
    // A GitHub with complaints fails to close. Close the others all the same.
    for (const each of closing.reverse())
      await Promise.resolve(each()).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const user = await unprivilegedUser();
    const folder = await makeRuntimeFolder(user);
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const files = makeCertificate(folder, ['localhost', ...Object.values(HOSTS)]);
    await chmod(files.key, 0o600);
    if (user) for (const file of [files.certificate, files.key]) await chown(file, user.uid, user.gid);

    const [postgres, redis, github, identity, port] = await Promise.all([
      startEmptyPostgres(files),
      startRedisServer({ tls: files }),
      startOfflineGitHub({ origin: `https://${HOSTS.github}` }),
      startIdentityProvider(`https://${HOSTS.issuer}`),
      findFreePort(OWN_PORTS),
    ]);
    closing.push(
      () => postgres.stop(),
      () => redis.close(),
      () => identity.stop(),
      () => github.close(),
    );
    const proxy = await startInterceptingProxy(files, {
      [HOSTS.app]: `http://127.0.0.1:${port}`,
      [HOSTS.github]: github.address,
      [HOSTS.issuer]: identity.address,
    });
    closing.push(() => proxy.close(), reachThrough(proxy, files));
    const checkout = await freshCheckout();
    closing.push(() => rm(checkout, { recursive: true, force: true }));
    const environment = environmentOf(proxy, files);
    const commands: RunningCommand[] = [];
    const kept: Promise<void>[] = [];
    closing.push(
      () => Promise.all(kept),
      () => Promise.all(commands.map((command) => command.stop())),
    );
    const start = (command: string) => {
      const started = startCommand(command, checkout, environment);
      commands.push(started);
      return started;
    };
    const run = async (command: string) => {
      const { ended, output } = start(command);
      if ((await ended) !== 0) throw new Error(`${command}\n${output()}`);
      return output();
    };
    const keepLog = ({ ended, output }: RunningCommand) => {
      kept.push(ended.then(() => keepRemains('logs', 'of the app', output())));
    };
    return { github, identity, postgres, redis, port, start, run, keepLog, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts a server that accepts TLS, and has none of our roles. */
async function startEmptyPostgres({ certificate, key }: CertificateFiles): Promise<Postgres> {
  const settings = { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key };
  const postgres = await startPostgres({ durable: true, settings });
  await runAsSuperuser(postgres.server, (client) => client.query(`DROP ROLE ${OWNER_ROLE}, ${APP_ROLE}`));
  return postgres;
}

/**
 * Leads `fetch` of this process, which is the browser and GitHub's sender of webhooks, to the names of this machine.
 *
 * @returns a function that undoes it
 */
function reachThrough(proxy: InterceptingProxy, { certificate }: CertificateFiles): () => void {
  const before = getGlobalDispatcher();
  const requestTls = { ca: readFileSync(certificate) };
  setGlobalDispatcher(
    new EnvHttpProxyAgent({
      httpProxy: '',
      httpsProxy: proxy.url,
      noProxy: 'localhost,127.0.0.1',
      requestTls,
    }),
  );
  return () => setGlobalDispatcher(before);
}

/** Makes a folder of links to the files of this checkout and its build, without files such as `.env`. */
async function freshCheckout(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-operator-'));
  const names = (await readdir('.')).filter((name) => !/\.env$|^\.env\./.test(name) && name !== '.local');
  for (const name of names) await symlink(path.resolve(name), path.join(folder, name));
  return folder;
}

/** Returns what the shell of every user has on a machine whose way out is a proxy that intercepts TLS. */
function environmentOf({ url }: InterceptingProxy, { certificate }: CertificateFiles): NodeJS.ProcessEnv {
  const variables: Record<string, string | undefined> = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    HTTPS_PROXY: url,
    NODE_EXTRA_CA_CERTS: certificate,
    CURL_CA_BUNDLE: certificate,
    GIT_SSL_CAINFO: certificate,
  };
  return variables as NodeJS.ProcessEnv;
}

function startCommand(command: string, cwd: string, env: NodeJS.ProcessEnv): RunningCommand {
  const child: ChildProcess = spawn('sh', ['-e', '-c', command], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithParent(child, { signal: 'KILL', isGroup: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGTERM');
    await ended;
  };
  return { output: () => output, ended, stop };
}
