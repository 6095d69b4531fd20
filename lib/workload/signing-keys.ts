import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** The algorithms that a token may be signed with, each with the type of its key. All of them are asymmetric. */
const KEY_TYPES = {
  RS256: 'rsa',
  RS384: 'rsa',
  RS512: 'rsa',
  PS256: 'rsa',
  PS384: 'rsa',
  PS512: 'rsa',
  ES256: 'ec',
  ES384: 'ec',
  ES512: 'ec',
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
} as const;

export type Algorithm = keyof typeof KEY_TYPES;

export const ALGORITHMS = Object.keys(KEY_TYPES) as Algorithm[];

/** Beyond this size, the header's key id is no id of a key. */
export const MAX_KEY_ID_CHARACTERS = 256;

/** An issuer with more keys is refused as a whole. Known issuers publish ten at most. */
export const MAX_KEYS = 100;

/** A longer modulus would make each verification take milliseconds. */
const MAX_MODULUS_BITS = 8192;
const MIN_MODULUS_BITS = 2048;
const PUBLIC_EXPONENT = 65_537n;

/** Members that only private or symmetric keys have. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;

const KeySet = z.object({ keys: z.array(z.unknown()).max(MAX_KEYS) });

/** @see https://www.rfc-editor.org/rfc/rfc7517#section-4 */
const PublicJwk = z
  .looseObject({
    kid: z.string().min(1).max(MAX_KEY_ID_CHARACTERS),
    kty: z.enum(['RSA', 'EC', 'OKP']),
    use: z.literal('sig').optional(),
    key_ops: z
      .array(z.string())
      .refine((operations) => operations.includes('verify'))
      .optional(),
    alg: z.enum(ALGORITHMS).optional(),
  })
  .refine((jwk) => PRIVATE_MEMBERS.every((name) => !Object.hasOwn(jwk, name)));

type SigningKey = { key: KeyObject; algorithm: Algorithm | undefined };

/** The keys of one issuer. */
export class SigningKeys {
  /** By key id; `null` if several different keys have that id. */
  readonly #keys = new Map<string, SigningKey | null>();
  /** How many published keys can't be used, for example those for encryption. */
  readonly unusable: number;

  /**
   * Reads a JSON Web Key Set. A key that can't verify signatures is left out, because an issuer may publish keys for other
   * uses too.
   *
   * @throws if the document is no key set, holds too many keys, or none that is usable
   */
  constructor(document: unknown) {
    const { data } = KeySet.safeParse(document);
    if (data === undefined) throw new Error(`its key set is none, or holds more than ${MAX_KEYS} keys`);
    const { keys } = data;
    const read = keys.map(readKey).filter((entry) => entry !== undefined);
    this.unusable = keys.length - read.length;
    for (const { kid, ...key } of read) {
      const other = this.#keys.get(kid);
      this.#keys.set(kid, other === undefined || other?.key.equals(key.key) ? key : null);
    }
    if (this.size === 0) throw new Error('its key set holds no usable key');
  }

  get size(): number {
    return [...this.#keys.values()].filter((key) => key !== null).length;
  }

  has(kid: string): boolean {
    return this.#keys.has(kid);
  }

  /** Returns the key for signatures by this algorithm; `undefined` if the issuer publishes none, or two. */
  find(kid: string, algorithm: Algorithm): KeyObject | undefined {
    const found = this.#keys.get(kid);
    if (!found || found.key.asymmetricKeyType !== KEY_TYPES[algorithm]) return undefined;
    return found.algorithm === undefined || found.algorithm === algorithm ? found.key : undefined;
  }
}

function readKey(value: unknown): (SigningKey & { kid: string }) | undefined {
  const jwk = PublicJwk.safeParse(value).data;
  if (jwk === undefined) return undefined;
  const key = importKey(jwk);
  return key === undefined ? undefined : { kid: jwk.kid, algorithm: jwk.alg, key };
}

function importKey(jwk: z.output<typeof PublicJwk>): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return isStrong(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The curves of ES256, ES384 and ES512. */
const CURVES: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** True for a key that is safe, and fast enough, to verify with. */
function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent, namedCurve } = asymmetricKeyDetails ?? {};
  switch (asymmetricKeyType) {
    case 'rsa':
      return (
        modulusLength >= MIN_MODULUS_BITS &&
        modulusLength <= MAX_MODULUS_BITS &&
        publicExponent === PUBLIC_EXPONENT
      );
    case 'ec':
      return CURVES.includes(namedCurve);
    default:
      return asymmetricKeyType === 'ed25519';
  }
}
