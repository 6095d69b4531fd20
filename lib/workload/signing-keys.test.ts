import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_KEYS, SigningKeys } from './signing-keys';
import { createSigningKey } from './test-issuer';

const good = createSigningKey('RS256', 'good');
const other = createSigningKey('RS256', 'good');

const jwkOf = ({ publicKey }: ReturnType<typeof generateKeyPairSync>, rest: object = {}) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid: 'bad',
  use: 'sig',
  ...rest,
});

const rsa = (bits: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength: bits, publicExponent });

/** Returns a modulus of this size. Nothing checks that it is the product of primes. */
const modulus = (bits: number) => Buffer.alloc(bits / 8, 0xff).toString('base64url');

/** Reads the key beside a good one, because a set without a good key is refused as a whole. */
const readBeside = (key: unknown) => new SigningKeys({ keys: [good.published, key] });

describe('a key set', () => {
  it.each<[string, unknown]>([
    ['no object', null],
    ['a list', [good.published]],
    ['a text', JSON.stringify({ keys: [good.published] })],
    ['without keys', {}],
    ['with keys that are no list', { keys: { 0: good.published } }],
    ['with an empty list', { keys: [] }],
    ['without a usable key', { keys: [{ ...good.published, use: 'enc' }] }],
    ['of 101 keys', { keys: Array.from({ length: MAX_KEYS + 1 }, () => good.published) }],
    ['of 1,000 keys', { keys: Array.from({ length: 1000 }, () => good.published) }],
  ])('is refused as a whole when it is %s', (_, document) => {
    expect(() => new SigningKeys(document)).toThrow();
  });

  it('may hold a hundred keys', () => {
    const keys = Array.from({ length: MAX_KEYS }, (_, index) => ({ ...good.published, kid: `${index}` }));
    expect(new SigningKeys({ keys }).size).toBe(MAX_KEYS);
  });

  it.each<[string, unknown]>([
    ['is null', null],
    ['is a text', 'key'],
    ['has its private part', { ...good.privateKey.export({ format: 'jwk' }), kid: 'bad', use: 'sig' }],
    ['has a part of its private part', { ...good.published, kid: 'bad', q: 'AQAB' }],
    ['is symmetric', { kty: 'oct', kid: 'bad', k: 'c2VjcmV0', alg: 'HS256', use: 'sig' }],
    ['is for encryption', { ...good.published, kid: 'bad', use: 'enc' }],
    ['is for another operation', { ...good.published, kid: 'bad', key_ops: ['encrypt'] }],
    ['is for a symmetric algorithm', { ...good.published, kid: 'bad', alg: 'HS256' }],
    ['is for no algorithm', { ...good.published, kid: 'bad', alg: 'none' }],
    ['has no id', { ...good.published, kid: undefined }],
    ['has an empty id', { ...good.published, kid: '' }],
    ['has a number as its id', { ...good.published, kid: 1 }],
    ['has an id of 257 characters', { ...good.published, kid: 'a'.repeat(257) }],
    ['has a type of its own', { ...good.published, kid: 'bad', kty: 'AKP' }],
    ['is an RSA key of 1024 bits', jwkOf(rsa(1024))],
    ['is an RSA key of 16384 bits', { ...good.published, kid: 'bad', n: modulus(16_384) }],
    ['is an RSA key with the exponent 3', jwkOf(rsa(2048, 3))],
    ['is an RSA key with the exponent 1', { ...good.published, kid: 'bad', e: 'AQ' }],
    ['is an RSA key with a huge exponent', { ...good.published, kid: 'bad', e: modulus(2048) }],
    ['is an RSA key without a modulus', { ...good.published, kid: 'bad', n: '' }],
    ['is an RSA key whose modulus is no text', { ...good.published, kid: 'bad', n: 1 }],
    ['is on a curve of no algorithm', jwkOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))],
    [
      'is a point beside its curve',
      { kty: 'EC', crv: 'P-256', x: modulus(256), y: modulus(256), kid: 'bad' },
    ],
    ['is for key agreement', jwkOf(generateKeyPairSync('x25519'))],
    ['is an Ed448 key', jwkOf(generateKeyPairSync('ed448'))],
  ])('leaves out a key that %s', (_, key) => {
    const keys = readBeside(key);
    expect([keys.size, keys.unusable, keys.has('bad')]).toEqual([1, 1, false]);
    expect(keys.find('good', 'RS256')).toBeDefined();
  });

  it.each(['bad', '__proto__', 'constructor', 'toString', ''])('has no key with the id %j', (kid) => {
    const keys = new SigningKeys({ keys: [good.published] });
    expect([keys.has(kid), keys.find(kid, 'RS256')]).toEqual([false, undefined]);
  });

  it('uses neither of two different keys with one id, in whatever order, even beside a third', () => {
    const ambiguous = [good.published, other.published];
    const beside = createSigningKey('ES256', 'beside').published;
    for (const keys of [ambiguous, ambiguous.toReversed(), [...ambiguous, good.published]])
      expect(new SigningKeys({ keys: [...keys, beside] }).find('good', 'RS256')).toBeUndefined();
  });

  it('uses a key that is published twice', () => {
    expect(readBeside(good.published).find('good', 'RS256')).toBeDefined();
  });
});

describe('a key', () => {
  it.each(['RS384', 'PS256', 'ES256', 'EdDSA'] as const)(
    'with the algorithm RS256 verifies no %s',
    (algorithm) => {
      expect(new SigningKeys({ keys: [good.published] }).find('good', algorithm)).toBeUndefined();
    },
  );

  it('without an algorithm verifies every algorithm of its type, and no other', () => {
    const keys = new SigningKeys({ keys: [{ ...good.published, alg: undefined, use: undefined }] });
    for (const algorithm of ['RS256', 'RS512', 'PS384'] as const)
      expect([algorithm, keys.find('good', algorithm)]).toEqual([algorithm, expect.anything()]);
    for (const algorithm of ['ES256', 'EdDSA'] as const)
      expect([algorithm, keys.find('good', algorithm)]).toEqual([algorithm, undefined]);
  });
});
