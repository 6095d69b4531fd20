'use server';

import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { failureOf } from '@/app/failures';
import { formText } from '@/app/form-text';
import { hrefWith } from '@/app/search-params';
import type { CreateWorkspaceState } from '@/components/first-run/create-workspace-form';
import { slugFromName } from '@/components/first-run/slug-from-name';
import { currentVerifiedEmail, requireUser } from '@/lib/auth/session';
import { CreateWorkspace } from '@/lib/contract/members';
import { requestContext } from '@/lib/http/request-context';
import { limitWork } from '@/lib/rate-limit/limiter';
import { createWorkspace } from '@/lib/workspace/create-workspace';
import { acceptInvitation } from '@/lib/workspace/invitations';

/** Makes the workspace and goes there, or says what is wrong with which field. */
export async function createFirstWorkspace(
  _before: CreateWorkspaceState,
  form: FormData,
): Promise<CreateWorkspaceState> {
  const actor = await requireUser();
  const values = { name: formText(form, 'name'), slug: formText(form, 'slug') };
  const parsed = CreateWorkspace.safeParse({
    name: values.name,
    slug: values.slug || slugFromName(values.name),
  });
  if (!parsed.success) return { values, errors: fieldErrors(parsed.error.issues), problem: null };

  let slug: string;
  try {
    const origin = requestContext({ headers: await headers() });
    await limitWork('new_workspace', actor.id);
    ({ slug } = await createWorkspace(parsed.data, actor.id, { actor, origin }));
  } catch (error) {
    const { problem } = failureOf(error);
    const issues = (problem.errors ?? []).map(({ path, message }) => ({ path: [path], message }));
    return { values, errors: fieldErrors(issues), problem: issues.length === 0 ? problem.message : null };
  }
  redirect(`/w/${slug}/settings/github`);
}

/** Joins a workspace that has invited the signed-in user. */
export async function acceptWaitingInvitation(form: FormData): Promise<void> {
  const actor = await requireUser();
  let slug: string;
  try {
    const origin = requestContext({ headers: await headers() });
    const { workspace } = await acceptInvitation(
      formText(form, 'invitation_id'),
      { actor, origin },
      await currentVerifiedEmail(),
    );
    slug = workspace.slug;
  } catch (error) {
    const { problem, query } = failureOf(error);
    if (problem.code === 'not_found') redirect('/new?invitation=gone');
    if (problem.code === 'unauthenticated') redirect('/new?invitation=verify');
    redirect(hrefWith('/new', query));
  }
  redirect(`/w/${slug}/settings/github`);
}

function fieldErrors(issues: { path: PropertyKey[]; message: string }[]): CreateWorkspaceState['errors'] {
  const errors: CreateWorkspaceState['errors'] = {};
  for (const { path, message } of issues) {
    if (path[0] === 'name') errors.name ??= 'Give the workspace a name of at most 80 characters.';
    if (path[0] === 'slug')
      errors.slug ??= message.startsWith('is ') ? `This address ${message}.` : `For the address, ${message}.`;
  }
  return errors;
}
