/** The store for rate limits: a real Redis if this machine has one, otherwise the local store with Upstash's protocol. */
import { Redis } from 'ioredis';
import { findRedisServer, startRedisServer } from '../../local/services/redis-server';
import { startStore } from '../../local/services/store';
import { TcpProxy } from './tcp-proxy';

export interface CounterStore {
  name: 'Redis' | 'Upstash';
  /** The variables that point the app to the store. */
  env: Record<string, string>;
  /** In front of the store, if the world asked for a proxy. */
  proxy: TcpProxy | undefined;
  /** Returns how many bytes the data takes, or `undefined` if the store doesn't report that. */
  usedBytes(): Promise<number | undefined>;
  /** Stops the process itself, without closing connections. Only Redis is a process of its own. */
  freeze?: () => void;
  thaw?: () => void;
  kill?: () => Promise<void>;
  restart?: () => Promise<void>;
  close(): Promise<void>;
}

export async function startCounterStore({
  kind,
  throughProxy = false,
}: {
  kind?: CounterStore['name'];
  throughProxy?: boolean;
}): Promise<CounterStore> {
  const isRedis = kind === undefined ? findRedisServer() !== undefined : kind === 'Redis';
  return isRedis ? redisStore(throughProxy) : upstashStore(throughProxy);
}

async function redisStore(throughProxy: boolean): Promise<CounterStore> {
  const server = await startRedisServer();
  const proxy = throughProxy ? await TcpProxy.start(new URL(server.url)) : undefined;
  return {
    name: 'Redis',
    env: { REDIS_URL: proxy?.inFrontOf(server.url) ?? server.url },
    proxy,
    usedBytes: async () => {
      const client = new Redis(server.url);
      const memory = await client.info('memory').finally(() => client.disconnect());
      return Number(/^used_memory:(\d+)/m.exec(memory)?.[1]);
    },
    freeze: server.hang,
    thaw: server.resume,
    kill: server.kill,
    restart: server.restart,
    close: async () => {
      await proxy?.close();
      await server.close();
    },
  };
}

async function upstashStore(throughProxy: boolean): Promise<CounterStore> {
  const store = await startStore();
  const proxy = throughProxy ? await TcpProxy.start(new URL(store.url)) : undefined;
  return {
    name: 'Upstash',
    env: {
      UPSTASH_REDIS_REST_URL: proxy?.inFrontOf(store.url) ?? store.url,
      UPSTASH_REDIS_REST_TOKEN: store.token,
    },
    proxy,
    usedBytes: async () => undefined,
    close: async () => {
      await proxy?.close();
      await store.close();
    },
  };
}
