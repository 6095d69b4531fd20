/**
 * Defines the types of audit events. To add one, add a row to this table, its wording to
 * `components/audit-log/describe-event.ts`, and the code that records it.
 */
import { z } from 'zod';
import { EXPORT_FORMATS, type Result } from './audit-event';
import { EVIDENCE_FORMATS } from './evidence-pack';
import { Role } from './members';
import { GitHubId } from './pagination';
import { StoredClaimValue } from './trust-rules';

const apiKey = {
  api_key_id: z.string(),
  name: z.string(),
  display_prefix: z.string(),
  /** `null` if the key may read every repository in its workspace. */
  repository_ids: z.array(GitHubId).nullable(),
  /** Networks that the key may be used from. An empty list allows every address. */
  networks: z.array(z.string()),
  expires_at: z.string().nullable(),
};

const trustRule = {
  trust_rule_id: z.string(),
  name: z.string(),
  issuer: z.string(),
  subject: z.string(),
  claims: z.record(z.string(), StoredClaimValue),
  /** Counts the changes to `claims`. */
  revision: z.int(),
  /** `null` if the rule grants every repository in its workspace. */
  repository_ids: z.array(GitHubId).nullable(),
  expires_at: z.string().nullable(),
};

/** The identity token that a caller presented, and the trust rule that matched. Set if the actor is a `workload`. */
const workload = z
  .object({
    issuer: z.string(),
    subject: z.string(),
    rule: z.object({ id: z.string(), name: z.string(), revision: z.int() }),
  })
  .optional();

/** Details of installation events. `noticed_by` is how the app learned of a change on GitHub. */
const installation = {
  account: z.string(),
  noticed_by: z.enum(['webhook', 'mint', 'sync', 'disconnect']),
};

const RepositoryName = z.object({ id: GitHubId, full_name: z.string() });

/** `count` is the total number of repositories. `repositories` lists only the first hundred. */
const repositories = { ...installation, count: z.int(), repositories: z.array(RepositoryName) };

/** A stop that the operator made. `stop_id` joins the two events, and the same stop in the logs of all workspaces. */
const stop = {
  scope: z.enum(['everything', 'workspace', 'api_key']),
  reason: z.string(),
  stop_id: z.string(),
  api_key_id: z.string().optional(),
  name: z.string().optional(),
};

const evidenceLink = { link_id: z.string(), name: z.string(), expires_at: z.string() };

/** The token's SHA-256 in Base64, as it appears in GitHub's own audit log. */
const hashed_token = z.string();

/**
 * Every type of audit event, named `subject.past_tense`, with the label shown on pages and the schema of its `details`.
 * Details consist of strings, integers up to 2^53 − 1, booleans, null, arrays and objects. They never contain a secret.
 */
export const AUDIT_EVENTS = {
  'workspace.created': {
    label: 'Workspace created',
    details: z.object({
      slug: z.string(),
      name: z.string(),
      owner: z.object({ user_id: z.string(), email: z.string() }),
    }),
  },
  'workspace.api_keys_forbidden': {
    label: 'API keys forbidden',
    /** The number of live keys that are refused from then on. */
    details: z.object({ api_keys: z.int() }),
  },
  'workspace.api_keys_allowed': {
    label: 'API keys allowed again',
    /** The number of live keys that work again. */
    details: z.object({ api_keys: z.int() }),
  },
  'workspace.renamed': {
    label: 'Workspace renamed',
    details: z.object({ from: z.string(), to: z.string() }),
  },
  'workspace.deleted': {
    label: 'Workspace deleted',
    /** Counts what ended with the workspace. The audit log stays until the operator archives or erases it. */
    details: z.object({
      api_keys: z.int(),
      trust_rules: z.int(),
      members: z.int(),
      invitations: z.int(),
      connections: z.int(),
    }),
  },
  'workspace.erased': {
    label: 'Workspace erased',
    /** Counts what ended with the workspace. The audit log is archived after this event. */
    details: z.object({
      api_keys: z.int(),
      trust_rules: z.int().optional(),
      members: z.int(),
      invitations: z.int(),
    }),
  },
  'member.added': {
    label: 'Member added',
    details: z.object({
      user_id: z.string(),
      email: z.string(),
      role: Role,
      invitation_id: z.string().optional(),
    }),
  },
  'member.invited': {
    label: 'Member invited',
    details: z.object({ invitation_id: z.string(), email: z.string(), role: Role, expires_at: z.string() }),
  },
  'member.invitation_revoked': {
    label: 'Invitation revoked',
    details: z.object({ invitation_id: z.string(), email: z.string(), role: Role }),
  },
  'member.role_changed': {
    label: 'Role changed',
    details: z.object({
      user_id: z.string(),
      email: z.string(),
      from: Role,
      to: Role,
      invitation_id: z.string().optional(),
    }),
  },
  'member.removed': {
    label: 'Member removed',
    details: z.object({ user_id: z.string(), email: z.string(), role: Role }),
  },
  'api_key.created': { label: 'API key created', details: z.object(apiKey) },
  'api_key.rotated': {
    label: 'API key rotated',
    /** The new key, plus the old key's id and when it expires. */
    details: z.object({ ...apiKey, rotated_api_key_id: z.string(), rotated_key_expires_at: z.string() }),
  },
  'api_key.updated': {
    label: 'API key changed',
    /** The key after the change, and the former values of those that changed. */
    details: z.object({
      ...apiKey,
      before: z.object({
        name: apiKey.name.optional(),
        repository_ids: apiKey.repository_ids.optional(),
        networks: apiKey.networks.optional(),
      }),
    }),
  },
  'api_key.revoked': { label: 'API key revoked', details: z.object(apiKey) },
  'trust_rule.created': { label: 'Trust rule created', details: z.object(trustRule) },
  /** The rule as it is after the change. */
  'trust_rule.updated': { label: 'Trust rule changed', details: z.object(trustRule) },
  'trust_rule.revoked': { label: 'Trust rule revoked', details: z.object(trustRule) },
  'api_key.refused': {
    label: 'API key refused',
    /** A use of a valid key, from outside its networks or in a workspace without API keys. Repetitions are left out. */
    details: z.object({
      api_key_id: z.string(),
      name: z.string(),
      display_prefix: z.string(),
      reason: z.enum(['address_not_allowed', 'api_keys_not_allowed']),
    }),
  },
  'github.connect_started': {
    label: 'GitHub connection started',
    details: z.object({ intent: z.enum(['install', 'link']) }),
  },
  'github.approval_requested': { label: 'Approval requested', details: z.object({}) },
  'github.approval_dismissed': {
    label: 'Request for approval dismissed',
    details: z.object({ account: z.string().optional() }),
  },
  'github.bind_refused': {
    label: 'GitHub connection refused',
    details: z.object({
      /** A code from `lib/connect/outcomes.ts`. */
      reason: z.string(),
      installation_id: GitHubId.optional(),
      github_login: z.string().optional(),
    }),
  },
  'github.installation_bound': {
    label: 'GitHub connected',
    details: z.object({
      account: z.string(),
      proof: z.enum([
        'own_account',
        'installed_by_user',
        'administers_all_repositories',
        'chosen_from_proven',
      ]),
      github_user: z.object({ id: GitHubId, login: z.string() }),
      confirmed_by_link: z.boolean().optional(),
      repository_selection: z.enum(['all', 'selected']),
    }),
  },
  'github.installation_suspended': { label: 'Installation suspended', details: z.object(installation) },
  'github.installation_unsuspended': { label: 'Installation unsuspended', details: z.object(installation) },
  'github.installation_renamed': {
    label: 'GitHub account renamed',
    details: z.object({ ...installation, from: z.string(), to: z.string() }),
  },
  'github.installation_deleted': { label: 'GitHub disconnected', details: z.object(installation) },
  'github.repository_selection_changed': {
    label: 'Repository selection changed',
    details: z.object({ ...installation, from: z.string(), to: z.string() }),
  },
  'github.repositories_added': { label: 'Repositories added', details: z.object(repositories) },
  'github.repositories_removed': { label: 'Repositories removed', details: z.object(repositories) },
  'github.repositories_changed': { label: 'Repositories changed', details: z.object(repositories) },
  'github.token_minted': {
    label: 'Token issued',
    details: z.object({
      repositories: z.union([z.literal('all'), z.array(RepositoryName)]),
      /**
       * With `all`: the length and version of the repository list when the token was minted. Tokens minted for a sync
       * have neither.
       */
      repository_count: z.int().optional(),
      repository_list_version: z.int().optional(),
      permissions: z.record(z.string(), z.string()),
      expires_at: z.string(),
      hashed_token,
      workload,
    }),
  },
  'github.token_denied': {
    label: 'Token refused',
    details: z.object({
      /** A problem's code. */
      reason: z.string(),
      /** The first few of the requested repositories, exactly as the caller wrote them. */
      repositories: z.union([z.literal('all'), z.array(z.union([z.string(), GitHubId]))]).optional(),
      /** The total number of requested repositories, if this event doesn't list them all. */
      count: z.int().optional(),
      /**
       * Set if GitHub had already minted the token. If so, the app has revoked it and never returned it to the caller.
       */
      hashed_token: hashed_token.optional(),
      workload,
    }),
  },
  'github.token_revoked': {
    label: 'Token revoked',
    details: z.object({ hashed_token, was_over: z.boolean(), workload }),
  },
  'minting.stopped': { label: 'Issuing tokens stopped', details: z.object(stop) },
  'minting.started': { label: 'Issuing tokens started again', details: z.object(stop) },
  'evidence.issued': {
    label: 'Evidence pack issued',
    /** The file's hash and the id of the key that signed it. */
    details: z.object({
      format: z.enum(EVIDENCE_FORMATS),
      file_sha256: z.string(),
      key_id: z.string(),
      /** The auditor's link by which it was issued. */
      link_id: z.string().optional(),
    }),
  },
  'evidence.link_created': { label: 'Auditor link created', details: z.object(evidenceLink) },
  'evidence.link_revoked': { label: 'Auditor link revoked', details: z.object(evidenceLink) },
  'audit.exported': {
    label: 'Audit log exported',
    details: z.object({
      format: z.enum(EXPORT_FORMATS),
      filters: z.record(z.string(), z.union([z.string(), z.int()])).optional(),
    }),
  },
  'audit.archived': {
    label: 'Part of the audit log archived',
    /** The archive's events and its file. `last_hash` is the hash that the next event continues. */
    details: z.object({
      first_seq: z.int(),
      last_seq: z.int(),
      last_hash: z.string(),
      file_sha256: z.string(),
    }),
  },
} as const satisfies Record<string, { label: string; details: z.ZodObject }>;

export type AuditEventType = keyof typeof AUDIT_EVENTS;

/** The details required to record an event of this type. */
export type AuditDetails<T extends AuditEventType> = z.input<(typeof AUDIT_EVENTS)[T]['details']>;

/** An event type with matching details. */
export type AuditFact = {
  [T in AuditEventType]: Record<string, never> extends AuditDetails<T>
    ? { type: T; details?: AuditDetails<T> }
    : { type: T; details: AuditDetails<T> };
}[AuditEventType];

/**
 * The details of a stored event. Any of them may be missing, because another version of the app may have written the
 * row.
 */
export type ReadDetails<T extends AuditEventType> = {
  [Key in keyof AuditDetails<T>]?: Exclude<AuditDetails<T>[Key], undefined>;
};

/** A stored event whose type is known to this version of the app. */
export type ReadFact = { [T in AuditEventType]: { type: T; details: ReadDetails<T> } }[AuditEventType];

type Stored = { readonly [name: string]: unknown };

/**
 * Returns the details that match the type's schema. Drops all others, because another version of the app may have
 * written the row.
 */
export function readDetails<T extends AuditEventType>(type: T, details: Stored): ReadDetails<T> {
  const names = Object.keys(AUDIT_EVENTS[type].details.shape) as (keyof ReadDetails<T>)[];
  const all = names.map((name) => [name, readDetail(type, details, name)] as const);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as ReadDetails<T>;
}

/** Returns a single detail without parsing the others, or `undefined` if it's absent or doesn't match the schema. */
export function readDetail<T extends AuditEventType, Name extends keyof ReadDetails<T>>(
  type: T,
  details: Stored,
  name: Name,
): ReadDetails<T>[Name] | undefined {
  const shape: { [name: PropertyKey]: z.ZodType } = AUDIT_EVENTS[type].details.shape;
  // Somebody who tampers with a row may store details that are no object, even null.
  const stored: Stored = Object(details);
  return shape[name]?.safeParse(stored[name as string]).data as ReadDetails<T>[Name] | undefined;
}

/** Returns a stored event with typed details, or `null` if this version of the app doesn't know the event's type. */
export function readFact(event: { type: string; details: Stored }): ReadFact | null {
  const { type } = event;
  if (!isAuditEventType(type)) return null;
  return { type, details: readDetails(type, event.details) } as ReadFact;
}

/** Types that record a refusal. All other types record something that was done. */
const REFUSALS: ReadonlySet<AuditEventType> = new Set([
  'api_key.refused',
  'github.bind_refused',
  'github.token_denied',
]);

/** Returns the result of the events of a type; `undefined` if this version does not know the type. */
export function resultOf(type: string): Result | undefined {
  if (!isAuditEventType(type)) return undefined;
  return REFUSALS.has(type) ? 'refused' : 'succeeded';
}

export function isAuditEventType(type: string): type is AuditEventType {
  return Object.hasOwn(AUDIT_EVENTS, type);
}
