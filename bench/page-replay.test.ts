import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PageReplay, startPageReplay } from './page-replay';

/** Counts its responses, and shows the cookie that it got. */
let answered = 0;
const app = createServer((request, response) => {
  answered += 1;
  response.writeHead(request.url === '/missing' ? 404 : 200, {
    'content-encoding': 'gzip',
    'content-security-policy': "script-src 'nonce-a'",
  });
  response.end(gzipSync(`${request.url} ${request.headers.cookie ?? 'no cookie'} ${answered}`));
});

let replay: PageReplay;
beforeAll(async () => {
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  replay = await startPageReplay(`http://localhost:${(app.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await replay.close();
  app.close();
});

const read = async (path: string) => {
  const response = await fetch(`${replay.url}${path}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

it('serves a recorded document with its headers, without asking the app again', async () => {
  await replay.record('/page?q=1', 'session=s');
  const { headers, text } = await read('/page?q=1');
  expect(text).toBe('/page?q=1 session=s 1');
  expect(headers.get('content-security-policy')).toBe("script-src 'nonce-a'");
  expect(headers.get('content-encoding')).toBe('gzip');
  expect((await read('/page?q=1')).text).toBe(text);
  expect(answered).toBe(1);
});

it('fetches anything else from the app once, without a session', async () => {
  const { text } = await read('/script.js');
  expect(text).toBe('/script.js no cookie 2');
  expect((await read('/script.js')).text).toBe(text);
  expect((await read('/missing')).status).toBe(404);
});
