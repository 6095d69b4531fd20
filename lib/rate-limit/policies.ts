/** A quota of requests in a time. */
export interface Policy {
  /** Requests allowed in any period of `windowSeconds`. */
  limit: number;
  windowSeconds: number;
}

type Row = Policy & {
  /** The key by which requests are counted together, over all replicas. */
  per: 'ip' | 'workspace' | 'user';
};

/** Each limit of the product. A new policy is a row here, and the route, page or action that names it. */
const POLICIES = {
  /** Minting from a session or a user JWT. */
  mint_user: { limit: 20, windowSeconds: 60, per: 'ip' },
  /** Minting with an API key. */
  mint_internal: { limit: 30, windowSeconds: 60, per: 'ip' },
  /** Everything else under /api/v1. */
  api: { limit: 300, windowSeconds: 60, per: 'ip' },
  /** Attempts to sign in, under any name. */
  sign_in: { limit: 30, windowSeconds: 60, per: 'ip' },
  /** Starting or finishing the connection of a GitHub account. */
  connect: { limit: 30, windowSeconds: 60, per: 'ip' },
  /** Reads of a whole log: verification, export, comparison. From pages as well. */
  whole_log: { limit: 20, windowSeconds: 60, per: 'workspace' },
  /** Syncs that people ask for: a long one is many calls, and GitHub counts them by installation. */
  sync: { limit: 30, windowSeconds: 60, per: 'workspace' },
  /** Created workspaces: they stay for good. */
  new_workspace: { limit: 20, windowSeconds: 3600, per: 'user' },
} as const satisfies Record<string, Row>;

export type PolicyName = keyof typeof POLICIES;

/** The policies that count by `Per`. */
type NamesPer<Per extends Row['per']> = {
  [Name in PolicyName]: (typeof POLICIES)[Name]['per'] extends Per ? Name : never;
}[PolicyName];

export type AddressPolicyName = NamesPer<'ip'>;
export type WorkspacePolicyName = NamesPer<'workspace'>;
export type UserPolicyName = NamesPer<'user'>;

export type Policies = Record<PolicyName, Policy>;

/**
 * Returns the policies with the two mint limits as configured (`RATE_LIMIT_…_PER_MINUTE`). A higher limit for users
 * means more people behind one address, so all other limits rise by the same factor, and never fall.
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
