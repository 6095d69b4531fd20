import { GitHubError, type GitHubFailure } from '../github/errors';
import { getInstallation } from '../github/installations';

export type AccountName = { id: number; login: string; type: string };

/** A cached response: the account (`null` if GitHub returned none), and the time when the entry expires. */
type Remembered = { name: AccountName | null; until: number };

const REMEMBERED_MS = 15 * 60 * 1000;
/** A missing name expires sooner, because GitHub may return the name a moment later. */
const UNNAMED_MS = 30_000;
const MOST_REMEMBERED = 1000;
/**
 * Limits for one call to `findAccountNames`. Pages that show names reload every few seconds, and must not use up the
 * slots that mints need for calls to GitHub.
 */
const MOST_ASKED = 20;
const PARALLEL = 4;

/** In-memory cache, because the database might not contain an installation that isn't bound to a workspace yet. */
const memory = new Map<number, Remembered>();

/**
 * Returns the accounts of these installations, in the given order. At most twenty names are fetched from GitHub per
 * call. Accounts that are still unknown afterwards are omitted, so a later call may return more.
 *
 * @param now a monotonic clock, in milliseconds
 */
export async function findAccountNames(ids: number[], now = performance.now()): Promise<AccountName[]> {
  const known = (id: number) => {
    const remembered = memory.get(id);
    return remembered !== undefined && remembered.until > now ? remembered : undefined;
  };
  const toAsk = ids.filter((id) => known(id) === undefined).slice(0, MOST_ASKED);
  const worker = async () => {
    for (let id = toAsk.shift(); id !== undefined; id = toAsk.shift()) {
      const name = await ask(id);
      if (name === undefined) toAsk.length = 0;
      else remember(id, { name, until: now + (name === null ? UNNAMED_MS : REMEMBERED_MS) });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return ids.flatMap((id) => known(id)?.name ?? []);
}

const SAYS_NOTHING: ReadonlySet<GitHubFailure> = new Set(['unavailable', 'rate_limited', 'unauthorized']);

/**
 * Asks GitHub for an installation's account.
 *
 * @returns `null` if GitHub returned no account; `undefined` if GitHub can't respond now, so the caller should stop
 *   asking
 */
async function ask(id: number): Promise<AccountName | null | undefined> {
  try {
    const { account } = await getInstallation(id);
    return { id, login: account.login, type: account.type };
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return SAYS_NOTHING.has(error.kind) ? undefined : null;
  }
}

function remember(id: number, remembered: Remembered): void {
  memory.delete(id);
  memory.set(id, remembered);
  const [oldest] = memory.keys();
  if (memory.size > MOST_REMEMBERED && oldest !== undefined) memory.delete(oldest);
}

/** Clears the cache, for tests. */
export function forgetAccountNames(): void {
  memory.clear();
}
