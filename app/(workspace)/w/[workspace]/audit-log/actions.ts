'use server';

import { z } from 'zod';
import {
  readAddress,
  deleteView as remove,
  restoreView as restore,
  saveView as save,
  ViewName,
} from '@/lib/audit/views';
import { action } from '@/lib/http/action';
import { keepDeletedView, readDeletedView } from './deleted-view';
import { AUDIT_PAGE } from './notices';

/** The search that the page shows, so that it shows the same afterwards. */
const Address = z.string().max(2000).catch('');

/** Ends on the page with the same search, and says what was done. */
const backTo = (address: string, notice: 'view_saved' | 'view_deleted' | 'undone' | 'undo_over') => ({
  ...Object.fromEntries(Object.entries(readAddress(address)).map(([name, value]) => [name, value ?? null])),
  notice,
});

export const saveView = action(
  {
    access: 'admin',
    page: AUDIT_PAGE,
    input: z.object({ name: ViewName, address: Address }),
    invalid: 'view_unnamed',
    refused: ({ code }) => (code === 'invalid_request' ? 'too_many_views' : undefined),
  },
  async ({ by, input }) => {
    await save(by, input.name, input.address);
    return backTo(input.address, 'view_saved');
  },
);

export const deleteView = action(
  { access: 'admin', page: AUDIT_PAGE, input: z.object({ id: z.string(), address: Address }) },
  async ({ by, input }) => {
    await keepDeletedView(by, await remove(by, input.id));
    return backTo(input.address, 'view_deleted');
  },
);

/** Restores the view that the reader has just deleted. The form doesn't name it, and nor does the page's URL. */
export const restoreView = action(
  { access: 'admin', page: AUDIT_PAGE, input: z.object({ address: Address }) },
  async ({ by, input }) => {
    const view = await readDeletedView(by);
    const isRestored = view !== null && (await restore(by, view.name, view.address));
    await keepDeletedView(by, null);
    return backTo(input.address, isRestored ? 'undone' : 'undo_over');
  },
);
