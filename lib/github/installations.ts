import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';
import { type OddItem, readItems, StorableText } from './odd-items';
import { PER_PAGE, readPages } from './pages';

/** An installation as GitHub describes it to the App: the only description that we believe (C21). */
export type GitHubInstallation = {
  id: number;
  account: {
    id: number;
    login: string;
    type: string;
    /** `false`: GitHub does not name the account now. `login` is made up then, and proves and renames nothing. */
    isNamed: boolean;
  };
  repositorySelection: 'all' | 'selected';
  suspendedAt: Date | null;
  /** By GitHub's clock; `null` if GitHub does not tell. */
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

/** Long ago: a suspension that GitHub dates in a way we cannot read is one all the same. */
const UNKNOWN_TIME = new Date(0);

export const InstallationAnswer = z
  .object({
    id: z.int(),
    account: Account.nullish().catch(null),
    target_id: z.int().nullish().catch(null),
    target_type: StorableText.nullish().catch(null),
    /** A value that we do not know is the narrower one: it promises nothing. */
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

/** @throws {GitHubError} `not_found`: uninstalled, or another App's */
export async function getInstallation(id: number): Promise<GitHubInstallation> {
  const route = 'GET /app/installations/{installation_id}';
  const { data, status } = await callGitHub({ as: 'app' }, route, { installation_id: id });
  const parsed = InstallationAnswer.safeParse(data);
  if (!parsed.success || parsed.data.id !== id) throw unexpectedAnswer(route, status);
  return parsed.data;
}

/** Every installation of the App. */
export type InstallationList = {
  installations: GitHubInstallation[];
  odd: OddItem[];
  /** Whether absence from the list says anything. */
  isWhole: boolean;
};

/** @throws {GitHubError} */
export async function listInstallations(): Promise<InstallationList> {
  const route = 'GET /app/installations';
  const byId = new Map<number, GitHubInstallation>();
  const odd: OddItem[] = [];
  const isWhole = await readPages(route, async (page) => {
    const { data, status, headers } = await callGitHub({ as: 'app' }, route, { per_page: PER_PAGE, page });
    if (!Array.isArray(data)) throw unexpectedAnswer(route, status);
    const items = readItems(route, data, InstallationAnswer);
    for (const installation of items.read) byId.set(installation.id, installation);
    odd.push(...items.odd);
    return { keys: keysOf(data), link: headers.link };
  });
  return { installations: [...byId.values()], odd, isWhole };
}

/** An item without an id is a key of its own: it is new on every page. */
export function keysOf(items: readonly unknown[]): unknown[] {
  return items.map((item) => (item as { id?: unknown } | null)?.id ?? item);
}

/** Uninstalls the App from the account. @throws {GitHubError} `not_found`: it was uninstalled already */
export async function deleteInstallation(id: number): Promise<void> {
  await callGitHub({ as: 'app' }, 'DELETE /app/installations/{installation_id}', { installation_id: id });
}
