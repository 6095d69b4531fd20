import { createHash, createPrivateKey, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { openKms } from './kms-client';

/** Signs `header.payload` with RS256 (RSASSA-PKCS1-v1_5 over SHA-256). */
export type SignJwt = (signingInput: string) => Promise<Buffer>;

/**
 * The App's private keys. Operators configure more than one key only during a key rotation. The app then uses the first
 * key that GitHub accepts.
 */
export type SignerConfig =
  | { kind: 'pem'; privateKeys: readonly string[] }
  | { kind: 'kms'; keyIds: readonly string[] };

/** Creates a signer for each key. The AWS SDK is loaded only for keys in KMS, when the first JWT is signed. */
export function createSigners(config: SignerConfig): SignJwt[] {
  if (config.kind === 'pem') return config.privateKeys.map(pemSigner);
  return config.keyIds.map((keyId) => (signingInput) => signWithKms(keyId, signingInput));
}

const signAsync = promisify(sign);

/** @param privateKey PKCS#8 PEM; parsed only once, because parsing costs more than signing */
export function pemSigner(privateKey: string): SignJwt {
  const key = createPrivateKey(privateKey);
  return (signingInput) => signAsync('RSA-SHA256', Buffer.from(signingInput), key);
}

/**
 * Deadlines for KMS. They're short, because a call to GitHub is waiting whenever a new JWT is signed, about every eight
 * minutes.
 */
const DEADLINES = { connectMs: 1000, requestMs: 2000, attempts: 2 };

let opened: ReturnType<typeof openKms> | undefined;

/**
 * Signs in AWS KMS, so that the App's key never enters this process. Only the input's SHA-256 is sent
 * (`MessageType: DIGEST`), because KMS accepts at most 4096 bytes.
 *
 * @param keyId id, ARN or alias of an RSA_2048 key for SIGN_VERIFY
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
async function signWithKms(keyId: string, signingInput: string): Promise<Buffer> {
  return (await askKms(keyId, signingInput)).signature;
}

/**
 * Signs in KMS, and also returns the ARN of the key behind an alias. `kms:Sign` suffices for both.
 *
 * @throws the SDK's error; an error if KMS returns no signature or no key
 */
export async function askKms(
  keyId: string,
  signingInput: string,
): Promise<{ signature: Buffer; arn: string }> {
  opened ??= openKms(DEADLINES);
  const { kms, client } = await opened;
  const { Signature, KeyId } = await client.send(
    new kms.SignCommand({
      KeyId: keyId,
      Message: createHash('sha256').update(signingInput).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
    }),
  );
  if (Signature === undefined || KeyId === undefined) throw new Error('KMS answered without a signature');
  return { signature: Buffer.from(Signature), arn: KeyId };
}
