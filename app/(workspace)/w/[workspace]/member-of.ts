import { forbidden, notFound } from 'next/navigation';
import { cache } from 'react';
import type { UserActor } from '@/lib/actor';
import { findWorkspaceForUser, type Membership } from '@/lib/auth/membership';
import { requireUser } from '@/lib/auth/session';
import { hasRole } from '@/lib/contract/members';

/** Asked once a request, however many layouts and pages ask. */
export const findMembership = cache(findWorkspaceForUser);

/**
 * The signed-in user and the workspace of the address. Every page and action asks it itself: a layout is not
 * rendered again when one goes from page to page, so it guards nothing.
 *
 * @returns never for others: who is not signed in goes to sign-in, who is no member gets the page of what does not
 *   exist
 */
export async function memberOf(slug: string): Promise<{ user: UserActor; workspace: Membership }> {
  const user = await requireUser();
  const workspace = await findMembership(slug, user.id);
  return workspace === null ? notFound() : { user, workspace };
}

/** As `memberOf`, for a page that is for admins: other members get the page that says so, with its status 403. */
export async function adminOf(slug: string): ReturnType<typeof memberOf> {
  const found = await memberOf(slug);
  if (!hasRole(found.workspace.role, 'admin')) forbidden();
  return found;
}
