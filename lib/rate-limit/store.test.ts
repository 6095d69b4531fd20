import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findRedisServer, startRedisServer } from '../../local/services/redis-server';
import { connectRedis } from './store';

const noServer = findRedisServer() === undefined ? 'no redis-server or valkey-server on this machine' : '';

describe.skipIf(noServer)(`a probe of Redis${noServer && ` (skipped: ${noServer})`}`, () => {
  it('keeps the connection that counts limits, however many probes time out', async () => {
    const server = await startRedisServer();
    let connections = 0;
    const proxy = createServer((socket) => {
      connections++;
      const upstream = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => {}).pipe(upstream.on('error', () => {}));
      upstream.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const redis = connectRedis(`redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`, 200);
    const works = () =>
      redis.ping().then(
        () => true,
        () => false,
      );
    await expect.poll(works).toBe(true);
    const before = connections;
    server.hang();
    for (let n = 0; n < 6; n++) expect(await works()).toBe(false);
    server.resume();
    await expect.poll(works).toBe(true);
    expect(connections).toBe(before);
    redis.close();
    proxy.close();
    await server.close();
  });
});

describe('a hostile Redis', () => {
  it('rejects replies nested 100,000 deep, and does not end the process', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).on('data', () => socket.write('*1\r\n'.repeat(100_000)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const redis = connectRedis(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`, 5000);
    await expect(redis.ping()).rejects.toThrow();
    redis.close();
    server.close();
  });
});
