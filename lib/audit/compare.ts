import { getConfig } from '../config';
import { readDetail } from '../contract/audit-types';
import { getAppInfo } from '../github/app-info';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';
import { oneByOne } from '../turns';
import type { GitHubLogEntry } from './github-log';
import { readAuditSlices, type StillAllowed, whileAllowed } from './read';

/** A token mint, as recorded in the app's audit log. */
export type Mint = {
  hashed_token: string;
  occurred_at: string;
  actor: string;
  /** True if a caller received the token; false if the app withheld and revoked it. */
  released: boolean;
};

/** The names and ids that identify entries about this App in GitHub's log. */
export type ComparedApp = {
  id: number;
  clientId: string;
  /** The configured slug and the slug currently reported by GitHub, in lower case. */
  slugs: readonly string[];
  /** The workspace's installations. Entries about other installations are ignored. */
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
  /** The number of entries in GitHub's log, and how many of these are about this App's tokens. */
  entries: number;
  entries_of_app: number;
  /** The slugs used to find entries about this App. */
  app_slugs: readonly string[];
  /** The earliest and the latest time in GitHub's log. */
  from: string | null;
  to: string | null;
  /** Tokens in GitHub's log that this app minted, whether or not a caller received them. */
  joined: number;
  /**
   * The alarm: this App's tokens that are in GitHub's log but not in the app's own log, so somebody else may have the
   * App's key.
   */
  unknown_count: number;
  unknown: UnknownToken[];
  /** Tokens that callers received in the period covered by GitHub's log, but that are missing from that log. */
  unused_count: number;
  unused: Omit<Mint, 'released'>[];
};

/** Cap on the listed tokens of each kind. The counts include the tokens that aren't listed. */
const LISTED = 100;

type Seen = Omit<UnknownToken, 'hashed_token'> & { minted: boolean };

const SERVER_TO_SERVER = 'GitHub App server-to-server token';

/**
 * True if an entry is about this App. If the entry contains an App id or client id, that id decides, because renaming
 * the App must not silence the alarm. Otherwise, a token for one of the workspace's installations counts as this App's,
 * whatever the actor is called. The actor's name decides only for an entry without any of these.
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
 * Joins GitHub's audit log with the app's own log by token hash. GitHub's log is read once and reduced to one record
 * per token. The app's log is streamed.
 *
 * @param mints all of the workspace's mints, including those from before GitHub's log begins, because their tokens may
 *   still be used in the period that it covers
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

/**
 * Returns the names and ids under which the App may appear in GitHub's log. If the App was renamed, older entries have
 * the configured slug, and newer entries have the slug that GitHub reports. If GitHub does not respond, only the
 * configured slug is used.
 */
export async function comparedApp(installationIds: Iterable<number>): Promise<ComparedApp> {
  const { appId: id, clientId, appSlug } = getConfig().github;
  const slugs = new Set([appSlug.toLowerCase()]);
  try {
    slugs.add((await getAppInfo()).slug.toLowerCase());
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    log.warn(
      { err: error },
      'the comparison looks for the configured slug only: GitHub did not tell its own',
    );
  }
  return { id, clientId, slugs: [...slugs], installationIds: new Set(installationIds) };
}

/** The event types that can contain a minted token's hash, and whether the caller received that token. */
const KINDS = [
  { type: 'github.token_minted', released: true },
  { type: 'github.token_denied', released: false },
] as const;

/**
 * Yields every token in a workspace's audit log: first the tokens that callers received, then the tokens that the app
 * minted but withheld.
 */
export async function* readMints(
  workspaceId: string,
  stillAllowed: StillAllowed = async () => {},
): AsyncGenerator<Mint> {
  for (const { type, released } of KINDS)
    for await (const event of oneByOne(whileAllowed(readAuditSlices(workspaceId, { type }), stillAllowed))) {
      const { occurred_at, actor } = event;
      const hashed_token = readDetail(type, event.details, 'hashed_token');
      if (hashed_token !== undefined) yield { hashed_token, occurred_at, actor: actor.label, released };
    }
}
