import { z } from 'zod';
import type { RepositoryChoice, RepositoryChoices } from '@/components/repositories/repository-scope';
import { MAX_REPOSITORIES_PER_TOKEN } from '@/lib/contract/mint';
import { GitHubIdParam, searchText } from '@/lib/contract/pagination';
import { failureOf } from '@/lib/http/failure';
import { listRepositories } from '@/lib/installation/list-repositories';
import { Problem } from '@/lib/problem';

const SHOWN = 20;

/** Ids of the ticked repositories. Anything that isn't an id is ignored. */
const Chosen = z
  .preprocess((sent) => [sent ?? []].flat(), z.array(z.unknown()))
  .transform((ids) => ids.flatMap((id) => GitHubIdParam.safeParse(id).data ?? []));

/** Returns the ids of a URL, each once and at most as many as a key may be restricted to. */
export const chosenIds = (sent: unknown): number[] =>
  [...new Set(Chosen.parse(sent))].slice(0, MAX_REPOSITORIES_PER_TOKEN);

const Search = z.string().catch('').transform(searchText);

/** The fields of a form with a {@link RepositoryScope}. */
export const RepositoryScopeFields = z.object({
  /** Anything but an explicit `all` selects repositories, so a lost field never widens access. */
  scope: z.enum(['all', 'selected']).catch('selected'),
  repositories: Chosen,
});

/**
 * Returns the ids that the form restricts to, or `null` if it doesn't restrict.
 *
 * @throws {Problem} `invalid_request` for an empty selection and for one that is too long
 */
export function chosenRepositories({
  scope,
  repositories,
}: z.output<typeof RepositoryScopeFields>): number[] | null {
  if (scope === 'all') return null;
  if (repositories.length === 0) throw wrongChoice('Choose at least one repository, or all repositories.');
  if (repositories.length > MAX_REPOSITORIES_PER_TOKEN)
    throw wrongChoice(`Choose at most ${MAX_REPOSITORIES_PER_TOKEN} repositories.`);
  return repositories;
}

/** Says in the form that a chosen repository is no longer shared. Rethrows every other error. */
export function explainNotShared(error: unknown): never {
  if (!(error instanceof Problem) || error.code !== 'repository_not_accessible') throw error;
  throw wrongChoice('Some of these are no longer shared, or their installation is suspended.');
}

const wrongChoice = (message: string) =>
  new Problem('invalid_request', message, { errors: [{ path: 'repositories', message }] });

/**
 * Searches repositories and keeps the ticked ones. If the search fails in an expected way, such as by a rate limit, the
 * form keeps its repositories and says why.
 *
 * @throws any unexpected error
 */
export async function withRepositoryChoices<S extends RepositoryChoices & { problem: string | null }>(
  state: S,
  by: { workspaceId: string },
  { repositories, q }: Record<string, unknown>,
): Promise<S> {
  const chosen = Chosen.parse(repositories);
  try {
    const found = await repositoryChoices(by.workspaceId, Search.parse(q), chosen);
    return {
      ...state,
      ...found,
      choices: [...notShared(state.choices ?? [], chosen, found), ...found.choices],
    };
  } catch (error) {
    const { problem } = failureOf(error);
    const choices = state.choices.map((choice) => ({ ...choice, chosen: chosen.includes(choice.id) }));
    return { ...state, choices, problem: state.problem ?? problem.message };
  }
}

/** Returns the ticked repositories that are no longer shared, so that the user decides whether to untick them. */
function notShared(before: RepositoryChoice[], chosen: number[], { choices }: RepositoryChoices) {
  const shared = new Set(choices.map(({ id }) => id));
  return before
    .filter(({ id }) => chosen.includes(id) && !shared.has(id))
    .map((choice) => ({ ...choice, chosen: true }));
}

/** Returns the choices for something that is restricted to these repositories already, shared or not. */
export async function choicesWithGranted(
  workspaceId: string,
  granted: readonly { id: number; full_name: string | null }[],
): Promise<RepositoryChoices> {
  const chosen = granted.map(({ id }) => id);
  const found = await repositoryChoices(workspaceId, '', chosen);
  const named = granted.map(({ id, full_name }) => ({
    id,
    full_name: `${full_name ?? `Repository ${id}`} (no longer shared)`,
    chosen: true,
  }));
  return { ...found, choices: [...notShared(named, chosen, found), ...found.choices] };
}

/** Lists the chosen repositories that are still shared, followed by the results of the search. */
export async function repositoryChoices(
  workspaceId: string,
  q: string,
  chosenIds: number[],
): Promise<RepositoryChoices> {
  const [chosen, found] = await Promise.all([
    listChosen(workspaceId, chosenIds.slice(0, MAX_REPOSITORIES_PER_TOKEN)),
    listRepositories({ workspaceId, repositoryIds: null }, { q, limit: SHOWN }),
  ]);
  const known = new Set(chosen.map(({ id }) => id));
  return {
    choices: [
      ...chosen,
      ...found.data
        .filter(({ id }) => !known.has(id))
        .map(({ id, full_name }) => ({ id, full_name, chosen: false })),
    ],
    more: found.next_cursor !== null,
  };
}

async function listChosen(workspaceId: string, repositoryIds: number[]): Promise<RepositoryChoice[]> {
  const chosen: RepositoryChoice[] = [];
  if (repositoryIds.length === 0) return chosen;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listRepositories(
      { workspaceId, repositoryIds },
      { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
    );
    chosen.push(...page.data.map(({ id, full_name }) => ({ id, full_name, chosen: true })));
    cursor = page.next_cursor;
  }
  // For a while after a transfer, two installations share a repository.
  return [...new Map(chosen.map((choice) => [choice.id, choice])).values()];
}
