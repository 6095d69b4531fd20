/** A real Redis (or Valkey) server, for the tests of `REDIS_URL`: the machine's own, or Debian's package. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { findProgram } from './debian-programs';
import { findFreePort } from './free-port';
import { keepRemains, keepsRemains } from './remains';

export function findRedisServer(): string | undefined {
  return findProgram('redis-server', 'valkey-server');
}

export interface RedisServer {
  url: string;
  /** Stops answering without closing a connection, as an overloaded machine does. */
  hang(): void;
  resume(): void;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** @throws when the machine has no Redis or Valkey */
export async function startRedisServer(): Promise<RedisServer> {
  const binary = findRedisServer();
  if (binary === undefined) throw new Error('neither redis-server nor valkey-server is on this machine');
  // Below those that the system gives to outgoing connections: one of them must not have it while this is dead.
  const port = await findFreePort(20_000 + (process.pid % 500) * 10);
  const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-redis-'));
  let child = await launch(binary, port, folder);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    hang: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    restart: async () => {
      child = await launch(binary, port, folder);
    },
    close: async () => {
      child.kill('SIGCONT');
      if (keepsRemains() && child.exitCode === null && child.signalCode === null) await keepKeys(port);
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** All that it holds, for the search after a test run. */
async function keepKeys(port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1');
  try {
    const keys = await client.keys('*');
    const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
    const content = keys.flatMap((key, index) => [Buffer.from(`${key} `), values[index] ?? Buffer.alloc(0)]);
    await keepRemains('stores', 'Redis', Buffer.concat(content));
  } finally {
    client.disconnect();
  }
}

async function launch(binary: string, port: number, folder: string): Promise<ChildProcess> {
  const settings = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
    // A dump shows what is in it.
    '--rdbcompression',
    'no',
  ];
  const child = spawn(binary, settings.map(String), { stdio: ['ignore', 'pipe', 'ignore'] });
  // Not to outlive a test process that crashes.
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
