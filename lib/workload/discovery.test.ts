/** Issuers that answer in every wrong way, over real HTTP. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testEnvironment } from '../auth/test-fixtures';
import { parseConfig, replaceConfig } from '../config';
import { COMPLETE } from '../config/test-environment';
import { ISSUER_TIMEOUT_MS, readIssuer } from './discovery';
import { startTestIssuer, type TestIssuer } from './test-issuer';

replaceConfig(parseConfig(testEnvironment('postgresql://localhost/none')));

const MIB = 1024 * 1024;

let server: TestIssuer;
beforeEach(async () => {
  server = await startTestIssuer('audience', { alg: 'ES256' });
});
afterEach(() => server.stop());

/** Sends bytes until the connection is gone, each as soon as the last one has left. */
function sendForever(response: ServerResponse, chunk: Buffer, pauseMs: number): void {
  if (response.destroyed) return;
  response.write(chunk, () => setTimeout(() => sendForever(response, chunk, pauseMs), pauseMs));
}

type Answer = (response: ServerResponse, valid: string) => unknown;

/** Every answer but the redirects is sent in place of the discovery document, and then in place of the key set. */
const ANSWERS: Record<string, Answer> = {
  'is missing': (response) => response.writeHead(404).end(),
  'is forbidden': (response) => response.writeHead(403).end('{}'),
  'is a failure, although the document comes with it': (response, valid) =>
    response.writeHead(500).end(valid),
  'is no JSON': (response) => response.end('<html>'),
  'is empty': (response) => response.end(),
  'is null': (response) => response.end('null'),
  'is a list': (response) => response.end('[]'),
  'breaks off': (response, valid) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write(valid.slice(0, 20), () => response.destroy());
  },
  'is longer than 256 kB': (response, valid) => response.end(valid.padEnd(256 * 1024 + 1)),
  'announces a gigabyte': (response) => {
    response.writeHead(200, { 'content-length': String(1024 * MIB) });
    sendForever(response, Buffer.alloc(64 * 1024, ' '), 0);
  },
  'has no end': (response) => sendForever(response, Buffer.alloc(64 * 1024, ' '), 0),
  'expands to 64 MiB': (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * MIB, ' ')));
  },
  'never comes': () => {},
  drips: (response) => sendForever(response, Buffer.from(' '), 100),
};

describe.each(['/.well-known/openid-configuration', '/jwks'])('an issuer whose %s', (path) => {
  it.each(Object.entries(ANSWERS))('%s is refused, and its connection ends', async (_, answer) => {
    const documents = {
      '/.well-known/openid-configuration': JSON.stringify({
        issuer: server.url,
        jwks_uri: `${server.url}/jwks`,
      }),
      '/jwks': JSON.stringify({ keys: server.state.keys.map(({ published }) => published) }),
    } as Record<string, string>;
    const busy = new Set<Socket>();
    server.state.intervene = (request, response) => {
      if (request.url !== path) return false;
      busy.add(request.socket);
      request.socket.on('close', () => busy.delete(request.socket));
      response.on('finish', () => busy.delete(request.socket));
      answer(response, documents[path] ?? '');
      return true;
    };
    const start = performance.now();
    await expect(readIssuer(server.url)).rejects.toThrow();
    // The deadline is the guarantee. The margin is for a busy machine.
    expect(performance.now() - start).toBeLessThan(ISSUER_TIMEOUT_MS + 60_000);
    await expect.poll(() => busy.size, { timeout: 60_000 }).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('redirects by %d to a valid document is refused', async (status) => {
    const other = await startTestIssuer('audience', { alg: 'ES256' });
    other.state.discovery = { issuer: server.url };
    server.state.intervene = (request, response) => {
      if (request.url !== path) return false;
      response.writeHead(status, { location: `${other.url}${path}` }).end();
      return true;
    };
    await expect(readIssuer(server.url)).rejects.toThrow(`answered by ${status}`);
    expect([other.state.discoveries, other.state.keyReads]).toEqual([0, 0]);
    await other.stop();
  });
});

describe('a discovery document', () => {
  const shout = (url: string) => url.replace('http', 'HTTP');

  it.each<[string, (url: string) => unknown]>([
    ['another issuer', () => 'https://issuer.test'],
    ['its issuer with a slash at the end', (url) => `${url}/`],
    ['its issuer in capitals', shout],
    ['its issuer with a space', (url) => ` ${url}`],
    ['its issuer with a user', (url) => url.replace('//', '//user@')],
    ['its issuer in a list', (url) => [url]],
    ['no issuer', () => undefined],
  ])('is refused when it names %s', async (_, named) => {
    server.state.discovery = { issuer: named(server.url) };
    await expect(readIssuer(server.url)).rejects.toThrow();
    expect(server.state.keyReads).toBe(0);
  });

  it.each([
    undefined,
    null,
    '',
    '/jwks',
    'jwks',
    '//127.0.0.1/jwks',
    'http://keys.test/jwks',
    'http://10.0.0.1/jwks',
    'http://169.254.169.254/latest/meta-data',
    'http://127.0.0.1.evil.test/jwks',
    'http://localhost@evil.test/jwks',
    'data:application/json,{"keys":[]}',
    'file:///etc/passwd',
    'ftp://127.0.0.1/jwks',
    'javascript:alert(1)',
    'blob:http://127.0.0.1/1',
  ])('is refused with the jwks_uri %j', async (jwks_uri) => {
    server.state.discovery = { jwks_uri };
    await expect(readIssuer(server.url)).rejects.toThrow('jwks_uri');
  });

  it('may not lead to plain http on this machine in staging and prod', async () => {
    const config = parseConfig({ ...testEnvironment('postgresql://localhost/none') });
    for (const PULSESTREAM_ENV of ['staging', 'prod']) {
      replaceConfig(parseConfig({ ...COMPLETE, PULSESTREAM_ENV }));
      await expect(readIssuer(server.url)).rejects.toThrow('not https');
    }
    replaceConfig(config);
    expect((await readIssuer(server.url)).keys.size).toBe(1);
  });

  it('is looked for at the issuer’s path, with or without a slash at the end', async () => {
    const nested = await startTestIssuer('audience', { path: '/id/CLUSTER', alg: 'ES256' });
    expect((await readIssuer(nested.url)).keys.size).toBe(1);
    nested.state.discovery = { issuer: `${nested.url}/` };
    expect((await readIssuer(`${nested.url}/`)).keys.size).toBe(1);
    await nested.stop();
  });
});

it('may have its keys on another host', async () => {
  const keys = createServer((_, response) =>
    response.end(JSON.stringify({ keys: server.state.keys.map(({ published }) => published) })),
  );
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  server.state.discovery = { jwks_uri: `http://localhost:${(keys.address() as AddressInfo).port}/keys` };
  expect((await readIssuer(server.url)).keys.size).toBe(1);
  keys.closeAllConnections();
  keys.close();
});

it('tells the issuer’s time', async () => {
  const { date } = await readIssuer(server.url);
  expect(date).toBeInstanceOf(Date);
});
