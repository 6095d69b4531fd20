import { z } from 'zod';
import { withExample } from './example';
import { Text } from './pagination';

export const EVIDENCE_FORMATS = ['json', 'pdf'] as const;
export type EvidenceFormat = (typeof EVIDENCE_FORMATS)[number];

export const EvidenceQuery = z.strictObject({ format: z.enum(EVIDENCE_FORMATS).optional() });

/** A signed pack. docs/evidence-pack.md says what `evidence` contains, and how to verify the signature. */
export const EvidencePack = withExample(
  z.strictObject({
    evidence: z.record(z.string(), z.json()),
    signature: z.strictObject({ algorithm: z.literal('Ed25519'), key_id: z.string(), value: z.string() }),
  }),
  {
    evidence: { format: 'pulsestream-evidence/1', workspace: { slug: 'acme', name: 'Acme' } },
    signature: {
      algorithm: 'Ed25519',
      key_id: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      value: 'hgyY0il+MGCjP0JzlnLWG1PPOt7+09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr/MuM0KAg==',
    },
  },
);

const DAY_MS = 86_400_000;

/** A link for an auditor. */
export const CreateEvidenceLink = z.strictObject({
  name: Text(80).trim().min(1),
  /** In milliseconds. */
  expires_in: z.enum(['7d', '30d', '90d']).transform((days) => Number.parseInt(days, 10) * DAY_MS),
});
