'use server';

import { z } from 'zod';
import { CreateWorkspace } from '@/lib/contract/members';
import { action } from '@/lib/http/action';
import { readWorkspace } from '@/lib/workspace/api-keys-allowed';
import { deleteWorkspace } from '@/lib/workspace/close-workspace';
import { leaveWorkspace, transferOwnership } from '@/lib/workspace/ownership';
import { renameWorkspace } from '@/lib/workspace/rename-workspace';
import { eventOf } from '@/lib/workspace/undo';
import { UndoFields, undo } from '../../undo';
import { GENERAL_PAGE } from './notices';

export const rename = action(
  {
    access: 'owner',
    page: GENERAL_PAGE,
    input: z.object({ name: CreateWorkspace.shape.name }),
    invalid: 'bad_name',
  },
  async ({ by, input }) => {
    await renameWorkspace(by, input.name);
    return { notice: 'renamed', event: await eventOf(by, 'workspace.renamed') };
  },
);

export const undoRename = action({ access: 'owner', page: GENERAL_PAGE, input: UndoFields }, undo);

export const transfer = action(
  { access: 'owner', page: GENERAL_PAGE, input: z.object({ id: z.string() }) },
  async ({ by, input }) => {
    await transferOwnership(by, input.id);
    return { notice: 'transferred' };
  },
);

/** Ends the user's own membership, and redirects to another workspace of theirs. */
export const leave = action(
  {
    access: 'member',
    page: GENERAL_PAGE,
    input: z.object({}),
    refused: ({ code }) => (code === 'forbidden' ? 'last_owner' : undefined),
  },
  async ({ by }) => {
    await leaveWorkspace(by);
    return '/';
  },
);

/** Deletes the workspace, provided that the user typed its address correctly. */
export const deleteForever = action(
  { access: 'owner', page: GENERAL_PAGE, input: z.object({ confirmation: z.string().catch('') }) },
  async ({ by, input }) => {
    const { slug } = await readWorkspace(by.workspaceId);
    if (input.confirmation !== slug) return { notice: 'confirmation' };
    await deleteWorkspace(by);
    return '/';
  },
);
