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
const backTo = (
  address: string,
  notice: 'view_saved' | 'view_exists' | 'view_deleted' | 'view_restored' | 'undo_over',
) => ({
  ...Object.fromEntries(Object.entries(readAddress(address)).map(([name, value]) => [name, value ?? null])),
  notice,
});

export const saveView = action(
  {
    access: 'admin',
    page: AUDIT_PAGE,
    input: z.object({ name: ViewName, address: Address, replaces: z.literal('1').optional() }),
    invalid: 'view_unnamed',
    refused: ({ code }) => (code === 'invalid_request' ? 'too_many_views' : undefined),
  },
  async ({ by, input }) => {
    const outcome = await save(by, input.name, input.address, input.replaces !== undefined);
    if (outcome === 'saved') return backTo(input.address, 'view_saved');
    // The name is in the URL, so that the page can offer to replace that view.
    return { ...backTo(input.address, 'view_exists'), view: input.name };
  },
);

export const deleteView = action(
  { access: 'admin', page: AUDIT_PAGE, input: z.object({ id: z.string(), address: Address }) },
  async ({ by, input }) => {
    await keepDeletedView(by, await remove(by, input.id));
    return backTo(input.address, 'view_deleted');
  },
);

/**
 * Restores the view that the reader has just deleted. The form only names it: if another tab has deleted another view
 * since, nothing is restored, and that tab can still undo.
 */
export const restoreView = action(
  { access: 'admin', page: AUDIT_PAGE, input: z.object({ id: z.string().catch(''), address: Address }) },
  async ({ by, input }) => {
    const view = await readDeletedView(by);
    if (view?.id !== input.id) return backTo(input.address, 'undo_over');
    const isRestored = await restore(by, view.name, view.address);
    await keepDeletedView(by, null);
    return backTo(input.address, isRestored ? 'view_restored' : 'undo_over');
  },
);
