import { describe, expect, it } from 'vitest';
import { CreateApiKey } from './api-keys';
import { AuditEventsQuery } from './audit-event';

const parse = (ip: string) => AuditEventsQuery.safeParse({ ip, limit: '10' });

describe('the filter by address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['0000:0000:0000:0000:0000:FFFF:CB00:7107', '203.0.113.7'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0::1', '2001:db8::1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['::', '::'],
  ])('reads the address %j as %s', (text, normal) => {
    expect(parse(text).data?.ip).toBe(normal);
  });

  it.each([
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.77/24', '203.0.113.0/24'],
    ['203.0.113.7/32', '203.0.113.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['203.0.113.7/0', '0.0.0.0/0'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:203.0.113.77/120', '203.0.113.0/24'],
    ['::FFFF:CB00:7100/120', '203.0.113.0/24'],
    ['::ffff:203.0.113.7/128', '203.0.113.7/32'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:db8:ffff::1/32', '2001:db8::/32'],
    ['2001:db8::1/128', '2001:db8::1/128'],
    ['::/0', '::/0'],
    ['::1/0', '::/0'],
  ])('reads the range %j as %s', (text, normal) => {
    expect(parse(text).data?.ip).toBe(normal);
  });

  const NEITHER = 'must be an IP address, or a range like 203.0.113.0/24';
  it.each([
    ['', NEITHER],
    ['acme', NEITHER],
    ['203.0.113', NEITHER],
    ['127.1', NEITHER],
    ['0x7f.0.0.1', NEITHER],
    ['203.0.113.256', NEITHER],
    ['010.0.0.1', NEITHER],
    ['::ffff:010.0.0.1', NEITHER],
    ['3405803783', NEITHER],
    ['2001:db8::1::2', NEITHER],
    ['[2001:db8::1]', NEITHER],
    ['203.0.113.7:443', NEITHER],
    ['203.0.113.7,acme', NEITHER],
    ['203.0.113.1-203.0.113.9', NEITHER],
    ['203.0.113.0/24/24', NEITHER],
    ['203.0.113.0/', 'must have a whole number after the slash'],
    ['203.0.113.0/x', 'must have a whole number after the slash'],
    ['203.0.113.0/ 24', 'must have a whole number after the slash'],
    ['203.0.113.0/024', 'must have a whole number after the slash'],
    ['203.0.113.0/-1', 'must have a whole number after the slash'],
    ['203.0.113.0/255.255.255.0', 'must have a whole number after the slash'],
    ['203.0.113.0/33', 'must have a number from 0 to 32 after the slash'],
    ['2001:db8::/129', 'must have a number from 0 to 128 after the slash'],
    ['::ffff:203.0.113.0/95', 'must have a number from 96 to 128 after the slash, as it is an IPv4 range'],
    ['::ffff:203.0.113.0/0', 'must have a number from 96 to 128 after the slash, as it is an IPv4 range'],
    ['fe80::1%eth0', 'must not name a zone like %eth0'],
    ['fe80::1%25eth0', 'must not name a zone like %eth0'],
    ['fe80::%eth0/64', 'must not name a zone like %eth0'],
  ])('rejects %j with the reason', (text, reason) => {
    expect(parse(text).error?.issues).toMatchObject([{ path: ['ip'], message: reason }]);
  });
});

describe('a network of an API key', () => {
  const parseNetwork = (text: string) => CreateApiKey.safeParse({ name: 'engine', networks: [text] });

  it.each([
    ['203.0.113.0/24', '203.0.113.0/24'],
    [' 203.0.113.0/24 ', '203.0.113.0/24'],
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['0.0.0.0/1', '0.0.0.0/1'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:CB00:7107/128', '203.0.113.7'],
    ['2001:DB8:7::/64', '2001:db8:7::/64'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:0db8::0001/128', '2001:db8::1'],
    ['8000::/1', '8000::/1'],
  ])('reads %j as %s', (text, normal) => {
    expect(parseNetwork(text).data?.networks).toEqual([normal]);
  });

  it.each([
    ['', 'must be an IP address, or a range like 203.0.113.0/24'],
    ['acme.test', 'must be an IP address, or a range like 203.0.113.0/24'],
    ['203.0.113.7/24', 'must be a network like 203.0.113.0/24, or one address like 203.0.113.7'],
    ['::ffff:203.0.113.7/120', 'must be a network like 203.0.113.0/24, or one address like 203.0.113.7'],
    ['2001:db8::1/64', 'must be a network like 2001:db8::/64, or one address like 2001:db8::1'],
    ['0.0.0.0/0', 'must not be every address; leave the networks empty to allow those'],
    ['203.0.113.7/0', 'must not be every address; leave the networks empty to allow those'],
    ['::/0', 'must not be every address; leave the networks empty to allow those'],
    ['::ffff:0:0/96', 'must not be every address; leave the networks empty to allow those'],
    ['203.0.113.0/33', 'must have a number from 0 to 32 after the slash'],
    ['010.0.0.0/8', 'must be an IP address, or a range like 203.0.113.0/24'],
    ['fe80::%eth0/64', 'must not name a zone like %eth0'],
  ])('rejects %j with the reason', (text, reason) => {
    expect(parseNetwork(text).error?.issues).toMatchObject([{ path: ['networks', 0], message: reason }]);
  });

  it('stands in the list once, and the list has at most 50', () => {
    const parseAll = (networks: string[]) => CreateApiKey.safeParse({ name: 'engine', networks });
    expect(parseAll(['2001:db8::1', '2001:DB8::1/128', '::1']).data?.networks).toEqual([
      '2001:db8::1',
      '::1',
    ]);
    const many = (count: number) => Array.from({ length: count }, (_, n) => `10.0.${n}.0/24`);
    expect(parseAll(many(50)).success).toBe(true);
    expect(parseAll(many(51)).error?.issues).toMatchObject([{ path: ['networks'] }]);
    expect(parseAll([`${'0'.repeat(100_000)}::`]).success).toBe(false);
  });
});
