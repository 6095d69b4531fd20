/** How often one client may do what. The only place where such numbers stand. */
export interface Policy {
  /** Requests allowed in any period of `windowSeconds`. */
  limit: number;
  windowSeconds: number;
}

export const POLICIES = {
  /** Minting from a session or a user JWT (C14). */
  mint_user: { limit: 20, windowSeconds: 60 },
  /** Minting with an API key (C14). */
  mint_internal: { limit: 30, windowSeconds: 60 },
  /** Everything else under /api/v1. */
  api: { limit: 300, windowSeconds: 60 },
  /** Attempts to sign in, whoever they claim to be. */
  sign_in: { limit: 30, windowSeconds: 60 },
  /** Starting or finishing the connection of a GitHub account. */
  connect: { limit: 30, windowSeconds: 60 },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof POLICIES;

export type Policies = Record<PolicyName, Policy>;

/** The policies with the two mint limits as configured (`RATE_LIMIT_…_PER_MINUTE`). */
export function policiesWith(configured: { userPerMinute: number; internalPerMinute: number }): Policies {
  return {
    ...POLICIES,
    mint_user: { ...POLICIES.mint_user, limit: configured.userPerMinute },
    mint_internal: { ...POLICIES.mint_internal, limit: configured.internalPerMinute },
  };
}
