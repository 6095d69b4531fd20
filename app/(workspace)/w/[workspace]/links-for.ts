import type { Links } from '@/components/objects/links';
import { findMemberIds } from '@/lib/workspace/member-ids';

/** Returns what a page needs to link these people, by their addresses, and the repositories of its workspace. */
export async function linksFor(
  workspace: { id: string; slug: string },
  emails: readonly (string | null)[],
): Promise<Links> {
  return {
    workspacePath: `/w/${workspace.slug}`,
    memberIds: await findMemberIds(workspace.id, emails),
  };
}
