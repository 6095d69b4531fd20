/** Keeps the view that a reader has just deleted, in a cookie, so that it can be restored. */
import { cookies } from 'next/headers';
import { z } from 'zod';
import { type SavedView, ViewName, writeAddress } from '@/lib/audit/views';
import { cookieName } from '@/lib/auth/session';
import { getConfig } from '@/lib/config';

/** As long as other actions can be undone. */
const KEPT_SECONDS = 600;

/** The member who deleted the view. Another user of the same browser, and another workspace, find nothing. */
type Owner = { workspaceId: string; actor: { id: string } };

const KeptView = z.object({
  id: z.string(),
  workspace: z.string(),
  user: z.string(),
  name: ViewName,
  address: z.string().max(2000),
});

const nameOfCookie = () => cookieName(getConfig().publicUrl, 'deleted-view');

/** Keeps a view, or forgets the kept one. A browser ignores a cookie over 4 kB, and the page then offers no Undo. */
export async function keepDeletedView(owner: Owner, view: SavedView | null): Promise<void> {
  const kept: z.input<typeof KeptView> | null = view && {
    id: view.id,
    workspace: owner.workspaceId,
    user: owner.actor.id,
    name: view.name,
    address: writeAddress(view.address),
  };
  (await cookies()).set({
    name: nameOfCookie(),
    value: kept === null ? '' : Buffer.from(JSON.stringify(kept)).toString('base64url'),
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: getConfig().publicUrl.startsWith('https://'),
    maxAge: kept === null ? 0 : KEPT_SECONDS,
  });
}

/** Returns the view that this user has just deleted in this workspace; `null` if there is none. */
export async function readDeletedView({
  workspaceId,
  actor,
}: Owner): Promise<{ id: string; name: string; address: string } | null> {
  const value = (await cookies()).getAll().find(({ name }) => name === nameOfCookie())?.value ?? '';
  const kept = KeptView.safeParse(parse(Buffer.from(value, 'base64url').toString())).data;
  return kept?.workspace === workspaceId && kept.user === actor.id ? kept : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
