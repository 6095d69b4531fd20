import { z } from 'zod';
import { findOrCreateUser } from '../../lib/auth/sign-in';
import { Email, Role, Slug } from '../../lib/contract/members';
import { getDb } from '../../lib/db/client';
import { addMember } from '../../lib/workspace/members';
import { command, operator } from '../command';
import { findWorkspace } from '../find-workspace';
import { warnOfKnownAddress } from '../known-address';

export const memberAdd = command({
  summary: 'Add a member, or change the role of one; the user is created if there is none',
  usage: '--workspace acme --email x@acme.test --role member|admin|owner',
  options: z.strictObject({ workspace: Slug, email: Email, role: Role }),
  async run({ workspace, email, role }) {
    const { id } = await findWorkspace(workspace);
    const userId = await findOrCreateUser(getDb(), email);
    await warnOfKnownAddress(getDb(), userId, email);
    await addMember({ workspaceId: id, ...operator() }, userId, role);
    return { user_id: userId };
  },
});
