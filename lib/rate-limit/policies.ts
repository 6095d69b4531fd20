/** How many requests are allowed in which period of time. */
export interface Policy {
  /** The number of requests allowed in any period of `windowSeconds`. */
  limit: number;
  windowSeconds: number;
}

type Row = Policy & {
  /** Requests from the same IP address, workspace, user or API key are counted together, across all replicas. */
  per: 'ip' | 'workspace' | 'user' | 'api_key';
};

/** All rate limits. To add one, add a row here and name it in a route, page or action. */
const POLICIES = {
  /** Minting with a session or with next-auth's JWT. */
  mint_user: { limit: 20, windowSeconds: 60, per: 'ip' },
  /** Minting with an API key. */
  mint_internal: { limit: 30, windowSeconds: 60, per: 'ip' },
  /** Everything else under /api/v1. */
  api: { limit: 300, windowSeconds: 60, per: 'ip' },
  /** Sign-in attempts, regardless of which user. */
  sign_in: { limit: 30, windowSeconds: 60, per: 'ip' },
  /** Starting or finishing a GitHub connection. */
  connect: { limit: 30, windowSeconds: 60, per: 'ip' },
  /** Reading a whole audit log to verify, export or compare it, on pages as well as through the API. */
  whole_log: { limit: 20, windowSeconds: 60, per: 'workspace' },
  /**
   * Syncs requested by users. A long sync makes many calls to GitHub, which has its own limit for each installation.
   */
  sync: { limit: 30, windowSeconds: 60, per: 'workspace' },
  /** Reading an installation's permissions from GitHub, for its page. */
  permissions: { limit: 60, windowSeconds: 60, per: 'workspace' },
  /** Runs of every check of the doctor on the operator's page. Each makes about twenty calls to GitHub. */
  doctor: { limit: 6, windowSeconds: 60, per: 'user' },
  /** Tests of identity tokens on the trust rules page. Each verifies a signature. */
  token_test: { limit: 20, windowSeconds: 60, per: 'user' },
  /** Opening auditors' links, and packs by them. */
  evidence_link: { limit: 30, windowSeconds: 60, per: 'ip' },
  /** Evidence packs by auditors' links. Each reads the whole log. Admins have `whole_log`, so auditors take none of it. */
  evidence_by_link: { limit: 6, windowSeconds: 60, per: 'workspace' },
  /** Creating workspaces, because workspaces are never deleted. */
  new_workspace: { limit: 20, windowSeconds: 3600, per: 'user' },
  /**
   * Audit events about refused uses of a valid API key, per key and network, and per key. More uses are refused without
   * an event, because each event stays in the log for good.
   */
  refused_key_network: { limit: 1, windowSeconds: 60, per: 'api_key' },
  refused_key: { limit: 60, windowSeconds: 3600, per: 'api_key' },
} as const satisfies Record<string, Row>;

export type PolicyName = keyof typeof POLICIES;

/** The names of the policies that count per `Per`. */
type NamesPer<Per extends Row['per']> = {
  [Name in PolicyName]: (typeof POLICIES)[Name]['per'] extends Per ? Name : never;
}[PolicyName];

export type AddressPolicyName = NamesPer<'ip'>;
export type WorkspacePolicyName = NamesPer<'workspace'>;
export type UserPolicyName = NamesPer<'user'>;
export type KeyPolicyName = NamesPer<'api_key'>;

export type Policies = Record<PolicyName, Policy>;

/**
 * Returns all policies, with the two mint limits as configured (`RATE_LIMIT_…_PER_MINUTE`). Operators raise the user
 * limit when many people share one address, so every other limit rises by the same factor. They never fall below the
 * values in the table.
 */
export function policiesWith(configured: { mint_user: number; mint_internal: number }): Policies {
  const factor = Math.max(1, configured.mint_user / POLICIES.mint_user.limit);
  const own: Partial<Record<PolicyName, number>> = configured;
  const rows = Object.entries(POLICIES).map(([name, { limit, windowSeconds }]) => [
    name,
    { limit: own[name as PolicyName] ?? Math.ceil(limit * factor), windowSeconds },
  ]);
  return Object.fromEntries(rows) as Policies;
}
