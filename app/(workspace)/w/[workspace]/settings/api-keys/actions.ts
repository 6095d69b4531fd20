'use server';

import { z } from 'zod';
import type { CreateKeyState } from '@/components/api-keys/create-key-form';
import type { RotateKeyState } from '@/components/api-keys/rotate-key-form';
import { formatUtc } from '@/components/ui/format-time';
import { createApiKey, revokeApiKey, rotateApiKey } from '@/lib/api-keys/manage';
import { ApiKeyParams, CreateApiKey, RotateApiKey } from '@/lib/contract/api-keys';
import { MAX_REPOSITORIES_PER_TOKEN } from '@/lib/contract/mint';
import { GitHubIdParam, searchText } from '@/lib/contract/pagination';
import { action, formAction } from '@/lib/http/action';
import { failureOf } from '@/lib/http/failure';
import { hrefWith } from '@/lib/http/href-with';
import { parseInput } from '@/lib/http/request';
import { Problem } from '@/lib/problem';
import { repositoryChoices } from './choices';
import { KEY_PAGE, type KeyNotice } from './notices';

/** Ids of the ticked repositories. Anything that isn't an id is ignored. */
const Chosen = z
  .preprocess((sent) => [sent ?? []].flat(), z.array(z.unknown()))
  .transform((ids) => ids.flatMap((id) => GitHubIdParam.safeParse(id).data ?? []));

const Search = z.string().catch('').transform(searchText);

const KeyForm = z.object({
  name: z.string().catch(''),
  scope: z.enum(['all', 'selected']).catch('all'),
  expiry: z.string().catch(''),
  intent: z.enum(['search', 'create']).catch('create'),
  repositories: Chosen,
});

/** Searches the repositories, or creates the key. The key is shown only in this action's response, and never again. */
export const createKey = formAction(
  { access: 'admin', input: KeyForm, again: withChoices },
  async ({ by, input, before }) => {
    // The form was submitted twice. Don't create a second key: it would replace the first one on the page before anyone
    // could copy that.
    if (before.created !== null) return before;
    const { name, scope, expiry, intent, repositories } = input;
    // Pressing Enter triggers the form's first button, Search. Unless the user is selecting repositories, there is
    // nothing to search for, so create the key.
    if (intent === 'search' && scope === 'selected') return null;
    const wanted = parseInput(CreateApiKey, {
      name,
      ...(expiry === '' ? {} : { expires_in: expiry }),
      ...(scope === 'selected' ? { repositories: fewEnough(repositories) } : {}),
    });
    const created = await createApiKey(by, wanted).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.code !== 'repository_not_accessible') throw error;
      throw wrongChoice('Some of these are not shared any more, or their installation is suspended.');
    });
    return { ...before, created: { name: created.name, key: created.key, note: '' } };
  },
);

function fewEnough(repositories: number[]): number[] {
  if (repositories.length === 0) throw wrongChoice('Choose at least one repository, or all of them.');
  if (repositories.length > MAX_REPOSITORIES_PER_TOKEN)
    throw wrongChoice(`A key can be bound to at most ${MAX_REPOSITORIES_PER_TOKEN} repositories.`);
  return repositories;
}

const wrongChoice = (message: string) =>
  new Problem('invalid_request', message, { errors: [{ path: 'repositories', message }] });

/**
 * Searches repositories and keeps the ticked ones. If the search fails in an expected way, such as by a rate limit, the
 * form keeps its repositories and says why.
 *
 * @throws any unexpected error
 */
async function withChoices(
  state: CreateKeyState,
  by: { workspaceId: string },
  { repositories, q }: Record<string, unknown>,
): Promise<CreateKeyState> {
  const chosen = Chosen.parse(repositories);
  try {
    return { ...state, ...(await repositoryChoices(by.workspaceId, Search.parse(q), chosen)) };
  } catch (error) {
    const { problem } = failureOf(error);
    const choices = state.choices.map((choice) => ({ ...choice, chosen: chosen.includes(choice.id) }));
    return { ...state, choices, problem: state.problem ?? problem.message };
  }
}

/** Creates a key's successor, and sets when the old key expires. */
export const rotateKey = formAction(
  {
    access: 'admin',
    input: z.object({ id: z.string(), overlap: RotateApiKey.shape.overlap.unwrap() }),
    invalid: 'Choose how long the old key keeps working.',
    refused: ({ code }) =>
      code === 'invalid_request' || code === 'not_found'
        ? 'This key has ended meanwhile. Create a new one.'
        : undefined,
  },
  async ({ by, input: { id, overlap }, before }): Promise<RotateKeyState> => {
    // The form was submitted twice. Keep showing the first new key, because the old one may no longer work.
    if (before.created !== null) return before;
    const { name, key } = await rotateApiKey(by, id, { overlap });
    const end = formatUtc(new Date(Date.now() + overlap).toISOString());
    const note = overlap === 0 ? 'The old key has ended.' : `The old key works until ${end} at the latest.`;
    return { created: { name, key, note }, problem: null };
  },
);

/** Revokes a key immediately, provided that the user ticked the confirmation box. */
export const revokeKey = action(
  {
    access: 'admin',
    page: KEY_PAGE,
    input: ApiKeyParams.extend({ confirmed: z.string().optional() }),
    invalid: 'gone',
  },
  async ({ by, input: { id, confirmed }, pageHref }) => {
    if (confirmed !== 'yes')
      return hrefWith(`${pageHref}/${id}`, { notice: 'unconfirmed' satisfies KeyNotice });
    await revokeApiKey(by, id);
    return { notice: 'revoked' };
  },
);
