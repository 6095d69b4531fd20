import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { UserActor } from '@/lib/actor';
import { hasRole } from '@/lib/contract/members';
import { type RequestContext, requestContext } from '@/lib/http/request-context';
import { memberOf } from './member-of';

/**
 * The caller of an action on a page for admins. Whoever is none (any more) is led to the page, which says so.
 *
 * @param path of that page below the workspace
 */
export async function actingAdmin(
  slug: string,
  path: string,
): Promise<{ workspaceId: string; actor: UserActor; origin: RequestContext }> {
  const { user: actor, workspace } = await memberOf(slug);
  if (!hasRole(workspace.role, 'admin')) redirect(`/w/${workspace.slug}${path}`);
  return { workspaceId: workspace.id, actor, origin: requestContext({ headers: await headers() }) };
}
