/**
 * The operations of AWS KMS that import a private key, with real cryptography.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
 */
import {
  constants,
  createDecipheriv,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  randomBytes,
  randomUUID,
} from 'node:crypto';

type Body = Record<string, unknown>;
export type Operation = (body: Body, keys: Map<string, KeyObject>) => object;

/** Thrown with the name that KMS gives to the fault. */
export class KmsError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** The initial value of AES key wrap with padding (RFC 5649, 3). */
const WRAP_IV = Buffer.from('A65959A6', 'hex');
const WRAPPING_BITS = 4096;
/** KMS returns 50. With fewer, a client that reads only the first page misses an alias. */
const ALIASES_PER_PAGE = 2;

/** Returns the operations. Keys that await their material are known only to these. */
export function importOperations(): Record<string, Operation> {
  const waiting = new Map<string, { wrapping: KeyObject; token: string } | undefined>();
  // Every account has aliases of AWS's own keys.
  const aliases: { AliasName: string; TargetKeyId?: string }[] = ['alias/aws/s3', 'alias/aws/ebs'].map(
    (AliasName) => ({ AliasName }),
  );
  const find = (keyId: unknown) => {
    if (!waiting.has(String(keyId))) throw new KmsError('NotFoundException', `Key '${keyId}' does not exist`);
    return waiting.get(String(keyId));
  };
  return {
    'TrentService.CreateKey': ({ KeySpec, KeyUsage, Origin }) => {
      if (KeySpec !== 'RSA_2048' || KeyUsage !== 'SIGN_VERIFY' || Origin !== 'EXTERNAL')
        throw new KmsError(
          'UnsupportedOperationException',
          'this stand-in imports RSA_2048 signing keys only',
        );
      const KeyId = randomUUID();
      waiting.set(KeyId, undefined);
      return { KeyMetadata: { KeyId, Arn: arnOf(KeyId), KeyState: 'PendingImport', Origin } };
    },
    'TrentService.GetParametersForImport': ({ KeyId, WrappingAlgorithm, WrappingKeySpec }) => {
      find(KeyId);
      if (WrappingAlgorithm !== 'RSA_AES_KEY_WRAP_SHA_256' || WrappingKeySpec !== 'RSA_4096')
        throw new KmsError('UnsupportedOperationException', 'an RSA private key needs RSA_AES_KEY_WRAP');
      const pair = generateKeyPairSync('rsa', { modulusLength: WRAPPING_BITS });
      const token = randomBytes(32).toString('base64');
      waiting.set(String(KeyId), { wrapping: pair.privateKey, token });
      const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      return { KeyId: arnOf(String(KeyId)), ImportToken: token, PublicKey: publicKey };
    },
    'TrentService.ImportKeyMaterial': ({ KeyId, ImportToken, EncryptedKeyMaterial }, keys) => {
      const asked = find(KeyId);
      if (asked === undefined || ImportToken !== asked.token)
        throw new KmsError('InvalidImportTokenException', 'the token is of another key');
      const material = unwrap(Buffer.from(String(EncryptedKeyMaterial), 'base64'), asked.wrapping);
      keys.set(String(KeyId), createPrivateKey({ key: material, type: 'pkcs8', format: 'der' }));
      return { KeyId: arnOf(String(KeyId)) };
    },
    'TrentService.CreateAlias': ({ AliasName, TargetKeyId }, keys) => {
      const key = keys.get(String(TargetKeyId));
      if (key === undefined) throw new KmsError('NotFoundException', `Key '${TargetKeyId}' does not exist`);
      if (keys.has(String(AliasName))) throw new KmsError('AlreadyExistsException', `${AliasName} exists`);
      keys.set(String(AliasName), key);
      aliases.push({ AliasName: String(AliasName), TargetKeyId: String(TargetKeyId) });
      return {};
    },
    'TrentService.ListAliases': ({ Marker }) => {
      const start = Number(Marker ?? 0);
      const end = start + ALIASES_PER_PAGE;
      const rest = end < aliases.length ? { Truncated: true, NextMarker: String(end) } : { Truncated: false };
      return { Aliases: aliases.slice(start, end), ...rest };
    },
  };
}

export const arnOf = (keyId: string) => `arn:aws:kms:eu-central-1:000000000000:key/${keyId}`;

/** Reverses RSA_AES_KEY_WRAP_SHA_256: an AES key by RSA-OAEP, then the material by AES key wrap with padding. */
function unwrap(wrapped: Buffer, wrapping: KeyObject): Buffer {
  const length = WRAPPING_BITS / 8;
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const aes = privateDecrypt({ key: wrapping, padding, oaepHash: 'sha256' }, wrapped.subarray(0, length));
    const decipher = createDecipheriv('id-aes256-wrap-pad', aes, WRAP_IV);
    return Buffer.concat([decipher.update(wrapped.subarray(length)), decipher.final()]);
  } catch {
    throw new KmsError('InvalidCiphertextException', 'the material cannot be decrypted');
  }
}
