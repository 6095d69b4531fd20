import { forbidden, notFound } from 'next/navigation';
import { cache } from 'react';
import { applyZone } from '@/app/request';
import type { UserActor } from '@/lib/actor';
import { currentPage, requireUser } from '@/lib/auth/current-user';
import { findWorkspaceForUser, type Membership } from '@/lib/auth/session';
import { hasRole, type Role } from '@/lib/contract/members';

/** Returns the user's membership. It's cached, so layouts and pages of one request share one query. */
export const findMembership = cache(findWorkspaceForUser);

/**
 * Returns the signed-in user and the workspace named in the URL. Every page must call this function itself. A layout
 * can't guard its pages, because Next doesn't render it again when the user navigates between them.
 *
 * The page's times are then in the reader's zone.
 *
 * Returns only if the user is allowed to see the page. Signed-out visitors are redirected to sign-in, users outside the
 * workspace get a 404, and members whose role is too low get a 403.
 *
 * @param least the lowest role that is allowed to see the page
 */
export async function memberOf(
  slug: string,
  least: Role = 'member',
): Promise<{ user: UserActor; workspace: Membership }> {
  const user = await requireUser();
  await applyZone();
  const workspace = (await findMembership(slug, user.id)) ?? notFound();
  return hasRole(workspace.role, least) ? { user, workspace } : forbidden();
}

/**
 * Returns the path of the workspace named in the URL. Meant for error pages, because Next passes them no parameters.
 */
export async function workspacePath(): Promise<string> {
  return /^\/w\/[^/?]+/.exec(await currentPage())?.[0] ?? '/';
}
