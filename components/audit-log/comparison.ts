/** How GitHub's log and ours fit together. Hashes, times and names; no token is in either. */
export type ComparisonView = {
  entries: number;
  entries_of_app: number;
  /** The names of our App that were looked for. */
  app_slugs: readonly string[];
  from: string | null;
  to: string | null;
  joined: number;
  unknown_count: number;
  unknown: { hashed_token: string; first_seen: string | null; last_seen: string | null; requests: number }[];
  unused_count: number;
  unused: { hashed_token: string; occurred_at: string; actor: string }[];
};

export type CompareState = {
  comparison: ComparisonView | null;
  errors?: { log?: string };
  problem: string | null;
};
