import { createHash } from 'node:crypto';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';

/** Milliseconds; a call to GitHub waits for a signature only once in eight minutes, but must not wait for ever. */
const CONNECTION_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 2000;
const ATTEMPTS = 2;

let client: KMSClient | undefined;

/**
 * Signs inside AWS KMS: the App's key never is in this process (C11). Region, credentials and endpoint come from
 * AWS's own environment and metadata, which only the SDK reads.
 *
 * Sent is the SHA-256 of the text (`MessageType: DIGEST`), so that KMS's limit of 4096 bytes does not matter.
 *
 * @param keyId id, ARN or alias of an RSA_2048 key for SIGN_VERIFY
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export async function signWithKms(keyId: string, signingInput: string): Promise<Buffer> {
  client ??= new KMSClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
  const { Signature } = await client.send(
    new SignCommand({
      KeyId: keyId,
      Message: createHash('sha256').update(signingInput).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
    }),
  );
  if (Signature === undefined) throw new Error('KMS answered without a signature');
  return Buffer.from(Signature);
}
