import { GitHubError, type GitHubFailure } from '../github/error';
import { getInstallation } from '../github/installations';

type AccountName = { id: number; login: string; type: string };

/** What GitHub said, `null` if it names no account, and when that is asked for again. */
type Remembered = { name: AccountName | null; until: number };

const REMEMBERED_MS = 15 * 60 * 1000;
/** Of one that GitHub did not name: it may do so in a moment. */
const UNNAMED_MS = 30_000;
const MOST_REMEMBERED = 1000;
/** A page that shows them looks again every few seconds: mints need the places at GitHub more. */
const MOST_ASKED = 20;
const PARALLEL = 4;

/** Names only: what nobody has connected is not stored. */
const memory = new Map<number, Remembered>();

/**
 * Whose installations these are, in the order given. At most twenty are asked for in one call; one that GitHub cannot
 * tell of now, or that is still to be asked for, is left out.
 *
 * @param now a clock that only runs forward, in milliseconds
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

/** @returns `undefined` if GitHub cannot tell now; then there is no use in asking it more */
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

/** For tests. */
export function forgetAccountNames(): void {
  memory.clear();
}
