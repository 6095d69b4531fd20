'use server';

import { redirect } from 'next/navigation';
import { z } from 'zod';
import type { CreateWorkspaceState } from '@/components/first-run/create-workspace-form';
import { slugFromName } from '@/components/first-run/slug-from-name';
import { currentVerifiedEmail } from '@/lib/auth/current-user';
import { CreateWorkspace } from '@/lib/contract/members';
import { action, formAction } from '@/lib/http/action';
import { createWorkspace } from '@/lib/workspace/create';
import { acceptInvitation } from '@/lib/workspace/invitations';
import { NEW_PAGE } from './notices';

const NewWorkspace = z
  .object({ name: z.string().catch(''), slug: z.string().catch('') })
  .transform(({ name, slug }) => ({ name, slug: slug || slugFromName(name) }))
  .pipe(CreateWorkspace);

/** Creates the workspace and redirects to its GitHub page. */
export const createFirstWorkspace = formAction(
  { access: 'user', limits: { user: 'new_workspace' }, input: NewWorkspace },
  async ({ by, input }): Promise<CreateWorkspaceState> => {
    const { slug } = await createWorkspace(input, by.actor.id, by);
    redirect(`/w/${slug}/settings/github`);
  },
);

/** Accepts a pending invitation and redirects to the workspace that the user has joined. */
export const acceptWaitingInvitation = action(
  {
    access: 'user',
    page: NEW_PAGE,
    input: z.object({ invitation_id: z.string().catch('') }),
    refused: ({ code }) => (code === 'unauthenticated' ? 'verify' : undefined),
  },
  async ({ by, input }) => {
    const { workspace } = await acceptInvitation(input.invitation_id, by, await currentVerifiedEmail());
    return `/w/${workspace.slug}/settings/github`;
  },
);
