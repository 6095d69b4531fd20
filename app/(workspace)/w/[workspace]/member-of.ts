import { forbidden, notFound } from 'next/navigation';
import { cache } from 'react';
import type { UserActor } from '@/lib/actor';
import { currentPage, requireUser } from '@/lib/auth/current-user';
import { findWorkspaceForUser, type Membership } from '@/lib/auth/session';
import { hasRole, type Role } from '@/lib/contract/members';

/** Reads the membership once per request, for all layouts and pages. */
export const findMembership = cache(findWorkspaceForUser);

/**
 * Returns the signed-in user and the workspace of the address. Every page calls this function itself. A layout guards
 * nothing, because it is not rendered again when the reader goes from page to page.
 *
 * @param least the role that the page requires
 * @returns never for others: visitors go to sign-in, outsiders get 404, and members below the role get 403
 */
export async function memberOf(
  slug: string,
  least: Role = 'member',
): Promise<{ user: UserActor; workspace: Membership }> {
  const user = await requireUser();
  const workspace = (await findMembership(slug, user.id)) ?? notFound();
  return hasRole(workspace.role, least) ? { user, workspace } : forbidden();
}

/** Returns the path of the workspace that the address names. Next passes no parameters to the pages of errors. */
export async function workspacePath(): Promise<string> {
  return /^\/w\/[^/?]+/.exec(await currentPage())?.[0] ?? '/';
}
