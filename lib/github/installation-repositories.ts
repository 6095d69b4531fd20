import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import type { InstallationToken } from './installation-token';
import { keysOf } from './installations';
import { type OddItem, readItems, StorableText, StorableUrl } from './odd-items';
import { EndlessList, hasNext, MAX_PAGES, PER_PAGE } from './pages';

/** Of a repository we keep this and nothing else (C03). */
export type GitHubRepository = {
  id: number;
  owner: string;
  name: string;
  cloneUrl: string;
  defaultBranch: string;
  private: boolean;
  archived: boolean;
};

export const RepositoryAnswer = z
  .object({
    id: z.int(),
    name: StorableText,
    owner: z.object({ login: StorableText }),
    clone_url: StorableUrl,
    default_branch: StorableUrl,
    private: z.boolean(),
    archived: z.boolean().default(false),
  })
  .transform(
    (repository): GitHubRepository => ({
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      cloneUrl: repository.clone_url,
      defaultBranch: repository.default_branch,
      private: repository.private,
      archived: repository.archived,
    }),
  );

/** The count is a hint: it may be missing, and may never agree with the pages. */
const Page = z.object({
  total_count: z.int().nonnegative().optional().catch(undefined),
  repositories: z.array(z.unknown()),
});

const ROUTE = 'GET /installation/repositories';
/** GitHub allows 100 requests at once in all; a sync takes a small part of that. */
const PARALLEL_PAGES = 8;

/** Repositories that were read so far, and how many GitHub says there are. */
export type Progress = { read: number; total: number };

/** What GitHub lists as shared. */
export type RepositoryList = {
  repositories: GitHubRepository[];
  /** Listed, but unreadable: shared still, and not usable. */
  odd: OddItem[];
  /** Whether absence from the list says anything. `false` for a list that never ends, or that changed while it was read. */
  isWhole: boolean;
};

/**
 * Reads every repository that the token reads. A list whose pages do not add up is read twice: if both readings agree,
 * the count is wrong and the pages are believed; if they differ, the list is changing, and nothing is missing from it
 * for certain.
 *
 * @param report called after each page
 * @throws {GitHubError}
 */
export async function listInstallationRepositories(
  token: InstallationToken,
  report: (progress: Progress) => void = () => {},
): Promise<RepositoryList> {
  const first = await readOnce(token, report);
  if (first.addsUp) return toList(first, true);
  const second = await readOnce(token, report);
  const isSame =
    second.byId.size === first.byId.size && [...second.byId.keys()].every((id) => first.byId.has(id));
  return toList(second, second.ended && (second.addsUp || isSame));
}

type Reading = {
  byId: Map<number, GitHubRepository>;
  odd: OddItem[];
  /** Whether the pages came to an end by themselves. */
  ended: boolean;
  /** Whether they did, and hold as many items as GitHub counts. */
  addsUp: boolean;
};

function toList({ byId, odd }: Reading, isWhole: boolean): RepositoryList {
  return { repositories: [...byId.values()], odd, isWhole };
}

type OnePage = { total: number | undefined; items: unknown[]; link: string | undefined };

async function readPage({ token, installationId }: InstallationToken, page: number): Promise<OnePage> {
  const { data, status, headers } = await callGitHub({ as: 'installation', token, installationId }, ROUTE, {
    per_page: PER_PAGE,
    page,
  });
  const parsed = Page.safeParse(data);
  if (!parsed.success) throw unexpectedAnswer(ROUTE, status);
  const { total_count: total, repositories: items } = parsed.data;
  return { total, items, link: headers.link };
}

/**
 * The first page tells how many there are, and the others are read in parallel. Where the list really ends, its links
 * tell.
 */
async function readOnce(token: InstallationToken, report: (progress: Progress) => void): Promise<Reading> {
  const reading: Reading = { byId: new Map(), odd: [], ended: false, addsUp: true };
  const keys = new Set<unknown>();
  const take = ({ total, items }: OnePage): number => {
    const before = keys.size;
    const { read, odd } = readItems(ROUTE, items, RepositoryAnswer);
    for (const key of keysOf(items)) keys.add(key);
    for (const repository of read) reading.byId.set(repository.id, repository);
    reading.odd.push(...odd);
    if (total !== first.total) reading.addsUp = false;
    return keys.size - before;
  };
  /** A gateway may drop the links; then a list goes on until it holds what GitHub counts, or a page is empty. */
  const isLast = ({ items, link }: OnePage): boolean =>
    !hasNext(link, items.length) &&
    (link !== undefined || items.length === 0 || keys.size >= (first.total ?? 0));
  const first = await readPage(token, 1);
  take(first);
  const isOnly = isLast(first);
  const progress = () =>
    report({ read: reading.byId.size, total: Math.max(first.total ?? 0, reading.byId.size) });
  let last = isOnly ? 1 : Math.min(Math.ceil((first.total ?? 0) / PER_PAGE), MAX_PAGES);
  let lastSaysNext = !isOnly && last <= 1;
  let next = 2;
  const reader = async () => {
    while (next <= last) {
      const number = next++;
      const page = await readPage(token, number);
      take(page);
      if (isLast(page)) last = Math.min(last, number);
      else if (number === last) lastSaysNext = true;
      progress();
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_PAGES }, reader));
  reading.ended = !lastSaysNext || (await followLinks());
  reading.addsUp &&= reading.ended && (first.total === undefined || keys.size === first.total);
  return reading;

  /** Beyond what the count promised. @returns whether the list came to an end */
  async function followLinks(): Promise<boolean> {
    const endless = new EndlessList(ROUTE);
    for (let number = Math.max(last, 1) + 1; ; number++) {
      const page = await readPage(token, number);
      const fresh = take(page);
      progress();
      if (isLast(page)) return true;
      if (endless.isEndless(number, fresh)) return false;
    }
  }
}
