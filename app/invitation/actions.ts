'use server';

import { z } from 'zod';
import { currentVerifiedEmail } from '@/lib/auth/current-user';
import { action } from '@/lib/http/action';
import { invitationOfLink } from '@/lib/workspace/invitation-links';
import { acceptInvitation } from '@/lib/workspace/invitations';
import { INVITATION_PAGE } from './notices';

/** Accepts the invitation behind a link, and redirects to the workspace that the user has joined. */
export const join = action(
  {
    access: 'user',
    page: INVITATION_PAGE,
    keep: ['token'],
    input: z.object({ token: z.string().catch('') }),
    refused: ({ code }) => (code === 'unauthenticated' ? 'verify' : undefined),
  },
  async ({ by, input }) => {
    const id = await invitationOfLink(input.token);
    const { workspace } = await acceptInvitation(id, by, await currentVerifiedEmail());
    return `/w/${workspace.slug}/settings/github`;
  },
);
