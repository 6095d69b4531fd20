import { z } from 'zod';
import { AddressList } from './addresses';
import { withExample } from './example';
import { GitHubId, GitHubIdParam, Limit, listParam, Text } from './pagination';
import { Timestamp } from './timestamp';

export const ActorType = z.enum(['user', 'api_key', 'workload', 'system']);

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export const AuditEvent = withExample(
  z.strictObject({
    id: z.string(),
    seq: z.int(),
    type: z.string(),
    occurred_at: z.string(),
    actor: z.strictObject({ type: ActorType, id: z.string(), label: z.string() }),
    workspace: z.string(),
    installation_id: GitHubId.nullable(),
    client_ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    request_id: z.string(),
    details: z.record(z.string(), z.json()),
    prev_hash: z.string(),
    hash: z.string(),
  }),
  {
    id: '0197f3a2-1b7d-7a90-b3c5-5e8f0d6a4c31',
    seq: 42,
    type: 'github.token_minted',
    occurred_at: '2026-01-31T09:00:00.000Z',
    actor: { type: 'api_key', id: '0197f3a0-5d5e-7c3b-9a41-3f6b6d1c2e10', label: 'analysis-engine' },
    workspace: 'acme',
    installation_id: 60001,
    client_ip: '203.0.113.7',
    user_agent: 'engine/2.1',
    request_id: '6f1d2c3b-4a59-4e68-8b7c-9d0e1f2a3b4c',
    details: {
      expires_at: '2026-01-31T10:00:00Z',
      hashed_token: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    },
    prev_hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    hash: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
  },
);
export type AuditEvent = z.output<typeof AuditEvent>;

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * Matches the full names of GitHub repositories. It allows an underscore in the owner, because a managed user's login
 * ends with one and the enterprise's shortcode.
 */
export const REPOSITORY_NAME = /^[a-z\d][\w-]{0,99}\/[\w.-]{1,100}$/i;

/** The results of an action: allowed and done, or refused. */
export const RESULTS = ['succeeded', 'refused'] as const;
export type Result = (typeof RESULTS)[number];

const MOST_TYPES = 50;
const MOST_ALTERNATIVES = 20;

/**
 * Filters for the list of audit events. An event must match all of them. Lists with commas match any of their items. With the formats `csv` and `ndjson`, the
 * response streams every match, oldest first. `cursor` and `limit` apply to `json` only.
 */
export const AuditEventsQuery = z
  .strictObject({
    type: listParam(Text(100), MOST_TYPES).optional(),
    actor: Text(320).optional(),
    installation_id: listParam(GitHubIdParam, MOST_ALTERNATIVES).optional(),
    repository: z
      .string()
      .refine((text) => REPOSITORY_NAME.test(text) || GitHubIdParam.safeParse(text).success, {
        error: 'must be like owner/name, or a repository’s id',
      })
      .optional(),
    ip: AddressList.optional(),
    result: z.enum(RESULTS).optional(),
    from: Timestamp.optional(),
    to: Timestamp.optional(),
    q: Text(200).optional(),
    syncs: z.enum(['show', 'hide']).optional(),
    order: z.enum(['newest', 'oldest']).optional(),
    cursor: Text(500).optional(),
    limit: Limit,
    format: z.enum(['json', ...EXPORT_FORMATS]).optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    error: 'must not be before "from"',
  });
export type AuditEventsQuery = z.output<typeof AuditEventsQuery>;

export const AuditVerification = withExample(
  z.strictObject({
    ok: z.boolean(),
    events: z.int(),
    /** How many of the events are archived, and were therefore not read. */
    archived: z.int().optional(),
    first_bad: z.int().optional(),
    head_hash: z.string(),
  }),
  {
    ok: true,
    events: 42,
    head_hash: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
  },
);
export type AuditVerification = z.output<typeof AuditVerification>;
