/** Runs a real Redis or Valkey server for the tests of `REDIS_URL`. The server must be installed on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from '../process/free-port';
import { keepRemains, keepsRemains } from '../remains/keep';
import type { CertificateFiles } from './certificate';
import { findProgram } from './debian-programs';

export const REDIS_PROGRAMS = ['redis-server', 'valkey-server'] as const;

export function findRedisServer(): string | undefined {
  return findProgram(...REDIS_PROGRAMS);
}

export interface RedisServerOptions {
  /** The program to run. By default whichever is installed. */
  program?: (typeof REDIS_PROGRAMS)[number];
  /** Accepts only TLS, with this certificate. */
  tls?: CertificateFiles;
}

export interface RedisServer {
  url: string;
  /** Stops responding without closing connections, like an overloaded machine. */
  hang(): void;
  resume(): void;
  /** Kills the server, like `kill -9`. */
  kill(): Promise<void>;
  /** Starts the server again on the same port, without data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @throws if neither Redis nor Valkey is installed
 */
export async function startRedisServer({ program, tls }: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = program === undefined ? findRedisServer() : findProgram(program);
  if (binary === undefined) throw new Error('neither redis-server nor valkey-server is on this machine');
  // The port is below the ephemeral range, so that no outgoing connection can take it while the server is down.
  const port = await findFreePort(20_000 + (process.pid % 500) * 10);
  const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-redis-'));
  const settings = [...settingsOf(folder), ...(tls === undefined ? plainOn(port) : tlsOn(port, tls))];
  let child = await launch(binary, settings);
  const url = `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`;
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url,
    hang: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    restart: async () => {
      child = await launch(binary, settings);
    },
    close: async () => {
      child.kill('SIGCONT');
      if (keepsRemains() && child.exitCode === null && child.signalCode === null) await keepKeys(url);
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Saves all keys and values, so they can be searched for secrets after a test run. */
async function keepKeys(url: string): Promise<void> {
  const client = new Redis(url, url.startsWith('rediss:') ? { tls: { rejectUnauthorized: false } } : {});
  try {
    const keys = await client.keys('*');
    const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
    const content = keys.flatMap((key, index) => [Buffer.from(`${key} `), values[index] ?? Buffer.alloc(0)]);
    await keepRemains('stores', 'Redis', Buffer.concat(content));
  } finally {
    client.disconnect();
  }
}

/** Compression is off, so the search can find secrets in the values that DUMP returns. */
const settingsOf = (folder: string) => [
  ...['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no', '--rdbcompression', 'no'],
];

const plainOn = (port: number) => ['--port', String(port)];

const tlsOn = (port: number, { certificate, key }: CertificateFiles) => [
  ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
  ...['--tls-cert-file', certificate, '--tls-key-file', key],
];

async function launch(binary: string, settings: string[]): Promise<ChildProcess> {
  const child = spawn(binary, settings, { stdio: ['ignore', 'pipe', 'ignore'] });
  // End the server when this process exits, so that a crashed test process leaves no server behind.
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  child.once('exit', () => process.off('exit', stop));
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    if (/ready to accept connections/i.test(String(chunk))) break;
  }
  child.stdout.resume();
  return child;
}
