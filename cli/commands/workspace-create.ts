import { z } from 'zod';
import { findWorkspaceForUser } from '../../lib/auth/session';
import { findOrCreateUser } from '../../lib/auth/sign-in';
import { CreateWorkspace, Email } from '../../lib/contract/members';
import { inTransaction } from '../../lib/db/client';
import { createWorkspaceIn } from '../../lib/workspace/create';
import { command, operator } from '../command';
import { warnOfKnownAddress } from '../known-address';

/** Creates a workspace. If the command is repeated for the same owner, returns the existing workspace. */
export const workspaceCreate = command({
  summary: 'Create a workspace and its first owner',
  usage: '--slug acme --name "Acme" --owner owner@acme.test',
  options: z.strictObject({ ...CreateWorkspace.shape, owner: Email }),
  // Use a single transaction, so that rejecting the slug doesn't leave a newly created user behind.
  run({ slug, name, owner }) {
    return inTransaction(async (tx) => {
      const ownerId = await findOrCreateUser(tx, owner);
      await warnOfKnownAddress(tx, ownerId, owner);
      const existing = await findWorkspaceForUser(slug, ownerId);
      if (existing?.role === 'owner') {
        console.error(`${owner} owns the workspace "${slug}" already; nothing was changed`);
        return { workspace_id: existing.id, slug, owner_user_id: ownerId };
      }
      const workspace = await createWorkspaceIn(tx, { slug, name }, ownerId, operator());
      return { workspace_id: workspace.id, slug: workspace.slug, owner_user_id: ownerId };
    });
  },
});
