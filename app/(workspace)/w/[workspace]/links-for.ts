import type { Links } from '@/components/objects/links';
import type { Credential } from '@/lib/contract/credentials';
import { findMemberIds } from '@/lib/workspace/member-ids';

/** Returns what a page about keys or rules needs to link their creators and repositories. */
export async function linksFor(
  workspace: { id: string; slug: string },
  shown: readonly Pick<Credential, 'created_by'>[],
): Promise<Links> {
  return {
    workspacePath: `/w/${workspace.slug}`,
    memberIds: await findMemberIds(
      workspace.id,
      shown.map(({ created_by }) => created_by),
    ),
  };
}
