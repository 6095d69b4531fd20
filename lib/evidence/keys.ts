import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { getConfig } from '../config';
import { readPrivateKey, readPublicKey } from '../config/evidence-keys';
import { Problem } from '../problem';

/** A key's id is the SHA-256 of its public half in SPKI DER, in hexadecimal. */
export const keyIdOf = (publicKey: KeyObject): string =>
  hash('sha256', publicKey.export({ type: 'spki', format: 'der' }));

export type SigningKey = { id: string; privateKey: KeyObject };

/** Returns the key that signs evidence packs; `null` if the operator has set none. */
export function findSigningKey(): SigningKey | null {
  const { signingKey } = getConfig().evidence;
  const privateKey = signingKey === undefined ? undefined : readPrivateKey(signingKey);
  return privateKey === undefined ? null : { id: keyIdOf(createPublicKey(privateKey)), privateKey };
}

/**
 * Returns the key that signs evidence packs.
 *
 * @throws {Problem} `evidence_unavailable` if the operator has set none
 */
export function requireSigningKey(): SigningKey {
  const key = findSigningKey();
  if (key === null)
    throw new Problem(
      'evidence_unavailable',
      'The operator has set no key that signs evidence packs (EVIDENCE_SIGNING_KEY).',
    );
  return key;
}

/** Returns every key that has signed packs, as PEM: the current one first, then the retired ones. */
export function publishedKeys(): string {
  const current = findSigningKey();
  const retired = getConfig().evidence.retiredKeys.flatMap((key) => readPublicKey(key) ?? []);
  return [...(current === null ? [] : [createPublicKey(current.privateKey)]), ...retired].map(toPem).join('');
}

const toPem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

const PEM = /-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]*-----END PUBLIC KEY-----/g;

/**
 * Reads a file of public keys, as {@link publishedKeys} writes it.
 *
 * @throws {Error} if the file has no public key, or one of another kind
 */
export function readKeys(pem: string): ReadonlyMap<string, KeyObject> {
  const keys = (pem.match(PEM) ?? []).map((block) => createPublicKey(block));
  if (keys.length === 0 || keys.some(({ asymmetricKeyType }) => asymmetricKeyType !== 'ed25519'))
    throw new Error('the file of keys must hold Ed25519 public keys in PEM');
  return new Map(keys.map((key) => [keyIdOf(key), key]));
}
