import type { CreateKeyState, RepositoryChoice } from '@/components/api-keys/create-key-form';
import { MAX_REPOSITORIES_PER_TOKEN } from '@/lib/contract/mint';
import { listRepositories } from '@/lib/installation/list-repositories';

const SHOWN = 20;

export const EXPIRIES = [
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: '365d', label: '1 year' },
  { value: '', label: 'Never' },
] as const;

/** Lists the chosen repositories that are still shared, followed by the results of the search. */
export async function repositoryChoices(
  workspaceId: string,
  q: string,
  chosenIds: number[],
): Promise<{ choices: RepositoryChoice[]; more: boolean }> {
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
  return chosen;
}

/** Returns the initial form: a key that can read every shared repository and expires after 90 days. */
export async function emptyForm(workspaceId: string): Promise<CreateKeyState> {
  return {
    created: null,
    values: { name: '', scope: 'all', expiry: '90d', q: '' },
    ...(await repositoryChoices(workspaceId, '', [])),
    errors: {},
    problem: null,
  };
}
