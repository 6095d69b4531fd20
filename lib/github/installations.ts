import { z } from 'zod';
import { identifyApp } from './app-info';
import { callGitHub, unexpectedAnswer } from './client';
import { GitHubError } from './errors';
import { type OddItem, PER_PAGE, readItems, readPages, StorableText } from './pages';

/** An installation as GitHub describes it to the App. No other description is believed. */
export type GitHubInstallation = {
  id: number;
  account: {
    id: number;
    login: string;
    type: string;
    /** `false` if GitHub does not name the account now. `login` is then a placeholder, and proves and renames nothing. */
    isNamed: boolean;
  };
  repositorySelection: 'all' | 'selected';
  suspendedAt: Date | null;
  /** By GitHub's clock; `null` if GitHub omits it. */
  createdAt: Date | null;
};

/** An enterprise account has a `slug` where others have a `login`. */
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

/** The time of a suspension whose date cannot be read. */
const UNKNOWN_TIME = new Date(0);

export const InstallationAnswer = z
  .object({
    id: z.int(),
    account: Account.nullish().catch(null),
    target_id: z.int().nullish().catch(null),
    target_type: StorableText.nullish().catch(null),
    /** An unknown value counts as the narrower one. */
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

/** Reads one installation. @throws {GitHubError} `not_found`: uninstalled, or another App's */
export async function getInstallation(id: number): Promise<GitHubInstallation> {
  const route = 'GET /app/installations/{installation_id}';
  const { data, status } = await callGitHub({ as: 'app' }, route, { installation_id: id });
  const parsed = InstallationAnswer.safeParse(data);
  if (!parsed.success || parsed.data.id !== id) throw unexpectedAnswer(route, status);
  return parsed.data;
}

/** Every installation that GitHub lists. */
export type InstallationList = {
  installations: GitHubInstallation[];
  odd: OddItem[];
  /** Whether absence from the list proves anything. */
  isWhole: boolean;
};

/** Lists every installation of the App. @throws {GitHubError} */
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

/** Uninstalls the App from the account. @throws {GitHubError} `not_found`: it was uninstalled already */
export async function deleteInstallation(id: number): Promise<void> {
  await callGitHub({ as: 'app' }, 'DELETE /app/installations/{installation_id}', { installation_id: id });
}

/** Reads the id alone, because an installation with an unreadable account still exists. */
const WithId = z.object({ id: z.union([z.int(), z.bigint()]) });

/**
 * Returns whether the installation's own route still shows it to the App.
 *
 * @throws {GitHubError} without a clear response, or after a 404 of a server that does not identify us as this App
 */
export async function isInstallationShown(id: number): Promise<boolean> {
  const route = 'GET /app/installations/{installation_id}';
  try {
    const { data, status } = await callGitHub({ as: 'app' }, route, { installation_id: id });
    if (WithId.safeParse(data).data?.id !== id) throw unexpectedAnswer(route, status);
    return true;
  } catch (error) {
    if (!(error instanceof GitHubError && error.kind === 'not_found')) throw error;
    if ((await identifyApp()) !== 'ours') throw error;
    return false;
  }
}

/** Lists the ids of every installation, also if its other fields are unreadable. @throws {GitHubError} */
export async function listShownIds(): Promise<Set<number>> {
  const route = 'GET /app/installations';
  const ids = new Set<number>();
  const { ended } = await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    for (const item of data) {
      // Absence from the list ends an installation, and this item may be any of them.
      const { data: shown } = WithId.safeParse(item);
      if (shown === undefined) throw unexpectedAnswer(route, status);
      if (typeof shown.id === 'number') ids.add(shown.id);
    }
    return { items: data, link: headers.link };
  });
  if (!ended) throw unexpectedAnswer(route, 200);
  return ids;
}

/** A request to an organization's owners to install the App. Their approval or refusal ends it. */
export type InstallationRequest = {
  account: { id: number; login: string };
  requesterId: number;
  createdAt: Date;
};

const Item = z
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
 * Lists the open requests for an installation.
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
    found.push(...readItems(route, data, Item).read);
    return { items: data, link: headers.link };
  });
  return found;
}
