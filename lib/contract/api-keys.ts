import { z } from 'zod';
import { Network } from './addresses';
import { CREDENTIAL_FIELDS } from './credentials';
import { Duration } from './duration';
import { withExample } from './example';
import { NamedRepositories } from './mint';
import { Limit, Text } from './pagination';

const Lifetime = Duration.refine((milliseconds) => milliseconds > 0, {
  error: 'must be longer than nothing',
});

/** The longest that the old key may stay valid after a rotation. */
const MAX_OVERLAP = 30 * 86_400_000;

const MAX_NETWORKS = 50;

const Networks = z
  .array(Network)
  .max(MAX_NETWORKS, { error: `must be at most ${MAX_NETWORKS}` })
  .transform((networks) => [...new Set(networks)])
  .describe('CIDR ranges or addresses, IPv4 and IPv6. An empty list allows every address.');

const Name = Text(80).trim().min(1);

/** Body of `POST …/api-keys`. If `repositories` is omitted, the key may read every repository in its workspace. */
export const CreateApiKey = withExample(
  z.strictObject({
    name: Name,
    repositories: NamedRepositories.optional(),
    expires_in: Lifetime.optional(),
    networks: Networks.optional(),
  }),
  {
    name: 'analysis-engine',
    repositories: ['acme/api'],
    expires_in: '90d',
    networks: ['203.0.113.0/24'],
  },
);
export type CreateApiKey = z.output<typeof CreateApiKey>;

/** Body of `PATCH …/api-keys/{id}`. Omitted fields stay as they are. */
export const UpdateApiKey = withExample(
  z.strictObject({
    name: Name.optional(),
    repositories: NamedRepositories.nullable()
      .optional()
      .describe('"owner/name" or GitHub’s id. `null` allows every repository of the workspace.'),
    networks: Networks.optional(),
  }),
  { repositories: ['acme/api'], networks: ['203.0.113.0/24', '2001:db8:7::/48'] },
);
export type UpdateApiKey = z.output<typeof UpdateApiKey>;

/** Body of `POST …/api-keys/{id}/rotate`. The body may be empty. */
export const RotateApiKey = withExample(
  z.strictObject({
    /** How long the old key stays valid. */
    overlap: Duration.pipe(z.number().max(MAX_OVERLAP, { error: 'must be 30 days at most' })).default(
      86_400_000,
    ),
    /** The new key's lifetime; by default, the same as the old key's. */
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
  networks: ['203.0.113.0/24'],
  status: 'active' as const,
  created_by: 'olivia@acme.test',
  created_at: '2026-01-30T09:05:00.000Z',
  expires_at: '2026-04-30T09:05:00.000Z',
  last_used_at: null,
  last_used_ip: null,
  revoked_at: null,
};

export const ApiKey = withExample(
  z.strictObject({
    ...CREDENTIAL_FIELDS,
    /** The first characters of the key, enough for a user to recognize it. */
    display_prefix: z.string(),
    /** The networks that the key may be used from. An empty list allows every address. */
    networks: z.array(z.string()),
  }),
  EXAMPLE,
);
export type ApiKey = z.output<typeof ApiKey>;

/** The response when a key is created or rotated, the only one that contains the key itself. */
export const CreatedApiKey = withExample(z.strictObject({ ...ApiKey.shape, key: z.string() }), {
  ...EXAMPLE,
  key: 'psk_…',
});
export type CreatedApiKey = z.output<typeof CreatedApiKey>;

export const ApiKeyParams = z.strictObject({ id: z.uuid() });

export const ApiKeysQuery = z.strictObject({ cursor: Text(500).optional(), limit: Limit });
