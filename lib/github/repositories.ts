import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import {
  type ListPage,
  type OddItem,
  PER_PAGE,
  readItems,
  readPages,
  StorableText,
  StorableUrl,
} from './pages';
import type { InstallationToken } from './tokens';

/** The only fields of a repository that are kept. */
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

/** One page. The count is a hint, which may be missing or never agree with the pages. */
const Page = z.object({
  total_count: z.int().nonnegative().optional().catch(undefined),
  repositories: z.array(z.unknown()),
});

const ROUTE = 'GET /installation/repositories';
/** A small share of the 100 concurrent requests that GitHub allows. */
const PARALLEL_PAGES = 8;

/** The repositories that were read so far, and the number that GitHub counts. */
export type Progress = { read: number; total: number };

/** The repositories that GitHub lists as shared. */
export type RepositoryList = {
  repositories: GitHubRepository[];
  /** Unreadable items. They are still shared, but unusable. */
  odd: OddItem[];
  /** Whether absence from the list proves anything. It does not if the list never ends or changed meanwhile. */
  isWhole: boolean;
};

/**
 * Lists every repository that the token reads. A list whose pages do not add up is read twice. If both readings agree,
 * the count is wrong and the pages are believed. If they differ, the list is changing, and absence proves nothing.
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
  ended: boolean;
  addsUp: boolean;
};

function toList({ byId, odd }: Reading, isWhole: boolean): RepositoryList {
  return { repositories: [...byId.values()], odd, isWhole };
}

async function readOnce(
  { token, installationId }: InstallationToken,
  report: (progress: Progress) => void,
): Promise<Reading> {
  const byId = new Map<number, GitHubRepository>();
  const odd: OddItem[] = [];
  const credential = { as: 'installation', token, installationId } as const;
  const readPage = async (page: number): Promise<ListPage> => {
    const { data, status, headers } = await callGitHub(credential, ROUTE, { per_page: PER_PAGE, page });
    const parsed = Page.safeParse(data);
    if (!parsed.success) throw unexpectedAnswer(ROUTE, status);
    const { total_count: total, repositories: items } = parsed.data;
    const listed = readItems(ROUTE, items, RepositoryAnswer);
    for (const repository of listed.read) byId.set(repository.id, repository);
    odd.push(...listed.odd);
    report({ read: byId.size, total: Math.max(total ?? 0, byId.size) });
    return { items, link: headers.link, total };
  };
  return { byId, odd, ...(await readPages(ROUTE, readPage, PARALLEL_PAGES)) };
}
