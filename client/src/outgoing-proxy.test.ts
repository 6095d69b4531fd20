import fc from 'fast-check';
import { expect, it } from 'vitest';
import { proxyFor as controlPlanesProxyFor } from '../../lib/config/outgoing-proxy.js';
import { PulseStreamError } from './index.js';
import { proxyFor } from './outgoing-proxy.js';

const PROXY = 'http://proxy.test:3128/';

it.each<[env: Record<string, string>, url: string, expected: string | undefined]>([
  [{}, 'https://control-plane.test', undefined],
  [{ HTTPS_PROXY: PROXY }, 'https://control-plane.test', PROXY],
  [{ HTTPS_PROXY: 'http://other.test', https_proxy: PROXY }, 'https://control-plane.test', PROXY],
  [{ HTTPS_PROXY: PROXY, https_proxy: '' }, 'https://control-plane.test', undefined],
  [{ HTTPS_PROXY: PROXY, NO_PROXY: 'a.test, .control-plane.test' }, 'https://control-plane.test', undefined],
  [{ HTTPS_PROXY: PROXY, NO_PROXY: 'plane.test' }, 'https://control-plane.test', PROXY],
  [{ HTTPS_PROXY: PROXY, NO_PROXY: 'control-plane.test:8443' }, 'https://control-plane.test', PROXY],
  [{ HTTPS_PROXY: PROXY, NO_PROXY: 'control-plane.test:443' }, 'https://control-plane.test', undefined],
  [{ HTTPS_PROXY: PROXY, NO_PROXY: '*' }, 'https://control-plane.test', undefined],
])('with %j reaches %s through %s', (env, url, expected) => {
  expect(proxyFor(env, new URL(url))?.href).toBe(expected);
});

it('decides about every host as the control plane itself does', () => {
  const host = fc.constantFrom('a.test', 'b.a.test', 'ba.test', 'A.test', '10.0.0.1', '[2001:db8::1]');
  const entry = fc.tuple(fc.constantFrom('', '.', '*.', '*'), host, fc.constantFrom('', ':443', ':8443'));
  const noProxy = fc.array(
    entry.map((parts) => parts.join('')),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(noProxy, fc.constantFrom(',', ' ', ', '), host, fc.boolean(), (entries, by, name, other) => {
      const env = { HTTPS_PROXY: PROXY, NO_PROXY: entries.join(by) };
      const url = new URL(`https://${name}${other ? ':8443' : ''}`);
      const theirs = controlPlanesProxyFor(env, url.hostname, Number(url.port || 443));
      expect(proxyFor(env, url)?.href).toBe(theirs?.href);
    }),
  );
});

it.each(['proxy.test', 'socks5://me:secret@proxy.test', 'http://me:secret@', '::'])(
  'refuses the proxy %j without quoting it',
  (proxy) => {
    const find = () => proxyFor({ HTTPS_PROXY: proxy }, new URL('https://control-plane.test'));
    expect(find).toThrow(PulseStreamError);
    expect(find).not.toThrow(/secret|proxy\.test/);
  },
);
