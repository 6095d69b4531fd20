import { describe, expect, it } from 'vitest';
import { refusalOf, simplify } from './refuse-requests';

const request = (url: string, method = 'GET', headers = {}, rawHeaders: string[] = []) => ({
  url,
  method,
  headers,
  rawHeaders,
});

describe('request targets', () => {
  it.each([
    ['*', 'GET', 400],
    ['x', 'GET', 400],
    ['/%', 'GET', 400],
    ['/w/%ff/audit-log', 'GET', 400],
    ['/w/caf%C3%A9?q=%ff', 'GET', null],
    ['/favicon.svg', 'POST', 405],
    ['/favicon.svgx', 'POST', null],
    ['/_next/static/x.js?v=1', 'OPTIONS', 405],
    ['/_next/static/x.js', 'HEAD', null],
    ['/trust', 'POST', null],
  ])('decides on the target %s with the method %s: %j', (url, method, status) => {
    expect(refusalOf(request(url, method))).toBe(status);
  });

  it.each([
    [['localhost:3000'], null],
    [['app.acme.test'], null],
    [['[::1]:3000'], null],
    [[''], null],
    [[], null],
    [['us.test', 'us.test'], 400],
    [['us.test', 'evil.test'], 400],
    [['us.test, evil.test'], 400],
    [['a b<>'], 400],
    [['[::1'], 400],
    [['user@evil.test'], 400],
    [['us.test/x'], 400],
  ])('decides on the Host headers %j: %j', (hosts, status) => {
    const raw = hosts.flatMap((host) => ['HOST', host]);
    expect(refusalOf(request('/trust', 'GET', { host: hosts[0] }, raw))).toBe(status);
  });

  it.each([
    ['http://localhost:3000/trust?x=1', '/trust?x=1', 'localhost:3000'],
    ['HTTPS://evil.test', '/', 'evil.test'],
    ['http://evil.test?x', '/?x', 'evil.test'],
    ['/http://evil.test', '/http://evil.test', 'before'],
  ])('simplifies the target %s to %s on the host %s', (url, path, host) => {
    const asked = request(url, 'GET', {
      host: 'before',
      range: 'bytes=0-1',
      'if-match': '"x"',
      accept: '*/*',
    });
    simplify(asked);
    expect(asked).toMatchObject({ url: path, headers: { host, accept: '*/*' } });
    expect(Object.keys(asked.headers)).toEqual(['host', 'accept']);
  });
});
