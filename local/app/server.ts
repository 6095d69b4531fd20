/** Runs the app as a separate process that is configured only by its environment, as in production. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithParent } from '../process/end-with-parent';
import { keepRemains } from '../remains/keep';

/** Preloads the same modules as `npm start`. */
const PRELOADED = ['observability/hold-output', 'server/hold-requests'].flatMap((name) => [
  '--import',
  `./lib/${name}.mjs`,
]);

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;

export interface AppServer {
  url: string;
  pid: number;
  /** Returns everything that the process has written to standard output and error so far. */
  log(): string;
  /** Sends SIGTERM, then SIGKILL after a timeout. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Resolves when the process has ended for any reason. */
  ended: Promise<void>;
  /** Returns `null` while the process is running, or if a signal ended it. */
  exitCode(): number | null;
}

export interface AppServerOptions {
  /** `start` serves the production build, `dev` compiles on demand. `command` starts one of these in another way. */
  mode: 'start' | 'dev';
  /** The program and its arguments, instead of those for the mode. */
  command?: readonly [string, ...string[]];
  /** The environment from `startServices`. PATH and similar variables are added. */
  env: Record<string, string>;
  /** Forwards the app's output to this process. */
  echo?: boolean;
  /** The URL of this server. Needed if `NEXTAUTH_URL` points to a proxy. */
  url?: string;
  /** How long to wait before asking again whether the app is ready. */
  pollMs?: number;
}

/**
 * Starts the app and waits until it is ready.
 *
 * @throws an error with the end of the app's output if the app does not start
 */
export async function startAppServer(options: AppServerOptions): Promise<AppServer> {
  const { mode, env, echo = false, pollMs = 100 } = options;
  const { PORT = '3000', HOSTNAME = '127.0.0.1' } = env;
  const [program, ...args] = options.command ?? [
    process.execPath,
    ...(mode === 'start' ? PRELOADED : []),
    'node_modules/next/dist/bin/next',
    ...[mode, '-p', PORT, '-H', HOSTNAME],
  ];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...machineEnvironment(), NODE_ENV: mode === 'start' ? 'production' : 'development', ...env },
  });
  endWithParent(child, { signal: 'KILL' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (echo) process.stdout.write(chunk);
    });
  }
  const closed = once(child, 'close');
  // The last lines of output may arrive after the exit. Wait at most a second, because another process may be holding
  // the pipe open.
  const ended = once(child, 'exit')
    .then(() => Promise.race([closed, sleep(1_000)]))
    .then(() => keepRemains('logs', 'of the app', output));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!isRunning()) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  };
  const notReady = async () => {
    await ended;
    return new Error(`the app did not become ready:\n${output.slice(-4_000)}`);
  };
  const url = options.url ?? env.NEXTAUTH_URL ?? `http://localhost:${PORT}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady(url))) {
    if (isRunning() && Date.now() < deadline) {
      await sleep(pollMs);
      continue;
    }
    await end('SIGKILL');
    throw await notReady();
  }
  // The response may have come from another server on that port, so check that the app is still running.
  if (!isRunning()) throw await notReady();
  return {
    url,
    pid: child.pid ?? 0,
    log: () => output,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    ended,
    exitCode: () => child.exitCode,
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/health/ready`, { signal: AbortSignal.timeout(5_000) });
    return response.ok;
  } catch {
    return false;
  }
}

/** Returns this machine's environment without the user's configuration, such as DATABASE_URL. */
function machineEnvironment(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, LANG, TZ, NODE_OPTIONS, NODE_EXTRA_CA_CERTS } = process.env;
  return { PATH, HOME, TMPDIR, LANG, TZ, NODE_OPTIONS, NODE_EXTRA_CA_CERTS, NEXT_TELEMETRY_DISABLED: '1' };
}
