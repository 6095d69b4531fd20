'use server';

import { redirect } from 'next/navigation';
import { type Failure, failureOf } from '@/app/failures';
import { asForm, formText } from '@/app/form-text';
import { hrefWith } from '@/app/search-params';
import type { CreateKeyState } from '@/components/api-keys/create-key-form';
import type { NewKeyView } from '@/components/api-keys/new-key';
import type { RotateKeyState } from '@/components/api-keys/rotate-key-form';
import { formatUtc } from '@/components/ui/format-utc';
import { createApiKey, revokeApiKey, rotateApiKey } from '@/lib/api-keys/manage';
import { CreateApiKey, type CreatedApiKey, RotateApiKey } from '@/lib/contract/api-keys';
import { GitHubIdParam } from '@/lib/contract/pagination';
import { actingAdmin } from '../../acting-admin';
import { repositoryChoices } from './choices';
import type { KeyNotice } from './notices';

const PAGE = '/settings/api-keys';

type FormErrors = Extract<CreateKeyState, { step: 'form' }>['errors'];

/** Searches among the repositories, or makes the key: then the answer holds it, the only time that anything does. */
export async function createKey(
  slug: string,
  before: CreateKeyState,
  form: FormData,
): Promise<CreateKeyState> {
  const by = await actingAdmin(slug, PAGE);
  // Sent twice: a second key would take the first one's place before anybody has copied it.
  if (before.step === 'created') return before;
  const scope = formText(form, 'scope') === 'selected' ? 'selected' : 'all';
  const values = {
    name: formText(form, 'name'),
    scope,
    expiry: formText(form, 'expiry'),
    q: formText(form, 'q').slice(0, 200),
  } as const;
  const chosen = asForm(form)
    .getAll('repositories')
    .flatMap((id) => GitHubIdParam.safeParse(id).data ?? []);
  const again = async (errors: FormErrors): Promise<CreateKeyState> => {
    try {
      const found = await repositoryChoices(by.workspaceId, values.q, chosen);
      return { step: 'form', values, ...found, errors };
    } catch (error) {
      const choices = before.choices.map((choice) => ({ ...choice, chosen: chosen.includes(choice.id) }));
      const form = failureOf(error).problem.message;
      return { ...before, values, choices, errors: { form, ...errors } };
    }
  };
  // With nothing to choose, Enter in a field creates the key.
  if (formText(form, 'intent') === 'search' && scope === 'selected') return again({});

  const wanted = CreateApiKey.safeParse({
    name: values.name,
    ...(scope === 'selected' ? { repositories: chosen } : {}),
    ...(values.expiry === '' ? {} : { expires_in: values.expiry }),
  });
  if (!wanted.success) {
    const wrong = (field: string) => wanted.error.issues.find(({ path }) => path[0] === field)?.message;
    return again({
      ...(wrong('name') ? { name: 'Give the key a name of at most 80 characters.' } : {}),
      ...(wrong('repositories') ? { repositories: repositoriesProblem(chosen.length) } : {}),
    });
  }
  try {
    return { step: 'created', created: shownOnce(await createApiKey(by, wanted.data), '') };
  } catch (error) {
    const { problem } = failureOf(error);
    if (problem.code !== 'repository_not_accessible') return again({ form: problem.message });
    return again({
      repositories: 'Some of these are not shared any more, or their installation is suspended.',
    });
  }
}

function repositoriesProblem(count: number): string {
  return count === 0
    ? 'Choose at least one repository, or all of them.'
    : 'A key can be bound to at most 500 repositories.';
}

/** Makes the successor and gives the old key its end. */
export async function rotateKey(
  slug: string,
  id: string,
  before: RotateKeyState,
  form: FormData,
): Promise<RotateKeyState> {
  const by = await actingAdmin(slug, PAGE);
  // Sent twice: the old key has ended, and the new one must not be lost with it.
  if (before.created !== null) return before;
  const wanted = RotateApiKey.safeParse({ overlap: formText(form, 'overlap') });
  if (!wanted.success) return { created: null, problem: 'Choose how long the old key keeps working.' };
  try {
    const created = await rotateApiKey(by, id, wanted.data);
    const note =
      wanted.data.overlap === 0
        ? 'The old key has ended.'
        : `The old key works until ${formatUtc(new Date(Date.now() + wanted.data.overlap).toISOString())} at the latest.`;
    return { created: shownOnce(created, note), problem: null };
  } catch (error) {
    const { problem } = failureOf(error);
    const hasEnded = problem.code === 'invalid_request' || problem.code === 'not_found';
    return {
      created: null,
      problem: hasEnded ? 'This key has ended meanwhile. Create a new one.' : problem.message,
    };
  }
}

function shownOnce({ name, key }: CreatedApiKey, note: string): NewKeyView {
  return { name, key, note };
}

/** Ends a key at once, when the box was ticked. */
export async function revokeKey(slug: string, id: string, form: FormData): Promise<void> {
  const by = await actingAdmin(slug, PAGE);
  const back = (path: string, told: { notice: KeyNotice } | Failure['query']): never =>
    redirect(hrefWith(path, told));
  if (formText(form, 'confirmed') !== 'yes') back(`/w/${slug}${PAGE}/${id}`, { notice: 'unconfirmed' });
  try {
    await revokeApiKey(by, id);
  } catch (error) {
    back(`/w/${slug}${PAGE}`, failureOf(error).query);
  }
  back(`/w/${slug}${PAGE}`, { notice: 'revoked' });
}
