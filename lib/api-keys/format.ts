import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Config } from '../config';

type EnvironmentName = Config['environment'];

/** What a key of each environment begins with, so that a key that strays into another one is told at a glance. */
const PREFIXES = {
  dev: 'psk_dev_',
  demo: 'psk_demo_',
  staging: 'psk_stg_',
  prod: 'psk_live_',
} as const satisfies Record<EnvironmentName, string>;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 32;
/** 62^6 > 2^32, so every CRC-32 fits. */
const CHECKSUM_LENGTH = 6;
/** Of the random part; 28 unknown characters remain, 166 bits. */
const DISPLAYED_RANDOM = 4;

const FORMAT = /^psk_(?:dev|demo|stg|live)_[0-9A-Za-z]{38}$/;

function checksum(text: string): string {
  let rest = crc32(text);
  let result = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    result = BASE62.charAt(rest % 62) + result;
    rest = Math.floor(rest / 62);
  }
  return result;
}

/** A new key. `randomInt` draws from the CSPRNG without modulo bias. */
export function generateApiKey(environment: EnvironmentName): string {
  let key: string = PREFIXES[environment];
  for (let i = 0; i < RANDOM_LENGTH; i++) key += BASE62.charAt(randomInt(BASE62.length));
  return key + checksum(key);
}

/**
 * What can be said about a presented key without asking the database: format, then environment, then checksum.
 *
 * @returns `well_formed` when only the database can tell more
 */
export function inspectApiKey(
  text: string,
  environment: EnvironmentName,
): 'well_formed' | 'malformed' | 'other_environment' | 'bad_checksum' {
  if (!FORMAT.test(text)) return 'malformed';
  if (!text.startsWith(PREFIXES[environment])) return 'other_environment';
  return checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH)
    ? 'well_formed'
    : 'bad_checksum';
}

/** What pages, lists and the audit log show of a key: enough to recognise it, useless to guess it. */
export function displayPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf('_') + 1 + DISPLAYED_RANDOM);
}

/** The only form in which a key is stored. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
