import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

function read(value: string, decode: (der: Buffer) => KeyObject): KeyObject | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
  try {
    const key = decode(Buffer.from(value, 'base64'));
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Reads an Ed25519 private key: the base64 of its PKCS#8 DER, which is one line. `undefined` if the value is none. */
export const readPrivateKey = (value: string) =>
  read(value, (key) => createPrivateKey({ key, format: 'der', type: 'pkcs8' }));

/** Reads an Ed25519 public key: the base64 of its SPKI DER. `undefined` if the value is none. */
export const readPublicKey = (value: string) =>
  read(value, (key) => createPublicKey({ key, format: 'der', type: 'spki' }));

/** The key that signs evidence packs. It stays text, so that a logged configuration holds no key object. */
export const evidenceSigningKey = z.string().refine((value) => readPrivateKey(value) !== undefined, {
  error: 'must be the base64 of an Ed25519 private key in PKCS#8 DER, on one line',
});

/** The public halves of earlier signing keys. */
export const evidenceRetiredKeys = z
  .string()
  .transform((value) => value.split(',').map((key) => key.trim()))
  .refine((keys) => keys.every((key) => readPublicKey(key) !== undefined), {
    error: 'must be the base64 of Ed25519 public keys in SPKI DER, with commas between',
  });
