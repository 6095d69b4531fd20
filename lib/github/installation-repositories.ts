import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import type { InstallationToken } from './installation-token';

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
    name: z.string(),
    owner: z.object({ login: z.string() }),
    clone_url: z.string(),
    default_branch: z.string(),
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

const Page = z.object({ total_count: z.int(), repositories: z.array(RepositoryAnswer) });

const ROUTE = 'GET /installation/repositories';
const PER_PAGE = 100;
/** GitHub allows 100 requests at once in all; a sync takes a small part of that. */
const PARALLEL_PAGES = 8;

/** Repositories that were read so far, and how many GitHub says there are. */
export type Progress = { read: number; total: number };

/**
 * Every repository that the token reads. A list that changes under our hands is read once more, and then refused, so
 * that a sync never stores half of one.
 *
 * @param report called after each page
 * @throws {GitHubError}
 */
export async function listInstallationRepositories(
  token: InstallationToken,
  report: (progress: Progress) => void = () => {},
): Promise<GitHubRepository[]> {
  const repositories = (await readOnce(token, report)) ?? (await readOnce(token, report));
  if (repositories === undefined) throw unexpectedAnswer(ROUTE, 200);
  return repositories;
}

async function readPage(
  { token, installationId }: InstallationToken,
  page: number,
): Promise<z.output<typeof Page>> {
  const { data, status } = await callGitHub({ as: 'installation', token, installationId }, ROUTE, {
    per_page: PER_PAGE,
    page,
  });
  const parsed = Page.safeParse(data);
  if (!parsed.success) throw unexpectedAnswer(ROUTE, status);
  return parsed.data;
}

/**
 * The first page tells how many there are, the others are read in parallel.
 *
 * @returns `undefined` if the pages do not belong to one list
 */
async function readOnce(
  token: InstallationToken,
  report: (progress: Progress) => void,
): Promise<GitHubRepository[] | undefined> {
  const first = await readPage(token, 1);
  const byId = new Map(first.repositories.map((repository) => [repository.id, repository]));
  const pageCount = Math.ceil(first.total_count / PER_PAGE);
  const remaining = Array.from({ length: Math.max(0, pageCount - 1) }, (_, index) => index + 2);
  let isOneList = true;
  const reader = async () => {
    for (let page = remaining.shift(); page !== undefined && isOneList; page = remaining.shift()) {
      const { total_count, repositories } = await readPage(token, page);
      if (total_count !== first.total_count) isOneList = false;
      for (const repository of repositories) byId.set(repository.id, repository);
      report({ read: byId.size, total: first.total_count });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_PAGES }, reader));
  return isOneList && byId.size === first.total_count ? [...byId.values()] : undefined;
}
