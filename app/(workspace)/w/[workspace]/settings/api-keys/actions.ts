'use server';

import { redirect } from 'next/navigation';
import { z } from 'zod';
import { countedQuery } from '@/app/counted-notice';
import type { CreateKeyState } from '@/components/api-keys/create-key-form';
import type { EditKeyState } from '@/components/api-keys/edit-key-form';
import type { RotateKeyState } from '@/components/api-keys/rotate-key-form';
import { formatUtc } from '@/components/ui/format-time';
import { createApiKey, revokeApiKey, revokeApiKeys, rotateApiKey } from '@/lib/api-keys/manage';
import { updateApiKey } from '@/lib/api-keys/update';
import { Network } from '@/lib/contract/addresses';
import { ApiKeyParams, CreateApiKey, RotateApiKey, UpdateApiKey } from '@/lib/contract/api-keys';
import { action, formAction } from '@/lib/http/action';
import { hrefWith } from '@/lib/http/href-with';
import { parseInput } from '@/lib/http/request';
import { Problem } from '@/lib/problem';
import { setApiKeysAllowed } from '@/lib/workspace/api-keys-allowed';
import { eventOf } from '@/lib/workspace/undo';
import { UndoFields, undo } from '../../undo';
import { KEPT_NAMES } from '../kept-fields';
import {
  chosenRepositories,
  explainNotShared,
  RepositoryScopeFields,
  withRepositoryChoices,
} from '../repository-choices';
import { SeveralFields } from '../several';
import { cloneCommands } from './clone-commands';
import { KEY_PAGE, type KeyNotice } from './notices';

/** The longest wrong entry that a message repeats. */
const MAX_SHOWN_CHARACTERS = 60;

/**
 * Splits the text of the field into networks.
 *
 * @throws {Problem} `invalid_request`, which names the first entry that is no network
 */
function networksOf(text: string): string[] {
  const entries = text.split(/[\s,]+/).filter(Boolean);
  for (const entry of entries) {
    const wrong = Network.safeParse(entry).error?.issues[0]?.message;
    if (wrong === undefined) continue;
    const message = `“${entry.slice(0, MAX_SHOWN_CHARACTERS)}” ${wrong}.`;
    throw new Problem('invalid_request', message, { errors: [{ path: 'networks', message }] });
  }
  return entries;
}

const KeyForm = RepositoryScopeFields.extend({
  name: z.string().catch(''),
  networks: z.string().catch(''),
  expiry: z.string().catch(''),
  intent: z.enum(['search', 'save']).catch('save'),
});

/** Searches the repositories, or creates the key. The key is shown only in this action's response, and never again. */
export const createKey = formAction(
  { access: 'admin', input: KeyForm, again: withRepositoryChoices<CreateKeyState> },
  async ({ by, input, before }) => {
    // The form was submitted twice. Don't create a second key: it would replace the first one on the page before anyone
    // could copy that.
    if (before.created !== null) return before;
    const { name, scope, networks, expiry, intent } = input;
    // Pressing Enter triggers the form's first button, Search. Unless the user is selecting repositories, there is
    // nothing to search for, so create the key.
    if (intent === 'search' && scope === 'selected') return null;
    const wanted = parseInput(CreateApiKey, {
      name,
      ...(expiry === '' ? {} : { expires_in: expiry }),
      repositories: chosenRepositories(input) ?? undefined,
      networks: networksOf(networks),
    });
    const created = await createApiKey(by, wanted).catch(explainNotShared);
    const commands = await cloneCommands(by.workspaceId, created.repositories);
    return { ...before, created: { name: created.name, key: created.key, note: '', commands } };
  },
);

/** Searches the repositories, or changes the key. */
export const editKey = formAction(
  {
    access: 'admin',
    input: RepositoryScopeFields.extend({
      id: ApiKeyParams.shape.id,
      name: z.string().catch(''),
      networks: z.string(),
      intent: z.enum(['search', 'save']).catch('save'),
    }),
    invalid: 'Reload the page, then make the change again.',
    refused: ({ code, errors }) =>
      code === 'not_found' || (code === 'invalid_request' && errors === undefined)
        ? 'This key has ended meanwhile. Create a new one.'
        : undefined,
    again: withRepositoryChoices<EditKeyState>,
  },
  async ({ by, input, workspaceHref }) => {
    const { id, name, networks, intent } = input;
    if (intent === 'search' && input.scope === 'selected') return null;
    const repositories = chosenRepositories(input);
    const wanted = parseInput(UpdateApiKey, { name, repositories, networks: networksOf(networks) });
    await updateApiKey(by, id, wanted).catch(explainNotShared);
    const notice: KeyNotice = 'updated';
    redirect(hrefWith(`${workspaceHref}${KEY_PAGE.path}/${id}`, { notice }));
  },
);

/** Forbids the workspace's API keys, or allows them again. */
export const allowKeys = action(
  { access: 'admin', page: KEY_PAGE, input: z.object({ allowed: z.enum(['yes', 'no']) }) },
  async ({ by, input: { allowed } }) => {
    const isAllowed = allowed === 'yes';
    await setApiKeysAllowed(by, isAllowed);
    const [notice, type] = isAllowed
      ? (['keys_allowed', 'workspace.api_keys_allowed'] as const)
      : (['keys_forbidden', 'workspace.api_keys_forbidden'] as const);
    return { notice, event: await eventOf(by, type) };
  },
);

export const undoAllowKeys = action({ access: 'admin', page: KEY_PAGE, input: UndoFields }, undo);

/** Creates a key's successor, and sets when the old key expires. It asks first if the old key is to end immediately. */
export const rotateKey = formAction(
  {
    access: 'admin',
    input: z.object({
      id: z.string(),
      overlap: RotateApiKey.shape.overlap.unwrap(),
      confirmed: z.string().optional(),
    }),
    invalid: 'Choose how long the old key keeps working.',
    refused: ({ code }) =>
      code === 'invalid_request' || code === 'not_found'
        ? 'This key has ended meanwhile. Create a new one.'
        : undefined,
  },
  async ({ by, input: { id, overlap, confirmed }, before }): Promise<RotateKeyState> => {
    // The form was submitted twice. Keep showing the first new key, because the old one may no longer work.
    if (before.created !== null) return before;
    if (overlap === 0 && confirmed !== 'yes') return { created: null, problem: null, asks: true };
    const { name, key, repositories } = await rotateApiKey(by, id, { overlap });
    const end = formatUtc(new Date(Date.now() + overlap).toISOString());
    const note = overlap === 0 ? 'The old key has ended.' : `The old key works until ${end} at the latest.`;
    const commands = await cloneCommands(by.workspaceId, repositories);
    return { created: { name, key, note, commands }, problem: null, asks: false };
  },
);

/** Revokes a key immediately, provided that the user confirmed it. */
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

/** Revokes the selected keys, provided that the user confirmed it. Returns to the same page of the list. */
export const revokeKeys = action(
  { access: 'admin', page: KEY_PAGE, input: SeveralFields, invalid: 'too_many_selected', keep: KEPT_NAMES },
  async ({ by, input: { id, confirmed, ...kept } }) => {
    if (confirmed !== 'yes') return { ...kept, notice: 'unconfirmed' };
    return { ...kept, ...countedQuery(await revokeApiKeys(by, id)) };
  },
);
