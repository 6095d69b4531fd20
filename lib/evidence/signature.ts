/**
 * Signs evidence packs, and verifies them without a database. Each file contains its own signature, and every byte of the
 * file counts: a file that isn't written exactly as we write it is refused.
 *
 * @see docs/evidence-pack.md
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../audit/chain';
import type { EvidenceFormat } from '../contract/evidence-pack';
import type { SigningKey } from './keys';

type Verified = { ok: true; format: EvidenceFormat; key_id: string; evidence?: Record<string, unknown> };
export type EvidenceVerification = Verified | { ok: false; reason: string };

const KeyId = z.string().regex(/^[0-9a-f]{64}$/);
/** 64 bytes in base64. The last digit before the padding has bits to spare, so the decoded bytes are written again. */
const Signature = z
  .string()
  .regex(/^[A-Za-z0-9+/]{86}==$/)
  .refine((value) => Buffer.from(value, 'base64').toString('base64') === value);

const SignedJson = z.strictObject({
  evidence: z.record(z.string(), z.json()),
  signature: z.strictObject({ algorithm: z.literal('Ed25519'), key_id: KeyId, value: Signature }),
});

const signatureOf = (bytes: Buffer, { privateKey }: SigningKey): string =>
  sign(null, bytes, privateKey).toString('base64');

/** Returns the signed file. The signature is over the canonical JSON of `evidence` (RFC 8785). */
export function signJson(evidence: Record<string, unknown>, key: SigningKey): Buffer {
  const value = signatureOf(Buffer.from(canonicalJson(evidence)), key);
  return encode({ evidence, signature: { algorithm: 'Ed25519', key_id: key.id, value } });
}

const encode = (file: object): Buffer => Buffer.from(`${canonicalJson(file)}\n`);

/** The last line of a signed PDF. PDF readers take it for a comment after the end of the document. */
const PDF_SIGNATURE = /%PulseStream-Evidence key_id=([0-9a-f]{64}) Ed25519=([A-Za-z0-9+/]{86}==)\n$/;

/** Returns the signed file. The signature is over all bytes of the document, which ends with a line break. */
export function signPdf(document: Buffer, key: SigningKey): Buffer {
  const line = `%PulseStream-Evidence key_id=${key.id} Ed25519=${signatureOf(document, key)}\n`;
  return Buffer.concat([document, Buffer.from(line)]);
}

/**
 * Verifies a signed file, of either format.
 *
 * @param keys the published keys, by id
 */
export function verifyEvidence(file: Buffer, keys: ReadonlyMap<string, KeyObject>): EvidenceVerification {
  return file.subarray(0, 5).toString('latin1') === '%PDF-' ? verifyPdf(file, keys) : verifyJson(file, keys);
}

function verifyJson(file: Buffer, keys: ReadonlyMap<string, KeyObject>): EvidenceVerification {
  const parsed = SignedJson.safeParse(parse(file));
  if (!parsed.success || !encode(parsed.data).equals(file))
    return { ok: false, reason: 'This is no evidence pack, or it was changed.' };
  const { evidence, signature } = parsed.data;
  const bytes = Buffer.from(canonicalJson(evidence));
  const verified = verifyBytes(bytes, 'json', signature.key_id, signature.value, keys);
  return verified.ok ? { ...verified, evidence } : verified;
}

function verifyPdf(file: Buffer, keys: ReadonlyMap<string, KeyObject>): EvidenceVerification {
  const [line = '', keyId = '', value = ''] = PDF_SIGNATURE.exec(file.toString('latin1')) ?? [];
  if (!Signature.safeParse(value).success) return { ok: false, reason: 'The PDF has no signature of ours.' };
  return verifyBytes(file.subarray(0, file.length - line.length), 'pdf', keyId, value, keys);
}

function verifyBytes(
  bytes: Buffer,
  format: EvidenceFormat,
  keyId: string,
  value: string,
  keys: ReadonlyMap<string, KeyObject>,
): EvidenceVerification {
  const key = keys.get(keyId);
  if (key === undefined) return { ok: false, reason: `The key ${keyId} is not among the published ones.` };
  if (!verify(null, bytes, key, Buffer.from(value, 'base64')))
    return { ok: false, reason: 'The signature does not fit: the file was changed.' };
  return { ok: true, format, key_id: keyId };
}

function parse(file: Buffer): unknown {
  try {
    return JSON.parse(file.toString('utf8'));
  } catch {
    return undefined;
  }
}
