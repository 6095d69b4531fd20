import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import { type ListPage, type OddItem, PER_PAGE, readItems, readPages } from './pages';
import type { InstallationToken } from './tokens';

/** An installation as GitHub's API returns it. */
export type GitHubInstallation = {
  id: number;
  account: {
    id: number;
    login: string;
    type: string;
    /**
     * `false` if GitHub omitted the account's name, in which case `login` is a placeholder. A placeholder must not
     * prove ownership or overwrite a stored name.
     */
    isNamed: boolean;
  };
  repositorySelection: 'all' | 'selected';
  suspendedAt: Date | null;
  /** When the installation was created, by GitHub's clock; `null` if GitHub omits the time. */
  createdAt: Date | null;
};

/** True if PostgreSQL can store the text. A NUL or an unpaired surrogate would make the whole write fail. */
const isStorable = (text: string) => !text.includes('\u0000') && text.isWellFormed();

/** A name that PostgreSQL can store and index. GitHub's own names have at most 100 characters. */
export const StorableText = z.string().min(1).max(200).refine(isStorable);
export const StorableUrl = z.string().min(1).max(2000).refine(isStorable);

/** Enterprise accounts have a `slug` instead of a `login`. */
const Account = z
  .object({
    id: z.int(),
    login: StorableText.optional(),
    slug: StorableText.optional(),
    type: StorableText.default('Enterprise'),
  })
  .transform(({ id, login, slug, type }) => {
    const name = login ?? slug;
    return { id, login: name ?? placeholder(id), type, isNamed: name !== undefined };
  });

const placeholder = (id: number) => `account-${id}`;

const time = (text: string | null | undefined) => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : new Date(ms);
};

/** Stands in for an unreadable suspension date, so that the installation still counts as suspended. */
const UNKNOWN_TIME = new Date(0);

export const InstallationAnswer = z
  .object({
    id: z.int(),
    account: Account.nullish().catch(null),
    target_id: z.int().nullish().catch(null),
    target_type: StorableText.nullish().catch(null),
    /** An unknown value counts as `selected`, which is the narrower selection. */
    repository_selection: z.enum(['all', 'selected']).catch('selected'),
    suspended_at: z.unknown().optional(),
    created_at: z.string().nullish().catch(null),
  })
  .transform((answer, context): GitHubInstallation => {
    const { target_id: id, target_type: type, suspended_at: suspended } = answer;
    const unnamed = id && { id, login: placeholder(id), type: type ?? 'Enterprise', isNamed: false };
    const account = answer.account ?? unnamed;
    if (!account) {
      context.addIssue({ code: 'custom', path: ['account'], message: 'neither an account nor a target' });
      return z.NEVER;
    }
    const isSuspended = suspended !== null && suspended !== undefined;
    return {
      id: answer.id,
      account,
      repositorySelection: answer.repository_selection,
      suspendedAt: isSuspended ? (time(String(suspended)) ?? UNKNOWN_TIME) : null,
      createdAt: time(answer.created_at),
    };
  });

/**
 * Reads one installation.
 *
 * @throws {GitHubError} `not_found` if it is uninstalled or belongs to another App
 */
export async function getInstallation(id: number): Promise<GitHubInstallation> {
  const route = 'GET /app/installations/{installation_id}';
  const { data, status } = await callGitHub({ as: 'app' }, route, { installation_id: id });
  const parsed = InstallationAnswer.safeParse(data);
  if (!parsed.success || parsed.data.id !== id) throw unexpectedAnswer(route, status);
  return parsed.data;
}

/** All installations that GitHub lists. */
export type InstallationList = {
  installations: GitHubInstallation[];
  odd: OddItem[];
  /** True if the whole list was read. Otherwise, an installation missing from it must not count as uninstalled. */
  isWhole: boolean;
};

/**
 * Lists all installations of the App.
 *
 * @throws {GitHubError}
 */
export async function listInstallations(): Promise<InstallationList> {
  const route = 'GET /app/installations';
  const byId = new Map<number, GitHubInstallation>();
  const odd: OddItem[] = [];
  const { ended: isWhole } = await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    const items = readItems(route, data, InstallationAnswer);
    for (const installation of items.read) byId.set(installation.id, installation);
    odd.push(...items.odd);
    return { items: data, link: headers.link };
  });
  return { installations: [...byId.values()], odd, isWhole };
}

/**
 * Uninstalls the App from the account.
 *
 * @throws {GitHubError} `not_found` if the App is no longer installed
 */
export async function deleteInstallation(id: number): Promise<void> {
  await callGitHub({ as: 'app' }, 'DELETE /app/installations/{installation_id}', { installation_id: id });
}

/**
 * A member's request that the organization's owners install the App. It stays open until an owner approves or declines
 * it.
 */
export type InstallationRequest = {
  account: { id: number; login: string };
  requesterId: number;
  createdAt: Date;
};

const RequestItem = z
  .object({
    account: z.object({ id: z.int(), login: StorableText.optional(), slug: StorableText.optional() }),
    requester: z.object({ id: z.int() }),
    created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  })
  .transform(
    ({ account, requester, created_at }): InstallationRequest => ({
      account: { id: account.id, login: account.login ?? account.slug ?? `account-${account.id}` },
      requesterId: requester.id,
      createdAt: new Date(created_at),
    }),
  );

/**
 * Lists the open requests to install the App.
 *
 * @throws {GitHubError}
 * @see https://docs.github.com/en/rest/apps/apps#list-installation-requests-for-the-authenticated-app
 */
export async function listInstallationRequests(): Promise<InstallationRequest[]> {
  const route = 'GET /app/installation-requests';
  const found: InstallationRequest[] = [];
  await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    found.push(...readItems(route, data, RequestItem).read);
    return { items: data, link: headers.link };
  });
  return found;
}

/** A repository, reduced to the fields that the app keeps. */
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

/** One page of repositories. Treat `total_count` as a hint, because it can be missing or wrong. */
const RepositoriesPage = z.object({
  total_count: z.int().nonnegative().optional().catch(undefined),
  repositories: z.array(z.unknown()),
});

const REPOSITORIES_ROUTE = 'GET /installation/repositories';
/** Pages to read concurrently: a small share of the 100 concurrent requests that GitHub allows. */
const PARALLEL_PAGES = 8;

/** The number of repositories read so far, and GitHub's count of all of them. */
export type Progress = { read: number; total: number };

/** The repositories that the account shares with the App, as GitHub lists them. */
export type RepositoryList = {
  repositories: GitHubRepository[];
  /** Items that can't be read. GitHub still shares these repositories, but the app can't use them. */
  odd: OddItem[];
  /**
   * True if the list is complete. If it never ended, or changed while it was being read, a repository missing from it
   * may still be shared.
   */
  isWhole: boolean;
};

/**
 * Lists all repositories that the token can read. If the pages don't add up to GitHub's count, the list is read again.
 * If both readings are equal, the count is wrong and we trust the pages. If they differ, the list is changing, so a
 * repository missing from it may still be shared.
 *
 * @param report called after each page
 * @throws {GitHubError}
 */
export async function listInstallationRepositories(
  token: InstallationToken,
  report: (progress: Progress) => void = () => {},
): Promise<RepositoryList> {
  const first = await readRepositoriesOnce(token, report);
  if (first.addsUp) return toList(first, true);
  const second = await readRepositoriesOnce(token, report);
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

async function readRepositoriesOnce(
  { token, installationId }: InstallationToken,
  report: (progress: Progress) => void,
): Promise<Reading> {
  const byId = new Map<number, GitHubRepository>();
  const odd: OddItem[] = [];
  const credential = { as: 'installation', token, installationId } as const;
  const readPage = async (page: number): Promise<ListPage> => {
    const { data, status, headers } = await callGitHub(credential, REPOSITORIES_ROUTE, {
      per_page: PER_PAGE,
      page,
    });
    const parsed = RepositoriesPage.safeParse(data);
    if (!parsed.success) throw unexpectedAnswer(REPOSITORIES_ROUTE, status);
    const { total_count: total, repositories: items } = parsed.data;
    const listed = readItems(REPOSITORIES_ROUTE, items, RepositoryAnswer);
    for (const repository of listed.read) byId.set(repository.id, repository);
    odd.push(...listed.odd);
    report({ read: byId.size, total: Math.max(total ?? 0, byId.size) });
    return { items, link: headers.link, total };
  };
  return { byId, odd, ...(await readPages(REPOSITORIES_ROUTE, readPage, PARALLEL_PAGES)) };
}
