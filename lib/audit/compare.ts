import type { GitHubLogEntry } from './github-log';

/** What our audit log says of a mint. */
export type Mint = {
  hashed_token: string;
  occurred_at: string;
  actor: string;
  /** `false`: revoked before anybody was given it. */
  released: boolean;
};

/** Which of GitHub's entries are about our App. */
export type ComparedApp = {
  id: number;
  clientId: string;
  /** In any letter case: the configured one, and GitHub's. */
  slugs: readonly string[];
  /** The workspace's installations; entries of others are somebody else's to compare. */
  installationIds: ReadonlySet<number>;
};

export type UnknownToken = {
  hashed_token: string;
  first_seen: string | null;
  last_seen: string | null;
  requests: number;
  installation_id: number | null;
};

export type Comparison = {
  /** Entries of GitHub's log, and those of them that were made with a token of our App. */
  entries: number;
  entries_of_app: number;
  /** The slugs that were looked for. */
  app_slugs: readonly string[];
  /** What the log covers, judged by its entries. */
  from: string | null;
  to: string | null;
  /** Tokens that GitHub saw and that we minted, released or not. */
  joined: number;
  /** The alarm: tokens of our App that GitHub saw and that are in no audit row of ours. */
  unknown_count: number;
  unknown: UnknownToken[];
  /** Minted while the log covers, and seen nowhere in it. */
  unused_count: number;
  unused: Omit<Mint, 'released'>[];
};

/** Of each kind so many are listed; the counts tell of all. */
const LISTED = 100;

type Seen = Omit<UnknownToken, 'hashed_token'> & { minted: boolean };

const SERVER_TO_SERVER = 'GitHub App server-to-server token';

/**
 * An App's name may change, and neither a new name nor its letter case may silence the alarm. So an id decides where an
 * entry has one. A token of an installation of ours is our App's, whatever the App is called.
 */
function isOfApp(entry: GitHubLogEntry, app: ComparedApp): boolean {
  const { accessType, installationId, appId, clientId, actor } = entry;
  if (accessType !== null && accessType !== SERVER_TO_SERVER) return false;
  if (installationId !== null && !app.installationIds.has(installationId)) return false;
  if (appId !== null) return appId === app.id;
  if (clientId !== null) return isSame(clientId, app.clientId);
  if (installationId !== null && accessType !== null) return true;
  return app.slugs.some((slug) => isSame(actor ?? '', `${slug}[bot]`));
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/**
 * Joins GitHub's audit log with ours by the hash of the token (C16). GitHub's log is read once and kept as one
 * record a token, ours is only passed through.
 *
 * @param mints the workspace's mints, all of them: one from before the log's time may be used within it
 */
export async function compareWithGitHub(
  app: ComparedApp,
  entries: AsyncIterable<GitHubLogEntry>,
  mints: AsyncIterable<Mint>,
): Promise<Comparison> {
  const tokens = new Map<string, Seen>();
  let count = 0;
  let ofApp = 0;
  let from: string | null = null;
  let to: string | null = null;
  for await (const entry of entries) {
    count++;
    if (entry.at !== null && (from === null || entry.at < from)) from = entry.at;
    if (entry.at !== null && (to === null || entry.at > to)) to = entry.at;
    if (entry.hashedToken === null || !isOfApp(entry, app)) continue;
    ofApp++;
    note(tokens, entry.hashedToken, entry);
  }

  const unused: Comparison['unused'] = [];
  let unusedCount = 0;
  for await (const { released, ...mint } of mints) {
    const seen = tokens.get(mint.hashed_token);
    if (seen !== undefined) seen.minted = true;
    else if (released && from !== null && to !== null && mint.occurred_at >= from && mint.occurred_at <= to) {
      unusedCount++;
      if (unused.length < LISTED) unused.push(mint);
    }
  }

  const unknown = [...tokens].filter(([, { minted }]) => !minted);
  return {
    entries: count,
    entries_of_app: ofApp,
    app_slugs: app.slugs,
    from,
    to,
    joined: tokens.size - unknown.length,
    unknown_count: unknown.length,
    unknown: unknown
      .slice(0, LISTED)
      .map(([hashed_token, { minted: _, ...seen }]) => ({ hashed_token, ...seen })),
    unused_count: unusedCount,
    unused,
  };
}

function note(tokens: Map<string, Seen>, hashedToken: string, { at, installationId }: GitHubLogEntry): void {
  const seen = tokens.get(hashedToken);
  if (seen === undefined) {
    tokens.set(hashedToken, {
      first_seen: at,
      last_seen: at,
      requests: 1,
      installation_id: installationId,
      minted: false,
    });
    return;
  }
  seen.requests++;
  if (at === null) return;
  if (seen.first_seen === null || at < seen.first_seen) seen.first_seen = at;
  if (seen.last_seen === null || at > seen.last_seen) seen.last_seen = at;
}
