import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { removeInvisible, trimValue } from './clean-value';

/**
 * Thrown if a value isn't a usable private key for the App. The message describes the value but never contains any part
 * of it.
 */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

const LEAST_BITS = 2048;
const UNREADABLE = 'not a readable RSA private key in PEM';
const PATH = 'is a path; GITHUB_APP_PRIVATE_KEY_FILE takes it';
const TRUNCATED = 'is truncated: a part of the key is missing';

/** Some hosting dashboards drop spaces and produce `BEGINRSAPRIVATEKEY`, so labels are compared without spaces. */
const PEM_BLOCK = /-----BEGIN([A-Z0-9 ]+)-----((?:(?!-----)[\s\S])*)-----END([A-Z0-9 ]+)-----/g;
const PEM_BEGIN = /-----BEGIN([A-Z0-9 ]+)-----/g;

/** Labels of PEM blocks that aren't usable RSA private keys, each with a description for the error message. */
const OTHER_LABELS: readonly (readonly [RegExp, string])[] = [
  [/^ENCRYPTEDPRIVATEKEY$/, 'is an encrypted private key'],
  [/PUBLICKEY$/, 'is a public key'],
  [/CERTIFICATE/, 'is a certificate'],
  [/^OPENSSHPRIVATEKEY$/, 'is an OpenSSH key'],
  [/^EC/, 'is an EC key'],
  [/^DSA/, 'is a DSA key'],
  [/^PGP/, 'is a PGP key'],
];

/**
 * Reads the App's keys in the forms that secret stores and hosting dashboards produce. PEM may have real or escaped
 * line breaks, or spaces instead. PEM and DER may be base64-encoded, with the standard or the URL-safe alphabet, padded
 * or not. A value may be quoted, and may contain several PEM blocks.
 *
 * @returns the keys as PKCS#8 PEM
 * @throws {KeyRefused} with a message that describes the value
 */
export function readPrivateKeys(value: string | Buffer): string[] {
  if (typeof value !== 'string' && value[0] === ASN1_SEQUENCE) return [toPem(readDer(value))];
  const text = typeof value === 'string' ? value : decodeFile(value);
  return readText(text, 2).map(toPem);
}

/** Decodes a file as UTF-8, or as UTF-16 if it has that byte order mark, as files saved by Windows editors do. */
function decodeFile(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return Buffer.from(bytes).swap16().toString('utf16le');
  return bytes.toString('utf8');
}

/** @param layers how many layers of base64 may be decoded */
function readText(value: string, layers: number): KeyObject[] {
  // Neither PEM nor base64 contains a backslash, so however many backslashes precede an `n`, they must stand for a line
  // break.
  const text = trimValue(
    removeInvisible(percentDecoded(value))
      .replace(/[^\S\r\n]/g, ' ')
      .replace(/\\+r/g, '')
      .replace(/\\+n/g, '\n'),
  );
  if (text === '') throw new KeyRefused('is empty');
  if (text.includes('-----BEGIN')) return readPem(text);
  if (/^(ssh-|ecdsa-)/.test(text)) throw new KeyRefused('is a public key in OpenSSH’s form');
  if (text.startsWith('PuTTY-User-Key-File')) throw new KeyRefused('is a PuTTY key');
  const bytes = decodeBase64(text);
  if (bytes === undefined || layers === 0) throw new KeyRefused(looksLikePath(text) ? PATH : UNREADABLE);
  if (bytes[0] === ASN1_SEQUENCE) return [readDer(bytes)];
  const decoded = decodeFile(bytes);
  if (/^[\s\ufeff"']*-----BEGIN/.test(decoded) || decodeBase64(decoded) !== undefined)
    return readText(decoded, layers - 1);
  throw new KeyRefused(looksLikePath(text) ? PATH : UNREADABLE);
}

/** Decodes percent escapes. This is safe because neither PEM nor base64 contains a percent sign. */
function percentDecoded(value: string): string {
  return /%[0-9a-f]{2}/i.test(value) ? (attempt(() => decodeURIComponent(value)) ?? value) : value;
}

/**
 * True if the value looks like a file path; false otherwise. Check this last, because base64 may also begin with a
 * slash.
 */
function looksLikePath(text: string): boolean {
  return /^(file:|~?\/|\.{1,2}[\\/]|[A-Za-z]:[\\/])|\.(pem|key|der|p8)$/.test(text) && text.length < 1000;
}

/** Decodes base64 in the standard or the URL-safe alphabet, with or without padding and line breaks. */
function decodeBase64(text: string): Buffer | undefined {
  const compact = text.replace(/\s+/g, '');
  return /^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(compact) ? Buffer.from(compact, 'base64') : undefined;
}

function readPem(text: string): KeyObject[] {
  for (const [, label = ''] of text.matchAll(PEM_BEGIN)) {
    const compact = label.replaceAll(' ', '');
    const other = OTHER_LABELS.find(([pattern]) => pattern.test(compact));
    if (other !== undefined) throw new KeyRefused(other[1]);
  }
  if (/Proc-Type:\s*4,\s*ENCRYPTED/i.test(text)) throw new KeyRefused('is an encrypted private key');
  const blocks = [...text.matchAll(PEM_BLOCK)];
  // Compare the counts, so that we report a truncated block even if the value also contains a complete one.
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN').length - 1)
    throw new KeyRefused(TRUNCATED);
  return blocks.map(([, begin = '', body = '', end = '']) => {
    if (begin.replaceAll(' ', '') !== end.replaceAll(' ', '')) throw new KeyRefused(UNREADABLE);
    const bytes = decodeBase64(body);
    if (bytes === undefined) throw new KeyRefused(body.trim() === '' ? TRUNCATED : UNREADABLE);
    return readDer(bytes);
  });
}

const ASN1_SEQUENCE = 0x30;

/** Returns the total length in bytes, header included, that the outermost DER element claims to have. */
function claimedLength(der: Buffer): number {
  const first = der[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const bytes = first & 0x7f;
  return bytes > 4 || der.length < 2 + bytes
    ? Number.POSITIVE_INFINITY
    : 2 + bytes + der.readUIntBE(2, bytes);
}

function readDer(der: Buffer): KeyObject {
  if (der[0] !== ASN1_SEQUENCE) throw new KeyRefused(UNREADABLE);
  if (claimedLength(der) > der.length) throw new KeyRefused(TRUNCATED);
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const key = attempt(() => createPrivateKey({ key: der, format: 'der', type }));
    if (key !== undefined) return assertUsable(key);
  }
  if (isEncrypted(der)) throw new KeyRefused('is an encrypted private key');
  for (const type of ['spki', 'pkcs1'] as const)
    if (attempt(() => createPublicKey({ key: der, format: 'der', type })) !== undefined)
      throw new KeyRefused('is a public key');
  if (attempt(() => new X509Certificate(der)) !== undefined) throw new KeyRefused('is a certificate');
  throw new KeyRefused(UNREADABLE);
}

/** The object id prefix of PKCS#5 (password-based encryption). Every encrypted PKCS#8 key contains it. */
const PKCS5 = Buffer.from('2a864886f70d0105', 'hex');

function isEncrypted(der: Buffer): boolean {
  return der.subarray(0, 40).includes(PKCS5);
}

function assertUsable(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === 'ec') throw new KeyRefused('is an EC key');
  if (key.asymmetricKeyType !== 'rsa') throw new KeyRefused(`is no RSA key but ${key.asymmetricKeyType}`);
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_BITS)
    throw new KeyRefused(`is shorter than ${LEAST_BITS} bits`);
  return key;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function toPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
