import {
  constants,
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  verify,
} from 'node:crypto';
import { openKms } from '../lib/github/kms-client';
import { UsageError } from './command';

/** Longer than those of a mint, because nobody but the operator waits. */
const DEADLINES = { connectMs: 5000, requestMs: 15_000, attempts: 3 };

const KEY_BITS = 2048;
/** The initial value of AES key wrap with padding (RFC 5649, 3). */
const WRAP_IV = Buffer.from('A65959A6', 'hex');

type Imported = { keyId: string; arn: string; alias: string };

/**
 * Parses a PEM of a GitHub App.
 *
 * @throws {UsageError} for anything but an RSA key of 2048 bits, which is the only form that GitHub issues
 */
export function readAppKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new UsageError('standard input: no private key in PEM format, without a passphrase');
  }
  if (key.asymmetricKeyType !== 'rsa' || key.asymmetricKeyDetails?.modulusLength !== KEY_BITS)
    throw new UsageError(`standard input: not an RSA key of ${KEY_BITS} bits`);
  return key;
}

/**
 * Wraps a private key as KMS's RSA_AES_KEY_WRAP_SHA_256 requires: its PKCS#8 under a one-time AES key, and that under
 * KMS's wrapping key.
 *
 * @param wrappingKey KMS's public key, in DER
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
 */
function wrap(key: KeyObject, wrappingKey: Uint8Array): Buffer {
  const aes = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', aes, WRAP_IV);
  const material = key.export({ type: 'pkcs8', format: 'der' });
  const wrapped = Buffer.concat([cipher.update(material), cipher.final()]);
  const publicKey = createPublicKey({ key: Buffer.from(wrappingKey), type: 'spki', format: 'der' });
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const aesWrapped = publicEncrypt({ key: publicKey, padding, oaepHash: 'sha256' }, aes);
  aes.fill(0);
  material.fill(0);
  return Buffer.concat([aesWrapped, wrapped]);
}

/**
 * Checks that KMS can be reached, and that the alias has no key. `github:register` does so before GitHub hands over a key
 * that it shows only once. Only the list of all aliases tells a free one from one that this principal may not use.
 *
 * @throws {UsageError}
 */
export async function assertAliasIsFree(alias: string): Promise<void> {
  const { kms, client } = await openKms(DEADLINES);
  try {
    for await (const { Aliases = [] } of kms.paginateListAliases({ client }, {})) {
      if (Aliases.some(({ AliasName }) => AliasName === alias))
        throw new UsageError(`${alias} has a key in this account and region. Choose another alias.`);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`KMS does not list its aliases (kms:ListAliases). ${nameAndMessage(error)}`);
  }
}

const nameAndMessage = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/**
 * Creates a key in AWS KMS with the App's private key as its material, has it sign, and gives it an alias. Region and
 * credentials come from AWS's environment or metadata. The PEM is never on disk.
 *
 * @throws KMS's error; its message names the key that was created, which the operator then deletes
 */
export async function importKey(key: KeyObject, alias: string): Promise<Imported> {
  await assertAliasIsFree(alias);
  const { kms, client } = await openKms(DEADLINES);
  const { KeyMetadata: created } = await client.send(
    new kms.CreateKeyCommand({
      KeySpec: 'RSA_2048',
      KeyUsage: 'SIGN_VERIFY',
      Origin: 'EXTERNAL',
      Description: 'Private key of the PulseStream GitHub App',
    }),
  );
  const keyId = created?.KeyId ?? '';
  try {
    const { ImportToken, PublicKey = new Uint8Array() } = await client.send(
      new kms.GetParametersForImportCommand({
        KeyId: keyId,
        WrappingAlgorithm: 'RSA_AES_KEY_WRAP_SHA_256',
        WrappingKeySpec: 'RSA_4096',
      }),
    );
    await client.send(
      new kms.ImportKeyMaterialCommand({
        KeyId: keyId,
        ImportToken,
        EncryptedKeyMaterial: wrap(key, PublicKey),
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      }),
    );
    await assertSigns(keyId, key);
    await client.send(new kms.CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId }));
  } catch (error) {
    throw new Error(
      `${nameAndMessage(error)}. Delete the key ${keyId} in KMS (ScheduleKeyDeletion), then try again.`,
    );
  }
  return { keyId, arn: created?.Arn ?? '', alias };
}

/** Makes sure that KMS now signs with this key, before anybody deletes the PEM. */
async function assertSigns(keyId: string, key: KeyObject): Promise<void> {
  const { kms, client } = await openKms(DEADLINES);
  const text = 'kms:import';
  const { Signature = new Uint8Array() } = await client.send(
    new kms.SignCommand({
      KeyId: keyId,
      Message: createHash('sha256').update(text).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
    }),
  );
  if (!verify('RSA-SHA256', Buffer.from(text), createPublicKey(key), Signature))
    throw new Error('KMS signs with another key');
}
