import { z } from 'zod';
import { CREDENTIAL_FIELDS } from './credentials';
import { withExample } from './example';
import { NamedRepositories } from './mint';
import { Limit, Text } from './pagination';
import { findSubjectError } from './subject-pattern';
import { Timestamp } from './timestamp';

/** The most rules of a workspace that are neither revoked nor expired. */
export const MAX_LIVE_TRUST_RULES = 100;

const MAX_CLAIMS = 20;

const hasControlCharacters = (text: string) => /\p{Cc}/u.test(text) || !text.isWellFormed();

const Printable = (max: number) =>
  Text(max).refine((text) => !hasControlCharacters(text), { error: 'must not contain control characters' });

/** The value of a claim. Larger numbers are inexact in JSON, so a rule names them as text. */
export const ClaimValue = z.union([Printable(500), z.int(), z.boolean()], {
  error: 'must be a text, a whole number or a boolean',
});

/** The value of a stored claim. Another version of the app may have allowed longer texts. */
export const StoredClaimValue = z.union([z.string(), z.int(), z.boolean()]);

/** Claims that verification has checked already, or that differ in every token. */
const OTHERWISE_CHECKED = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/**
 * Claims that a token must have, by name. A name with slashes is also a path into nested objects, such as
 * `kubernetes.io/namespace`. The values are compared as texts.
 */
const Claims = z.preprocess(
  (value, { addIssue }) => {
    // zod drops this key silently. The rule would then match tokens without the claim.
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))
      addIssue({ code: 'custom', message: 'must not contain "__proto__"' });
    return value;
  },
  z
    .record(
      Printable(200)
        .min(1)
        .refine((name) => !OTHERWISE_CHECKED.has(name), {
          error: 'is checked in every token, so a rule cannot name it',
        }),
      ClaimValue,
    )
    .refine((claims) => Object.keys(claims).length <= MAX_CLAIMS, {
      error: `must name at most ${MAX_CLAIMS} claims`,
    }),
);

const Name = Text(80).trim().min(1);

const Subject = z.string().check(({ value, issues }) => {
  const message = findSubjectError(value);
  if (message !== undefined) issues.push({ code: 'custom', input: value, message });
});

/**
 * Body of `POST …/trust-rules`. If `repositories` is omitted, the rule grants every repository in its workspace. In
 * `subject`, a `*` matches any characters except `:` and `/`.
 */
export const CreateTrustRule = withExample(
  z.strictObject({
    name: Name,
    issuer: Text(500).min(1),
    subject: Subject,
    claims: Claims.optional(),
    repositories: NamedRepositories.optional(),
    expires_at: Timestamp.optional(),
  }),
  {
    name: 'analysis in CI',
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'repo:acme/api:ref:refs/heads/main',
    claims: { repository_owner_id: '9001' },
    repositories: ['acme/api'],
  },
);
export type CreateTrustRule = z.output<typeof CreateTrustRule>;

/**
 * Body of `PATCH …/trust-rules/{id}`. `null` means all repositories, or no expiry. Issuer and subject never change:
 * create another rule instead.
 */
export const UpdateTrustRule = withExample(
  z.strictObject({
    name: Name.optional(),
    claims: Claims.optional(),
    repositories: NamedRepositories.nullable().optional(),
    expires_at: Timestamp.nullable().optional(),
  }),
  { repositories: ['acme/api', 'acme/web'], expires_at: null },
);
export type UpdateTrustRule = z.output<typeof UpdateTrustRule>;

export const TrustRule = withExample(
  z.strictObject({
    ...CREDENTIAL_FIELDS,
    issuer: z.string(),
    subject: z.string(),
    claims: z.record(z.string(), StoredClaimValue),
    /**
     * Why the rule matches no token. The operator no longer trusts its issuer, or a stored claim is in a form that no
     * rule is created with.
     */
    problem: z.enum(['issuer_not_trusted', 'claims_not_valid']).nullable(),
  }),
  {
    id: '0197f3a4-7c21-7d55-8e90-2b4c6d8e0f12',
    name: 'analysis in CI',
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'repo:acme/api:ref:refs/heads/main',
    claims: { repository_owner_id: '9001' },
    problem: null,
    repositories: [{ id: 70001, full_name: 'acme/api' }],
    status: 'active',
    created_by: 'olivia@acme.test',
    created_at: '2026-01-30T09:05:00.000Z',
    expires_at: null,
    last_used_at: '2026-01-31T09:00:00.000Z',
    last_used_ip: '203.0.113.7',
    revoked_at: null,
  },
);
export type TrustRule = z.output<typeof TrustRule>;

export const TrustRuleParams = z.strictObject({ id: z.uuid() });

export const TrustRulesQuery = z.strictObject({ cursor: Text(500).optional(), limit: Limit });
