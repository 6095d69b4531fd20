/** How often one client may do what. The only place where such numbers stand. */
export interface Policy {
  /** Requests allowed in any period of `windowSeconds`. */
  limit: number;
  windowSeconds: number;
}

const DEFAULTS = {
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
  /** What reads a workspace's whole log, by workspace: verification, export, comparison. From pages as well. */
  whole_log: { limit: 20, windowSeconds: 60 },
  /** Syncs that people ask for, by workspace: a long one is many calls, and GitHub counts them by installation. */
  sync: { limit: 30, windowSeconds: 60 },
  /** Workspaces that one user makes: they stay for good. */
  new_workspace: { limit: 20, windowSeconds: 3600 },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof DEFAULTS;

/** Policies that count by workspace, over all addresses and replicas. */
export type WorkspacePolicyName = Extract<PolicyName, 'whole_log' | 'sync'>;

export type Policies = Record<PolicyName, Policy>;

/**
 * The policies with the two mint limits as configured (`RATE_LIMIT_…_PER_MINUTE`). Whoever lets the people behind one
 * address mint more often has more people there: what they do besides rises by the same factor, and never falls.
 */
export function policiesWith(configured: { mint_user: number; mint_internal: number }): Policies {
  const factor = Math.max(1, configured.mint_user / DEFAULTS.mint_user.limit);
  const raised = ({ limit, windowSeconds }: Policy) => ({ limit: Math.ceil(limit * factor), windowSeconds });
  return {
    mint_user: { ...DEFAULTS.mint_user, limit: configured.mint_user },
    mint_internal: { ...DEFAULTS.mint_internal, limit: configured.mint_internal },
    api: raised(DEFAULTS.api),
    sign_in: raised(DEFAULTS.sign_in),
    connect: raised(DEFAULTS.connect),
    whole_log: raised(DEFAULTS.whole_log),
    sync: raised(DEFAULTS.sync),
    new_workspace: raised(DEFAULTS.new_workspace),
  };
}
