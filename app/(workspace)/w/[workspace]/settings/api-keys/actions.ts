'use server';

import { z } from 'zod';
import type { CreateKeyState } from '@/components/api-keys/create-key-form';
import type { RotateKeyState } from '@/components/api-keys/rotate-key-form';
import { formatUtc } from '@/components/ui/format-time';
import { createApiKey, revokeApiKey, rotateApiKey } from '@/lib/api-keys/manage';
import { ApiKeyParams, CreateApiKey, RotateApiKey } from '@/lib/contract/api-keys';
import { action, formAction } from '@/lib/http/action';
import { hrefWith } from '@/lib/http/href-with';
import { parseInput } from '@/lib/http/request';
import {
  chosenRepositories,
  explainNotShared,
  RepositoryScopeFields,
  withRepositoryChoices,
} from '../repository-choices';
import { KEY_PAGE, type KeyNotice } from './notices';

const KeyForm = RepositoryScopeFields.extend({
  name: z.string().catch(''),
  expiry: z.string().catch(''),
  intent: z.enum(['search', 'create']).catch('create'),
});

/** Searches the repositories, or creates the key. The key is shown only in this action's response, and never again. */
export const createKey = formAction(
  { access: 'admin', input: KeyForm, again: withRepositoryChoices<CreateKeyState> },
  async ({ by, input, before }) => {
    // The form was submitted twice. Don't create a second key: it would replace the first one on the page before anyone
    // could copy that.
    if (before.created !== null) return before;
    const { name, scope, expiry, intent } = input;
    // Pressing Enter triggers the form's first button, Search. Unless the user is selecting repositories, there is
    // nothing to search for, so create the key.
    if (intent === 'search' && scope === 'selected') return null;
    const wanted = parseInput(CreateApiKey, {
      name,
      ...(expiry === '' ? {} : { expires_in: expiry }),
      repositories: chosenRepositories(input) ?? undefined,
    });
    const created = await createApiKey(by, wanted).catch(explainNotShared);
    return { ...before, created: { name: created.name, key: created.key, note: '' } };
  },
);

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
