import { describe, expect, it } from 'vitest';
import { clientIp, networkOf, normaliseIp } from './request';

describe('clientIp', () => {
  it('reads the socket’s address, whatever the client wrote in the header before it', () => {
    for (const forged of ['1.1.1.1', '1.1.1.1, 2.2.2.2', 'unknown', '"', ', , ,', '::1, 10.0.0.1'])
      expect(clientIp(`${forged}, 203.0.113.7`, 0)).toBe('203.0.113.7');
  });

  it('skips exactly the trusted proxies', () => {
    expect(clientIp('9.9.9.9, 198.51.100.4, 10.0.0.2', 1)).toBe('198.51.100.4');
    expect(clientIp('9.9.9.9, 198.51.100.4, 10.0.0.2, 10.0.0.3', 2)).toBe('198.51.100.4');
  });

  it('falls back to the socket’s address, never to a client’s entry, when a trusted entry is missing or invalid', () => {
    for (const header of ['203.0.113.7', '9.9.9.9, 203.0.113.7', 'foo, 9.9.9.9, 203.0.113.7'])
      expect(clientIp(header, 3)).toBe('203.0.113.7');
    for (const entry of ['foo', '', 'unknown', '999.1.1.1', '_hidden', '[::1'])
      for (const before of ['', '9.9.9.9, '])
        expect(clientIp(`${before}${entry}, 203.0.113.7`, 1)).toBe('203.0.113.7');
  });

  it('returns null when the socket has no valid address', () => {
    for (const header of [null, '', 'unknown', '999.1.1.1', '[203.0.113.7', 'a:1', '9.9.9.9, unknown'])
      expect(clientIp(header, 0)).toBeNull();
  });
});

describe('normaliseIp', () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['203.0.113.7:443', '203.0.113.7'],
    ['[2001:db8::1]:443', '2001:db8::1'],
  ])('writes %s as %s', (text, normal) => {
    expect(normaliseIp(text)).toBe(normal);
  });
});

describe('networkOf', () => {
  it('counts all addresses of one customer’s IPv6 network as one client', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:db8:1:2:ffff::1'));
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'));
  });

  it('counts each IPv4 address separately', () => {
    expect(networkOf('192.0.2.1')).not.toBe(networkOf('192.0.2.2'));
  });
});
