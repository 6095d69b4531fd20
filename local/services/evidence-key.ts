import { generateKeyPairSync } from 'node:crypto';

/** Returns a new key for `EVIDENCE_SIGNING_KEY`. */
export function newEvidenceKey(): string {
  return generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'der' })
    .toString('base64');
}
