import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { keyIdOf, readKeys, type SigningKey } from './keys';
import { signJson, signPdf, verifyEvidence } from './signature';

const toPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

function newKey(): SigningKey & { pem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { id: keyIdOf(publicKey), privateKey, pem: toPem(publicKey) };
}

const KEY = newKey();
const OTHER = newKey();
const KEYS = readKeys(KEY.pem);
/** Text of every kind that a pack may hold. `"signature":{` within it must not mislead a reader of the file. */
const EVIDENCE = {
  format: 'pulsestream-evidence/1',
  workspace: { name: 'Ünïcode 東京 😀 "quoted" \\ \u007f\n\u0001', slug: 'acme' },
  text: '{"evidence":{},"signature":{"value":"x"}}',
  numbers: [0, 1, 9007199254740991, null, true],
};
const JSON_FILE = signJson(EVIDENCE, KEY);
const PDF_FILE = signPdf(Buffer.from('%PDF-1.7\nstream\n\u0000\u00ff\nendstream\n%%EOF\n', 'latin1'), KEY);

const othersOf = (byte: number) =>
  Array.from({ length: 256 }, (_, other) => other).filter((other) => other !== byte);

describe.each([
  ['JSON', JSON_FILE],
  ['PDF', PDF_FILE],
] as const)('a signed %s file', (format, file) => {
  it('is verified with the published key', () => {
    expect(verifyEvidence(file, KEYS)).toMatchObject({
      ok: true,
      format: format.toLowerCase(),
      key_id: KEY.id,
    });
  });

  it('is refused after a change of any of its bytes', () => {
    const accepted: string[] = [];
    // The last digits of the base64 have bits to spare, so every other value is tried there.
    for (const [at, byte] of file.entries())
      for (const other of at < file.length - 10 ? [byte ^ 1, byte ^ 0x20, byte ^ 0x80] : othersOf(byte)) {
        const changed = Buffer.from(file);
        changed[at] = other;
        if (verifyEvidence(changed, KEYS).ok) accepted.push(`${at}: ${byte} to ${other}`);
      }
    expect(accepted).toEqual([]);
  });

  it('is refused after the removal or the addition of any byte', () => {
    const accepted: string[] = [];
    for (let at = 0; at <= file.length; at++) {
      const before = file.subarray(0, at);
      const shorter = Buffer.concat([before, file.subarray(at + 1)]);
      if (at < file.length && verifyEvidence(shorter, KEYS).ok) accepted.push(`without ${at}`);
      for (const extra of [' ', '\n', '\0', '0'])
        if (verifyEvidence(Buffer.concat([before, Buffer.from(extra), file.subarray(at)]), KEYS).ok)
          accepted.push(`${JSON.stringify(extra)} at ${at}`);
    }
    expect(accepted).toEqual([]);
  });

  it('is refused if another key signed it, also under the id of a published one', () => {
    const sign =
      format === 'JSON'
        ? (key: SigningKey) => signJson(EVIDENCE, key)
        : (key: SigningKey) => signPdf(Buffer.from('%PDF-1.7\n%%EOF\n'), key);
    expect(verifyEvidence(sign(OTHER), KEYS)).toMatchObject({
      ok: false,
      reason: expect.stringContaining(OTHER.id),
    });
    expect(verifyEvidence(sign({ ...OTHER, id: KEY.id }), KEYS)).toMatchObject({ ok: false });
  });

  it('is verified with a retired key that is still published', () => {
    expect(verifyEvidence(file, readKeys(OTHER.pem + KEY.pem))).toMatchObject({ ok: true, key_id: KEY.id });
  });
});

it('refuses JSON that a parser reads like the signed one but that is written in another way', () => {
  const text = JSON_FILE.toString();
  const file = JSON.parse(text);
  for (const other of [
    JSON.stringify(file, null, 2),
    text.replace('{"evidence":', '{"evidence":{},"evidence":'),
    text.replace('"text":', '"text":"hidden","text":'),
    text.replace('Ü', '\\u00dc'),
    JSON.stringify({ signature: file.signature, evidence: file.evidence }),
  ]) {
    expect(other).not.toBe(text);
    expect(verifyEvidence(Buffer.from(other), KEYS)).toMatchObject({ ok: false });
  }
});

it.each(['', '{}', 'null', '%PDF-', '[]', '\u0000'])('refuses the file %j, which is no pack', (text) => {
  expect(verifyEvidence(Buffer.from(text), KEYS)).toMatchObject({ ok: false });
});

it('reads no keys from a file without any, or with a key of another kind', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  for (const pem of ['', 'x', toPem(publicKey), KEY.pem + toPem(publicKey)])
    expect(() => readKeys(pem)).toThrow('Ed25519 public keys');
  expect(createPublicKey(KEY.pem).asymmetricKeyType).toBe('ed25519');
});

describe('the commands in docs/evidence-pack.md', () => {
  const document = readFileSync('docs/evidence-pack.md', 'utf8');
  const folder = mkdtempSync(path.join(tmpdir(), 'evidence-'));
  const run = (program: string, args: string[]) =>
    execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const block = (language: string, containing: string) =>
    [...document.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].find(
      ([, found, text = '']) => found === language && text.includes(containing),
    )?.[2] ?? `exit 9 # docs/evidence-pack.md has no ${language} block with ${containing}`;

  beforeAll(() => {
    writeFileSync(path.join(folder, 'keys.pem'), KEY.pem);
    writeFileSync(path.join(folder, 'verify.mjs'), block('js', 'verify('));
  });

  it.each([
    ['evidence.json', JSON_FILE],
    ['evidence.pdf', PDF_FILE],
  ] as const)('verify %s with OpenSSL alone, and refuse it once it was changed', (name, file) => {
    const commands = block('sh', `${name} | openssl`);
    writeFileSync(path.join(folder, name), file);
    expect(run('sh', ['-ec', commands])).toContain('Signature Verified Successfully');
    const changed = Buffer.from(file);
    changed[20] = (changed[20] ?? 0) ^ 1;
    writeFileSync(path.join(folder, name), changed);
    expect(() => run('sh', ['-ec', commands])).toThrow(/./);
  });

  it('verify the JSON with Node alone, and refuse it once it was changed', () => {
    writeFileSync(path.join(folder, 'evidence.json'), JSON_FILE);
    expect(run(process.execPath, ['verify.mjs'])).toContain('signature fits');
    writeFileSync(path.join(folder, 'evidence.json'), JSON_FILE.toString().replace('acme', 'acne'));
    expect(() => run(process.execPath, ['verify.mjs'])).toThrow(/./);
  });
});
