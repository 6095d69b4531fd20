import { createHash, createPublicKey } from 'node:crypto';
import { askKms, type SignerConfig } from './signers';

/**
 * Returns a public fingerprint of each key, in the order of the configuration. A PEM's is the one that the App's settings
 * on GitHub show. For a key in KMS, the ARN is hashed: KMS accepts no other key material for it, and reading the public
 * key would take another permission.
 *
 * @throws KMS's error
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps#verifying-private-keys
 */
export async function fingerprintKeys(signer: SignerConfig): Promise<string[]> {
  if (signer.kind === 'pem') return signer.privateKeys.map(fingerprintPem);
  const keys = await Promise.all(signer.keyIds.map((keyId) => askKms(keyId, 'fingerprint')));
  return keys.map(({ arn }) => `KMS:${sha256(arn)}`);
}

function fingerprintPem(privateKey: string): string {
  return `SHA256:${sha256(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))}`;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('base64');
