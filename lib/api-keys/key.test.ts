import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { displayPrefix, generateApiKey, hashApiKey, inspectApiKey } from './key';

const ENVIRONMENTS = [
  ['dev', 'psk_dev_'],
  ['demo', 'psk_demo_'],
  ['staging', 'psk_stg_'],
  ['prod', 'psk_live_'],
] as const;

/** Replaces one character of the key with another character from the key alphabet. */
function mistype(key: string, position: number): string {
  const wrong = key.charAt(position) === 'x' ? 'y' : 'x';
  return key.slice(0, position) + wrong + key.slice(position + 1);
}

describe('an API key', () => {
  it.each(ENVIRONMENTS)(
    'has the prefix of its environment, 32 random characters and a checksum of 6: %s, %s',
    (environment, prefix) => {
      const key = generateApiKey(environment);
      expect(key).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{38}$`));
      expect(inspectApiKey(key, environment)).toBe('well_formed');
    },
  );

  it('ends in the CRC-32 of everything before it, in base62', () => {
    const key = generateApiKey('prod');
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const value = [...key.slice(-6)].reduce((sum, character) => sum * 62 + digits.indexOf(character), 0);
    expect(value).toBe(crc32(key.slice(0, -6)));
  });

  it('is refused by its prefix in every environment but its own', () => {
    for (const [made] of ENVIRONMENTS)
      for (const [used] of ENVIRONMENTS)
        expect(inspectApiKey(generateApiKey(made), used)).toBe(
          made === used ? 'well_formed' : 'other_environment',
        );
  });

  it('is refused if any character of its random part or checksum is mistyped', () => {
    const key = generateApiKey('dev');
    for (let position = 'psk_dev_'.length; position < key.length; position++)
      expect(inspectApiKey(mistype(key, position), 'dev')).toBe('bad_checksum');
  });

  it.each(['', 'psk_dev_', 'psk_test_', 'ghs_abc', `psk_dev_${'a'.repeat(37)}`, `psk_dev_${'a'.repeat(39)}`])(
    'is malformed if it is %j',
    (text) => {
      expect(inspectApiKey(text, 'dev')).toBe('malformed');
    },
  );

  it('is malformed with extra characters around it or in upper case', () => {
    const key = generateApiKey('dev');
    for (const text of [` ${key}`, `${key}\n`, `${key}\u0000`, key.toUpperCase(), `x${key}`])
      expect(inspectApiKey(text, 'dev')).toBe('malformed');
  });

  it('uses every character of the alphabet about equally often', () => {
    const seen = new Map<string, number>();
    const keys = 400;
    for (let i = 0; i < keys; i++)
      for (const character of generateApiKey('dev').slice('psk_dev_'.length, -6))
        seen.set(character, (seen.get(character) ?? 0) + 1);
    const expected = (keys * 32) / 62;
    expect(seen.size).toBe(62);
    // Allow six standard deviations (42 %), which chance practically never exceeds. A smaller bias, such as the bias of
    // a random byte modulo 62, goes unnoticed.
    for (const count of seen.values())
      expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected));
  });

  it('is shown only by its prefix and four characters, and stored only as its SHA-256', () => {
    const key = generateApiKey('prod');
    expect(displayPrefix(key)).toBe(key.slice(0, 'psk_live_'.length + 4));
    expect(hashApiKey(key).equals(createHash('sha256').update(key).digest())).toBe(true);
  });
});
