import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as undici from 'undici';
import { afterAll, expect, it, vi } from 'vitest';
import { proxyFor } from './outgoing-proxy';

/** Refuses every tunnel, so that a request which arrives here ends with 407. */
const proxy = createServer();
proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Refused\r\ncontent-length: 0\r\n\r\n'));
proxy.listen(0, '127.0.0.1');
await once(proxy, 'listening');
afterAll(() => {
  proxy.close();
  proxy.closeAllConnections();
});
const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`;

const BOTH = { HTTPS_PROXY: url, https_proxy: 'http://127.0.0.1:1/' };

it.each<[noProxy: string | undefined, origin: string, isDirect: boolean, more?: Record<string, string>]>([
  [undefined, 'https://api.github.com', false],
  ['', 'https://api.github.com', false],
  ['*', 'https://api.github.com', true],
  ['github.com', 'https://api.github.com', true],
  ['github.com', 'https://GitHub.com', true],
  ['GITHUB.COM', 'https://api.github.com', true],
  ['github.com', 'https://notgithub.com', false],
  ['github.com', 'https://github.com.test', false],
  ['.github.com', 'https://github.com', true],
  ['*.github.com', 'https://api.github.com', true],
  ['a.test, github.com', 'https://github.com', true],
  ['a.test github.com', 'https://github.com', true],
  ['a.test,,*', 'https://github.com', false],
  ['github.com:443', 'https://github.com', true],
  ['github.com:8443', 'https://github.com', false],
  ['github.com:8443', 'https://github.com:8443', true],
  ['10.0.0.1', 'https://10.0.0.1', true],
  ['10.0.0.0/8', 'https://10.0.0.1', false],
  ['[2001:db8::1]', 'https://[2001:db8::1]', true],
  ['github.com', 'https://github.com', false, { no_proxy: '' }],
  [undefined, 'https://github.com', true, { https_proxy: '' }],
])(
  'with NO_PROXY=%s reaches %s directly: %s, as undici does',
  async (noProxy, origin, isDirect, more = {}) => {
    const env = { HTTPS_PROXY: url, ...(noProxy === undefined ? {} : { NO_PROXY: noProxy }), ...more };
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'])
      vi.stubEnv(name, (env as Record<string, string>)[name]);
    const { hostname, port } = new URL(origin);
    expect(proxyFor(env, hostname, Number(port || 443))?.href).toBe(isDirect ? undefined : url);

    const agent = new undici.EnvHttpProxyAgent({
      httpProxy: '',
      connect: (_, callback) => callback(new Error('sent directly'), null),
    });
    const sent = undici.request(origin, { dispatcher: agent });
    await expect(sent).rejects.toThrow(isDirect ? 'sent directly' : /Proxy response \(407\)/);
    await agent.destroy();
  },
);

it('prefers the lower-case variable, as undici does', () => {
  expect(proxyFor(BOTH, 'github.com', 443)?.href).toBe(BOTH.https_proxy);
});
