import { createPrivateKey, sign } from 'node:crypto';
import { promisify } from 'node:util';

/** Signs `header.payload` with RS256 (RSASSA-PKCS1-v1_5 over SHA-256). */
export type SignJwt = (signingInput: string) => Promise<Buffer>;

/** Where the App's keys are. Several only while one is being rotated; the first that GitHub accepts is used. */
type SignerConfig =
  | { kind: 'pem'; privateKeys: readonly string[] }
  | { kind: 'kms'; keyIds: readonly string[] };

const signAsync = promisify(sign);

/** @param privateKey PKCS#8 PEM, parsed once: parsing costs more than signing */
export function pemSigner(privateKey: string): SignJwt {
  const key = createPrivateKey(privateKey);
  return (signingInput) => signAsync('RSA-SHA256', Buffer.from(signingInput), key);
}

/** One signer a key. AWS's SDK is loaded at the first signature and only for keys in KMS. */
export function createSigners(config: SignerConfig): SignJwt[] {
  if (config.kind === 'pem') return config.privateKeys.map(pemSigner);
  return config.keyIds.map((keyId) => async (signingInput) => {
    const { signWithKms } = await import('./kms-signer');
    return signWithKms(keyId, signingInput);
  });
}
