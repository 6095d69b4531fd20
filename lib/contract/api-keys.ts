import { z } from 'zod';
import { Duration } from './duration';
import { withExample } from './example';
import { MintRequest } from './mint';
import { GitHubId, Limit, Text } from './pagination';

const Lifetime = Duration.refine((milliseconds) => milliseconds > 0, {
  error: 'must be longer than nothing',
});

/** How long the old key of a rotation may go on; longer is two keys, not a rotation. */
const MAX_OVERLAP = 30 * 86_400_000;

/** Body of `POST …/api-keys`. Without `repositories` the key may read whatever its workspace may. */
export const CreateApiKey = withExample(
  z.strictObject({
    name: Text(80).trim().min(1),
    repositories: MintRequest.shape.repositories,
    expires_in: Lifetime.optional(),
  }),
  { name: 'analysis-engine', repositories: ['acme/api'], expires_in: '90d' },
);
export type CreateApiKey = z.output<typeof CreateApiKey>;

/** Body of `POST …/api-keys/{id}/rotate`; no body is fine. */
export const RotateApiKey = withExample(
  z.strictObject({
    /** How long the old key keeps working. */
    overlap: Duration.pipe(z.number().max(MAX_OVERLAP, { error: 'must be 30 days at most' })).default(
      86_400_000,
    ),
    /** Of the new key; by default as long as the old one's. */
    expires_in: Lifetime.optional(),
  }),
  { overlap: '24h' },
);
export type RotateApiKey = z.output<typeof RotateApiKey>;

const EXAMPLE = {
  id: '0197f3a0-5d5e-7c3b-9a41-3f6b6d1c2e10',
  name: 'analysis-engine',
  display_prefix: 'psk_live_1a2b',
  repositories: [{ id: 70001, full_name: 'acme/api' }],
  status: 'active' as const,
  created_by: 'olivia@acme.test',
  created_at: '2026-01-30T09:05:00.000Z',
  expires_at: '2026-04-30T09:05:00.000Z',
  last_used_at: null,
  revoked_at: null,
};

export const ApiKey = withExample(
  z.strictObject({
    id: z.uuid(),
    name: z.string(),
    /** Enough of the key to recognise it. */
    display_prefix: z.string(),
    /** What the key is bound to; `null`: to nothing in particular. A name is `null` when we know it no more. */
    repositories: z.array(z.strictObject({ id: GitHubId, full_name: z.string().nullable() })).nullable(),
    status: z.enum(['active', 'expired', 'revoked']),
    /** E-mail of the creator; `null`: the operator, or a user who is gone. */
    created_by: z.string().nullable(),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    last_used_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
  }),
  EXAMPLE,
);
export type ApiKey = z.output<typeof ApiKey>;

/** Answer to creation and rotation: the only place where the key itself ever stands. */
export const CreatedApiKey = withExample(z.strictObject({ ...ApiKey.shape, key: z.string() }), {
  ...EXAMPLE,
  key: 'psk_…',
});
export type CreatedApiKey = z.output<typeof CreatedApiKey>;

export const ApiKeyParams = z.strictObject({ id: z.uuid() });

export const ApiKeysQuery = z.strictObject({ cursor: Text(500).optional(), limit: Limit });
