/** Reads the App's key in every form that hosting dashboards, secret stores and editors produce. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type ConfigError, parseConfig } from '../config';
import { COMPLETE } from './test-environment';

const rsa = (modulusLength = 2048) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const [key, other] = [rsa(), rsa()];
const pem = (from: KeyObject, type: 'pkcs1' | 'pkcs8') => from.export({ type, format: 'pem' }).toString();
const der = (from: KeyObject, type: 'pkcs1' | 'pkcs8') => from.export({ type, format: 'der' });
const EXPECTED = pem(key, 'pkcs8');

const folder = mkdtempSync(path.join(tmpdir(), 'private-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads a key both ways: straight from the variable, and from a file named by `GITHUB_APP_PRIVATE_KEY_FILE`. */
function read(value: string | Buffer): { keys?: readonly string[]; problems?: string[] }[] {
  const file = path.join(folder, 'key');
  writeFileSync(file, value);
  const ways: Record<string, string | undefined>[] = [
    ...(typeof value === 'string' ? [{ GITHUB_APP_PRIVATE_KEY: value }] : []),
    { GITHUB_APP_PRIVATE_KEY: undefined, GITHUB_APP_PRIVATE_KEY_FILE: file },
  ];
  return ways.map((way) => {
    try {
      const { signer } = parseConfig({ ...COMPLETE, ...way }).github;
      return signer.kind === 'pem' ? { keys: signer.privateKeys } : {};
    } catch (error) {
      return { problems: (error as ConfigError).problems };
    }
  });
}

type Change = readonly [string, (text: string) => string];

const LINE_BREAKS: readonly Change[] = [
  ['as they are', (text) => text],
  ['spaces', (text) => text.trim().replaceAll('\n', ' ')],
  ['none', (text) => text.replace(/[\n ]/g, '')],
  ['escaped once', (text) => text.replaceAll('\n', '\\n')],
  ['escaped twice', (text) => text.replaceAll('\n', '\\\\n')],
  ['CRLF', (text) => text.replaceAll('\n', '\r\n')],
  ['tabs', (text) => text.replaceAll('\n', '\n\t')],
  ['no-break spaces', (text) => text.replaceAll(' ', '\u00a0')],
  ['CR', (text) => text.replaceAll('\n', '\r')],
  ['escaped CRLF', (text) => text.replaceAll('\n', '\\r\\n')],
];
const PACKINGS: readonly Change[] = [
  ['plain', (text) => text],
  ['base64', (text) => Buffer.from(text).toString('base64')],
  [
    'base64 in lines',
    (text) =>
      Buffer.from(text)
        .toString('base64')
        .replace(/(.{76})/g, '$1\n'),
  ],
  ['unpadded base64', (text) => Buffer.from(text).toString('base64').replace(/=+$/, '')],
  ['URL-safe base64', (text) => Buffer.from(text).toString('base64url')],
];
const WRAPPINGS: readonly Change[] = [
  ['nothing', (text) => text],
  ['line breaks', (text) => `\r\n${text}\n\n`],
  ['a BOM', (text) => `\ufeff${text}`],
  ['zero-width spaces', (text) => `\u200b${text}\u200b`],
  ['double quotes', (text) => `"${text}"`],
  ['single quotes and a line break', (text) => `'${text}'\n`],
];

describe('the App’s private key', () => {
  it('reads the App’s key in every combination of line breaks, packing and wrapping', () => {
    for (const type of ['pkcs1', 'pkcs8'] as const)
      for (const [lineBreaks, write] of LINE_BREAKS)
        for (const [packing, pack] of PACKINGS)
          for (const [wrapping, wrap] of WRAPPINGS) {
            const name = `${type}, line breaks ${lineBreaks}, ${packing}, in ${wrapping}`;
            for (const { keys, problems } of read(wrap(pack(write(pem(key, type))))))
              expect([name, keys ?? problems]).toEqual([name, [EXPECTED]]);
          }
  }, 120_000);

  it.each([
    ['base64 of DER in PKCS#1', der(key, 'pkcs1').toString('base64')],
    ['base64 of DER in PKCS#8', der(key, 'pkcs8').toString('base64')],
    ['URL-safe base64 of DER', der(key, 'pkcs8').toString('base64url')],
    ['PEM that was made for an address', encodeURIComponent(EXPECTED)],
    ['DER itself', der(key, 'pkcs1')],
    ['UTF-16 with a byte order mark', Buffer.from(`\ufeff${EXPECTED}`, 'utf16le')],
    ['PEM below the attributes that OpenSSL prints', `Bag Attributes\n    localKeyID: 01\n${EXPECTED}`],
  ])('reads the App’s key as %s', (_, value) => {
    for (const result of read(value)) expect(result).toEqual({ keys: [EXPECTED] });
  });

  it('reads two keys from one line while the key is rotated', () => {
    const both = `${pem(key, 'pkcs1')}${pem(other, 'pkcs8')}`.trim().replaceAll('\n', ' ');
    for (const result of read(both)) expect(result).toEqual({ keys: [EXPECTED, pem(other, 'pkcs8')] });
  });

  const publicKey = createPublicKey(key);
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const encryption = { cipher: 'aes-256-cbc', passphrase: 'passphrase' };
  const label = (name: string) =>
    `-----BEGIN ${name}-----\nMIIBszCCARwCAQEwDQYJKoZIhvcNAQEL\n-----END ${name}-----\n`;

  it.each<[string, string | Buffer, string]>([
    ['nonsense', 'nonsense', 'not a readable RSA private key in PEM'],
    [
      'another text in base64',
      Buffer.from('x'.repeat(300)).toString('base64'),
      'not a readable RSA private key in PEM',
    ],
    [
      'encrypted PKCS#8',
      key.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString(),
      'is an encrypted private key',
    ],
    [
      'encrypted PKCS#1',
      key.export({ type: 'pkcs1', format: 'pem', ...encryption }).toString(),
      'is an encrypted private key',
    ],
    [
      'encrypted DER',
      key.export({ type: 'pkcs8', format: 'der', ...encryption }).toString('base64'),
      'is an encrypted private key',
    ],
    ['a public key', publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'is a public key'],
    [
      'a public key in PKCS#1',
      publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      'is a public key',
    ],
    [
      'a public key as DER',
      publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      'is a public key',
    ],
    [
      'a public key of SSH',
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ user@host',
      'is a public key in OpenSSH’s form',
    ],
    ['a certificate', label('CERTIFICATE'), 'is a certificate'],
    ['a certificate in one line', label('CERTIFICATE').replaceAll('\n', ' '), 'is a certificate'],
    ['a key beside a certificate', EXPECTED + label('CERTIFICATE'), 'is a certificate'],
    ['an OpenSSH key', label('OPENSSH PRIVATE KEY'), 'is an OpenSSH key'],
    ['an EC key', ec.export({ type: 'sec1', format: 'pem' }).toString(), 'is an EC key'],
    ['an EC key in PKCS#8', ec.export({ type: 'pkcs8', format: 'pem' }).toString(), 'is an EC key'],
    ['an EC key as DER', ec.export({ type: 'sec1', format: 'der' }).toString('base64'), 'is an EC key'],
    ['too short', pem(rsa(1024), 'pkcs1'), 'is shorter than 2048 bits'],
    ['without its end', EXPECTED.slice(0, 900), 'is truncated: a part of the key is missing'],
    [
      'without its middle',
      EXPECTED.slice(0, 900) + EXPECTED.slice(-27),
      'is truncated: a part of the key is missing',
    ],
    [
      'a whole and half of one',
      EXPECTED + pem(other, 'pkcs1').slice(0, 400),
      'is truncated: a part of the key is missing',
    ],
    [
      'half of the base64',
      Buffer.from(EXPECTED).toString('base64').slice(0, 1000),
      'is truncated: a part of the key is missing',
    ],
    [
      'half of the DER',
      der(key, 'pkcs8').subarray(0, 600).toString('base64'),
      'is truncated: a part of the key is missing',
    ],
  ])('rejects the App’s key by the variable’s name and the reason when it is %s', (_, value, word) => {
    const names = ['GITHUB_APP_PRIVATE_KEY', 'GITHUB_APP_PRIVATE_KEY_FILE'];
    expect(read(value)).toEqual(names.map((name) => ({ problems: [`${name}: ${word}`] })));
  });

  it('rejects a missing or empty key file by the variable’s name', () => {
    const problems = (GITHUB_APP_PRIVATE_KEY_FILE: string) => {
      try {
        parseConfig({ ...COMPLETE, GITHUB_APP_PRIVATE_KEY: undefined, GITHUB_APP_PRIVATE_KEY_FILE });
        return [];
      } catch (error) {
        return (error as ConfigError).problems;
      }
    };
    const missing = path.join(folder, 'nowhere');
    expect(problems(missing)).toEqual(['GITHUB_APP_PRIVATE_KEY_FILE: the file cannot be read']);
    const empty = path.join(folder, 'empty');
    writeFileSync(empty, '\n');
    expect(problems(empty)).toEqual(['GITHUB_APP_PRIVATE_KEY_FILE: is empty']);
  });

  it('never shows any part of the App’s key, wherever it is cut or changed', () => {
    const position = fc.nat(EXPECTED.length - 1);
    fc.assert(
      fc.property(position, position, fc.string({ maxLength: 3 }), (from, length, inserted) => {
        const broken = EXPECTED.slice(0, from) + inserted + EXPECTED.slice(from + length);
        for (const { problems } of read(broken))
          for (const problem of problems ?? []) {
            expect(problem).toMatch(/^GITHUB_APP_PRIVATE_KEY(_FILE)?: [A-Za-z0-9 ,;:()’#_-]+$/);
            for (const line of EXPECTED.split('\n').slice(1, -2))
              expect(problem).not.toContain(line.slice(0, 12));
          }
      }),
      { numRuns: 100 },
    );
  });
});
